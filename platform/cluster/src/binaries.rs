//! Where the system keeps PostgreSQL.
use crate::{Error, Result};
use std::{
    ffi::OsStr,
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
        Self::installed_at(Path::new("/"), &std::env::var_os("PATH").unwrap_or_default())
    }

    /// The same of a machine with this root and these folders of programs.
    pub fn installed_at(root: &Path, path: &OsStr) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for major in MAJORS {
            let folders = [
                format!("usr/lib/postgresql/{major}/bin"),
                format!("usr/pgsql-{major}/bin"),
                format!("opt/homebrew/opt/postgresql@{major}/bin"),
                format!("usr/local/opt/postgresql@{major}/bin"),
            ];
            let folders = folders.into_iter().map(|folder| root.join(folder));
            found.extend(folders.filter(|folder| complete(folder)).map(|folder| Self { major, folder }));
        }
        found.extend(in_path(path));
        found
    }

    /// For an existing data folder only its own major will do.
    pub fn choose(needed: Option<u32>) -> Result<Self> {
        Self::choose_of(Self::installed(), needed)
    }

    fn choose_of(installed: Vec<Self>, needed: Option<u32>) -> Result<Self> {
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

fn in_path(path: &OsStr) -> Option<Binaries> {
    // Links are followed: PostgreSQL finds its libraries from where the program really lies.
    let real = |folder: PathBuf| fs::canonicalize(folder.join("postgres")).ok()?.parent().map(Path::to_owned);
    let folder = std::env::split_paths(path).filter_map(real).find(|folder| complete(folder))?;
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
    use std::os::unix::fs::PermissionsExt;

    /// The root of a machine that does not exist, with programs in it; deleted at the end.
    struct Root(PathBuf);

    impl Root {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("huella-raiz-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            Self(root)
        }
        /// `postgres` says this version.
        fn with(self, folder: &str, programs: &[&str], version: &str) -> Self {
            let folder = self.0.join(folder);
            fs::create_dir_all(&folder).expect("made");
            let text = self.0.join("programa.sh");
            fs::write(&text, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).expect("written");
            fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).expect("a program");
            for program in programs {
                // By another process: what this one has open for writing cannot be run by any child of it.
                assert!(Command::new("cp").arg(&text).arg(folder.join(program)).status().expect("cp").success());
            }
            self
        }
        fn majors(&self, path: &str) -> Vec<u32> {
            Binaries::installed_at(&self.0, self.0.join(path).as_os_str()).iter().map(|found| found.major).collect()
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const ALL: [&str; 4] = ["initdb", "postgres", "pg_ctl", "psql"];

    #[test]
    fn the_programs_are_found_where_systems_keep_them_the_preferred_major_first() {
        for folder in
            ["usr/lib/postgresql/16/bin", "usr/pgsql-16/bin", "opt/homebrew/opt/postgresql@16/bin", "usr/local/opt/postgresql@16/bin"]
        {
            assert_eq!(Root::new("uno").with(folder, &ALL, "16.1").majors("nada"), [16], "{folder}");
        }
        let several = Root::new("varios");
        let several = several.with("usr/lib/postgresql/15/bin", &ALL, "15.1").with("usr/lib/postgresql/17/bin", &ALL, "17.1");
        assert_eq!(several.majors("nada"), [17, 15]);
        // Half an installation, such as the client's package leaves, is none; nor is one that is too old.
        assert!(Root::new("medio").with("usr/lib/postgresql/16/bin", &["psql", "postgres"], "16.1").majors("nada").is_empty());
        assert!(Root::new("viejo").with("usr/lib/postgresql/14/bin", &ALL, "14.1").majors("nada").is_empty());
        // In the path it says itself what it is.
        assert_eq!(Root::new("ruta").with("bin", &ALL, "16.4").majors("bin"), [16]);
        assert!(Root::new("ruta-vieja").with("bin", &ALL, "14.4").majors("bin").is_empty());
    }

    #[test]
    fn what_is_missing_is_said_with_its_package() {
        let none = Binaries::choose_of(Vec::new(), None).expect_err("nothing there").to_string();
        assert!(none.contains("PostgreSQL 15, 16 ni 17") && none.contains("apt-get install postgresql"), "{none}");
        let root = Root::new("otra").with("usr/lib/postgresql/17/bin", &ALL, "17.1");
        let installed = || Binaries::installed_at(&root.0, OsStr::new(""));
        assert_eq!(Binaries::choose_of(installed(), None).expect("there").major, 17);
        let other = Binaries::choose_of(installed(), Some(15)).expect_err("another major").to_string();
        assert!(other.contains("PostgreSQL 15") && other.contains("apt-get install postgresql-15") && other.contains("--fresh"), "{other}");
    }

    #[test]
    fn the_major_is_read_from_the_version_line() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 17beta1"), None);
        assert_eq!(major_in(""), None);
    }
}
