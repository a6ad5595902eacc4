//! Where somebody writes plugins: a folder of their own, and the tool.
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Deleted at the end.
pub struct Casa(PathBuf);

impl Drop for Casa {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Casa {
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("huella-casa-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

/// `huella-plugin replay`, which stands beside the server: whether it was the same again, and all that it said.
pub fn replay(component: &Path, run: &Path, config: &Path) -> (bool, String) {
    let server = PathBuf::from(std::env::var_os("HUELLA_BIN").expect("HUELLA_BIN: run `cargo xtask test`"));
    let mut tool = Command::new(server.with_file_name("huella-plugin"));
    let Output { status, stdout, stderr } =
        tool.arg("replay").arg(component).arg(run).arg("--config").arg(config).output().expect("huella-plugin");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}
