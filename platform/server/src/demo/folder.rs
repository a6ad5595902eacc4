//! The folder of one demonstration: used by one process at a time, and made anew on request.
use anyhow::{Context, Result, bail};
use cluster::FolderLock;
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// All that the demonstration ever writes into the folder, beside the database; `--fresh` deletes exactly this.
const OURS: [&str; 11] = [
    "conexion.env",
    "demo.clave",
    "correo",
    "s3",
    "s3.clave",
    "s3.puerto",
    "smtp.puerto",
    "correo.puerto",
    "claves",
    "huella_roles",
    "huella.log",
];

pub struct Folder {
    path: PathBuf,
    _lock: FolderLock,
}

impl Folder {
    /// Others may pass through (the database's user has to) but not look: every secret inside has mode 0600.
    pub fn open(path: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o711).create(path);
        made.with_context(|| format!("no se pudo crear la carpeta {}", path.display()))?;
        let path = fs::canonicalize(path).with_context(|| format!("no se pudo abrir la carpeta {}", path.display()))?;
        let lock = FolderLock::take(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// As an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A folder in it that nobody else enters.
    pub fn make(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.with_context(|| format!("no se pudo crear la carpeta {}", path.display()))?;
        Ok(path)
    }

    /// Deletes what earlier demonstrations left, also a database that still runs.
    pub async fn clear(&self) -> Result<()> {
        let home = self.path.clone();
        tokio::task::spawn_blocking(move || cluster::destroy(&home)).await??;
        for name in OURS {
            let path = self.join(name);
            let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match gone {
                Err(error) if error.kind() != io::ErrorKind::NotFound => bail!("no se pudo borrar {}: {error}", path.display()),
                _ => {}
            }
        }
        Ok(())
    }
}
