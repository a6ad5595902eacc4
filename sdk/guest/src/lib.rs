//! How this machine compiles Rust to WebAssembly; std only, so that everybody can ask.
//!
//! Best is a toolchain that has the target's standard library. Where none can be downloaded, a compiler with the library's
//! sources makes it: Debian's packages `rustc-web` and `rust-web-src` are one, rustup's component `rust-src` another.
use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// What a plugin's `rust-version` asks for.
const OLDEST: (u32, u32) = (1, 95);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// The one that cargo uses anyway.
    Ready,
    /// This one, which makes the standard library first, once for each target directory.
    FromSource { rustc: PathBuf, linker: PathBuf },
}

impl Compiler {
    pub fn find() -> Option<Self> {
        let own = PathBuf::from(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        Self::find_of(own, "/usr/bin/rustc".into(), &env::var_os("PATH").unwrap_or_default())
    }

    /// `own` is the one that cargo uses, `packaged` where the system's packages put theirs.
    fn find_of(own: PathBuf, packaged: PathBuf, path: &OsStr) -> Option<Self> {
        if is_ready(&own) {
            return Some(Self::Ready);
        }
        let linker = linker(&own, path)?;
        let rustc = [own, packaged].into_iter().find(|rustc| has_sources(rustc) && is_recent(rustc))?;
        Some(Self::FromSource { rustc, linker })
    }

    /// What cargo is told after `build`.
    pub fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["--target", TARGET];
        if matches!(self, Self::FromSource { .. }) {
            arguments.push("-Zbuild-std=std,panic_abort");
        }
        arguments
    }

    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        match self {
            Self::Ready => Vec::new(),
            Self::FromSource { rustc, linker } => vec![
                ("RUSTC", rustc.into()),
                // -Z on a stable compiler.
                ("RUSTC_BOOTSTRAP", "1".into()),
                ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker.into()),
            ],
        }
    }
}

fn ask(rustc: &Path, arguments: &[&str]) -> Option<String> {
    let out = Command::new(rustc).args(arguments).output().ok().filter(|out| out.status.success())?;
    Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

fn is_ready(rustc: &Path) -> bool {
    let folder = ask(rustc, &["--print", "target-libdir", "--target", TARGET]);
    let library = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("libstd-");
    folder.and_then(|folder| std::fs::read_dir(folder).ok()).is_some_and(|files| files.flatten().any(library))
}

fn has_sources(rustc: &Path) -> bool {
    let sources = |sysroot: String| Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file();
    ask(rustc, &["--print", "sysroot"]).is_some_and(sources)
}

fn is_recent(rustc: &Path) -> bool {
    ask(rustc, &["--version"]).as_deref().and_then(version).is_some_and(|version| version >= OLDEST)
}

/// Of `rustc 1.96.0 (ac68faa20 2026-05-25)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("rustc ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// rustup's toolchains bring one; else LLVM's.
fn linker(rustc: &Path, path: &OsStr) -> Option<PathBuf> {
    let beside = ask(rustc, &["--print", "target-libdir"]).map(|folder| Path::new(&folder).join("../bin/rust-lld"));
    let in_path = |name: &str| env::split_paths(path).map(|folder| folder.join(name)).find(|path| path.is_file());
    beside.filter(|path| path.is_file()).or_else(|| ["rust-lld", "wasm-ld"].into_iter().find_map(in_path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    /// A compiler that only says where it keeps things.
    struct Toolchain(PathBuf);

    impl Toolchain {
        fn new(name: &str, version: &str) -> Self {
            let home = env::temp_dir().join(format!("huella-rustc-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&home);
            let made = Self(home);
            let script = format!(
                "#!/bin/sh\ncase \"$*\" in\n  --version) echo 'rustc {version} (x)';;\n  *sysroot*) echo '{0}';;\n  *{TARGET}*) echo '{0}/wasm/lib';;\n  *) echo '{0}/host/lib';;\nesac\n",
                made.0.display()
            );
            let text = made.put("rustc.sh", &script);
            fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).expect("a program");
            // By another process: what this one has open for writing cannot be run by any child of it.
            assert!(Command::new("cp").arg(text).arg(made.rustc()).status().expect("cp").success());
            made
        }
        fn put(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, text).expect("written");
            path
        }
        fn rustc(&self) -> PathBuf {
            self.0.join("rustc")
        }
        fn find(&self, packaged: &Path) -> Option<Compiler> {
            Compiler::find_of(self.rustc(), packaged.to_owned(), self.0.join("bin").as_os_str())
        }
    }

    impl Drop for Toolchain {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const SOURCES: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";

    #[test]
    fn a_compiler_is_ready_with_the_library_or_makes_it_from_its_sources() {
        let nowhere = Path::new("/nada/rustc");
        let own = Toolchain::new("propio", "1.96.0");
        assert_eq!(own.find(nowhere), None, "neither library nor sources");
        own.put(SOURCES, "");
        assert_eq!(own.find(nowhere), None, "nothing links");
        let linker = own.put("bin/wasm-ld", "");
        let rustc = own.rustc();
        assert_eq!(own.find(nowhere), Some(Compiler::FromSource { rustc, linker }));
        // rustup's own linker comes first.
        own.put("host/lib/nada", "");
        own.put("host/bin/rust-lld", "");
        assert!(matches!(own.find(nowhere), Some(Compiler::FromSource { linker, .. }) if linker.ends_with("bin/rust-lld")));
        own.put("wasm/lib/libstd-1.rlib", "");
        assert_eq!(own.find(nowhere), Some(Compiler::Ready));
    }

    #[test]
    fn the_packaged_compiler_will_do_if_it_is_recent() {
        let own = Toolchain::new("sin-fuentes", "1.96.0");
        let linker = own.put("bin/rust-lld", "");
        for (version, will_do) in [("1.95.0", true), ("1.94.9", false), ("1.63.0", false)] {
            let packaged = Toolchain::new(&format!("paquete-{version}"), version);
            packaged.put(SOURCES, "");
            let rustc = packaged.rustc();
            let expected = will_do.then(|| Compiler::FromSource { rustc, linker: linker.clone() });
            assert_eq!(own.find(&packaged.rustc()), expected, "{version}");
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"), Some((1, 96)));
        assert!(version("rustc 1.100.0").is_some_and(|version| version >= OLDEST));
        assert!(version("rustc 1.63.0").is_some_and(|version| version < OLDEST));
        assert_eq!(version("clang 14"), None);
    }

    #[test]
    fn only_a_compiler_from_source_changes_what_cargo_does() {
        assert_eq!((Compiler::Ready.arguments().len(), Compiler::Ready.variables().len()), (2, 0));
        let made = Compiler::FromSource { rustc: "/usr/bin/rustc".into(), linker: "/x/rust-lld".into() };
        assert!(made.arguments().contains(&"-Zbuild-std=std,panic_abort"));
        assert!(made.variables().contains(&("RUSTC", "/usr/bin/rustc".into())));
    }
}
