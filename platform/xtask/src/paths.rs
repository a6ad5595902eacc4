use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// The workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The folders of this machine's programs.
pub fn path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

pub fn in_path(program: &str) -> Option<PathBuf> {
    find(&path(), program)
}

/// In these folders.
pub fn find(path: &OsStr, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(program)).find(|path| path.is_file())
}
