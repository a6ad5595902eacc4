//! Node for the portal: the machine's own where it is recent enough, else a pinned one in `target/`.
use crate::{
    job::{Job, say},
    packages::{Need, ensure},
    paths,
};
use anyhow::{Result, bail};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is brought where the system's is too old; with an npm of its own, because Debian's is of the same age.
const NODE: &str = "22.20.0";
const NPM: &str = "11.6.1";
/// A copy of the lockfile that `node_modules` was made from.
const MARK: &str = ".huella-package-lock.json";

/// A Node that Vite runs on.
pub struct Node {
    /// Stands before the machine's own programs; none: those are good.
    folder: Option<PathBuf>,
}

impl Node {
    pub fn find() -> Result<Self> {
        if version("node").is_some_and(|found| recent(&found)) && paths::in_path("npm").is_some() {
            return Ok(Self { folder: None });
        }
        ensure(&[Need::Node])?;
        if version("node").is_some_and(|found| recent(&found)) {
            return Ok(Self { folder: None });
        }
        let home = paths::target().join(format!("node-{NODE}"));
        let folder = home.join("node_modules/.bin");
        if !folder.join("node").exists() || !folder.join("npm").exists() {
            say(&format!("el Node de este sistema es anterior al que Vite necesita; se trae Node {NODE} a {}", home.display()));
            fs::create_dir_all(&home)?;
            let packages = [format!("node@{NODE}"), format!("npm@{NPM}")];
            let install = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix"].map(OsString::from);
            Job::new("trayendo Node", "npm").args(install).args([&home]).args(packages).ok()?;
        }
        let found = version(folder.join("node"));
        if !found.as_deref().is_some_and(recent) {
            bail!("no se pudo traer Node {NODE}; instale Node 20.19 o 22.12 en adelante, con npm: https://nodejs.org");
        }
        Ok(Self { folder: Some(folder) })
    }

    /// A program of Node's (`npm`, `npx`) in a folder of the workspace.
    pub fn job(&self, label: &str, program: &str, folder: &Path) -> Job {
        let job = Job::new(label, program).dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        let Some(own) = &self.folder else { return job };
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own.clone()).chain(std::env::split_paths(&rest)));
        job.env("PATH", path.unwrap_or(rest))
    }

    /// `npm ci`, unless `node_modules` was made from this very lockfile.
    pub fn install(&self, folder: &Path) -> Result<()> {
        let lock = fs::read(folder.join("package-lock.json"))?;
        let mark = folder.join("node_modules").join(MARK);
        if fs::read(&mark).is_ok_and(|made| made == lock) {
            return Ok(());
        }
        self.job("instalando dependencias de Node", "npm", folder).args(["ci", "--no-audit", "--no-fund"]).ok()?;
        fs::write(mark, lock)?;
        Ok(())
    }
}

fn version(program: impl AsRef<std::ffi::OsStr>) -> Option<String> {
    let out = Command::new(program).arg("--version").output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// As Vite 8 asks: ^20.19 or ≥ 22.12.
fn recent(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        (20, minor) => minor >= 19,
        (22, minor) => minor >= 12,
        (major, _) => major > 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_vite_runs_on_is_recent() {
        for good in ["v20.19.0", "v22.12.0", "v24.0.1"] {
            assert!(recent(good), "{good}");
        }
        for old in ["v18.20.4", "v20.18.3", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!recent(old), "{old}");
        }
    }
}
