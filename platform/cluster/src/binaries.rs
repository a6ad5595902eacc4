//! Where the system keeps PostgreSQL.
use crate::{Error, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Supported majors, the preferred one first.
pub const MAJORS: [u32; 3] = [17, 16, 15];

/// The programs of one PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub major: u32,
    folder: PathBuf,
}

impl Binaries {
    /// All that this machine has, the preferred one first.
    pub fn installed() -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for major in MAJORS {
            let folders = [
                format!("/usr/lib/postgresql/{major}/bin"),
                format!("/usr/pgsql-{major}/bin"),
                format!("/opt/homebrew/opt/postgresql@{major}/bin"),
                format!("/usr/local/opt/postgresql@{major}/bin"),
            ];
            found.extend(folders.into_iter().map(PathBuf::from).filter(|folder| complete(folder)).map(|folder| Self { major, folder }));
        }
        found.extend(in_path());
        found
    }

    /// For an existing data folder only its own major will do.
    pub fn choose(needed: Option<u32>) -> Result<Self> {
        let installed = Self::installed();
        let Some(major) = needed else {
            return installed.into_iter().next().ok_or_else(|| {
                Error::new("No se encontró PostgreSQL 15, 16 ni 17 (initdb y postgres). En Debian o Ubuntu: apt-get install postgresql")
            });
        };
        installed.into_iter().find(|binaries| binaries.major == major).ok_or_else(|| {
            Error::new(format!(
                "Los datos son de PostgreSQL {major}, que no está instalado. Instale esa versión (apt-get install postgresql-{major}) \
                 o empiece de nuevo con --fresh"
            ))
        })
    }

    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

fn complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl", "psql"].iter().all(|program| folder.join(program).is_file())
}

fn in_path() -> Option<Binaries> {
    let path = std::env::var_os("PATH")?;
    // Links are followed: PostgreSQL finds its libraries from where the program really lies.
    let real = |folder: PathBuf| fs::canonicalize(folder.join("postgres")).ok()?.parent().map(Path::to_owned);
    let folder = std::env::split_paths(&path).filter_map(real).find(|folder| complete(folder))?;
    let out = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = major_in(&String::from_utf8_lossy(&out.stdout))?;
    MAJORS.contains(&major).then_some(Binaries { major, folder })
}

fn major_in(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_is_read_from_the_version_line() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 17beta1"), None);
        assert_eq!(major_in(""), None);
    }
}
