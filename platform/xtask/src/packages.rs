//! What the machine must have, and how to get it.
use crate::{
    job::{Job, say},
    paths::in_path,
};
use anyhow::{Result, bail};
use cluster::Binaries;
use std::{fs, path::Path, process::Command};

/// Something that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Compiler,
    Certificates,
    Postgres,
    Redis,
    /// The tools of LLVM in the version of this rustc.
    Coverage,
}

impl Need {
    fn present(self) -> bool {
        match self {
            Self::Compiler => in_path("cc").is_some(),
            Self::Certificates => ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
                .iter()
                .any(|path| Path::new(path).exists()),
            Self::Postgres => Binaries::installed().iter().any(has_extensions),
            Self::Redis => in_path("redis-server").is_some(),
            Self::Coverage => crate::coverage::tool("llvm-profdata").is_ok() && crate::coverage::tool("llvm-cov").is_ok(),
        }
    }

    fn packages(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Compiler => &["gcc", "libc6-dev"],
            Self::Certificates => &["ca-certificates"],
            Self::Postgres => &["postgresql", "postgresql-contrib"],
            Self::Redis => &["redis-server"],
            Self::Coverage => return vec![format!("llvm-{}", crate::coverage::llvm_major().unwrap_or_default())],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn described(self) -> &'static str {
        match self {
            Self::Compiler => "un compilador de C (cc)",
            Self::Certificates => "los certificados raíz (ca-certificates)",
            Self::Postgres => "PostgreSQL 15, 16 o 17: servidor (initdb, postgres, pg_ctl), psql y extensiones contrib",
            Self::Redis => "redis-server 6 o posterior, en el PATH",
            Self::Coverage => "llvm-profdata y llvm-cov de la misma versión de LLVM que rustc",
        }
    }
}

/// Debian keeps the extensions in the server's package, others in one of their own.
fn has_extensions(binaries: &Binaries) -> bool {
    let share = Command::new(binaries.path("pg_config")).arg("--sharedir").output().ok();
    let share = share.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).filter(|path| !path.is_empty());
    let share = share.unwrap_or_else(|| format!("/usr/share/postgresql/{}", binaries.major));
    ["btree_gist", "btree_gin", "pg_trgm"].iter().all(|name| Path::new(&share).join(format!("extension/{name}.control")).is_file())
}

/// Installs what is missing, or says exactly what to install.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.present()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.iter().map(|need| format!("  - {}", need.described())).collect::<Vec<_>>().join("\n");
    if !known_system() {
        bail!("falta, y este sistema no es Debian 12 o 13 ni Ubuntu 24.04; instale:\n{list}");
    }
    let packages: Vec<String> = missing.iter().flat_map(|need| need.packages()).collect();
    say(&format!("faltan paquetes; se instalan: {} (ningún servicio queda en marcha)", packages.join(" ")));
    install(&packages)?;
    let still: Vec<&str> = missing.iter().filter(|need| !need.present()).map(|need| need.described()).collect();
    if !still.is_empty() {
        bail!("se instalaron {}, pero aún falta: {}", packages.join(" "), still.join("; "));
    }
    Ok(())
}

fn known_system() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.map(|text| text.trim_matches('"').to_owned()).unwrap_or_default()
    };
    let family = format!("{} {}", value("ID"), value("ID_LIKE"));
    family.split_whitespace().any(|name| name == "debian" || name == "ubuntu") && in_path("apt-get").is_some()
}

fn install(packages: &[String]) -> Result<()> {
    const SCRIPT: &str = include_str!("install.sh");
    let arguments = ["-c", SCRIPT, "instalar"].map(str::to_owned).into_iter().chain(packages.iter().cloned());
    if cluster::is_root() {
        Job::new("instalando paquetes", "sh").args(arguments).ok()?;
        return Ok(());
    }
    let by_hand = format!("sudo apt-get install {}", packages.join(" "));
    if in_path("sudo").is_none() {
        bail!("hace falta ser root para instalar y no hay sudo; pida que se ejecute: {by_hand}");
    }
    // In the foreground, because it may ask for the password at the terminal.
    if !Command::new("sudo").arg("-v").status()?.success() {
        bail!("sudo no dio permiso; ejecute: {by_hand}");
    }
    Job::new("instalando paquetes", "sudo").args(["-n", "sh"].map(str::to_owned).into_iter().chain(arguments)).ok()?;
    Ok(())
}
