//! What the machine must have, and how to get it.
use crate::{
    job::{Job, say},
    paths::in_path,
};
use anyhow::{Result, bail};
use cluster::Binaries;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Something that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Compiler,
    Certificates,
    Postgres,
    Redis,
    /// The tools of LLVM in the version of this rustc.
    Coverage,
    /// A compiler to WebAssembly.
    Guests,
    /// Node and npm, in whatever version.
    Node,
    /// Python with its environments apart.
    Python,
    Browser,
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
            Self::Guests => guest::Compiler::find().is_some(),
            Self::Node => in_path("node").is_some() && in_path("npm").is_some(),
            Self::Python => in_path("python3").is_some_and(|python| {
                let has = Command::new(python).args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
                has.is_ok_and(|status| status.success())
            }),
            Self::Browser => crate::e2e::browser().is_some(),
        }
    }

    fn packages(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Compiler => &["gcc", "libc6-dev"],
            Self::Certificates => &["ca-certificates"],
            Self::Postgres => &["postgresql", "postgresql-contrib"],
            Self::Redis => &["redis-server"],
            Self::Node => &["nodejs", "npm"],
            Self::Python => &["python3", "python3-venv"],
            Self::Browser => &["chromium"],
            // Without the target's library, which they build from its sources.
            Self::Guests => &["rustc-web", "libstd-rust-web-dev", "rust-web-src"],
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
            Self::Guests => "un compilador de Rust a WebAssembly (wasm32-unknown-unknown)",
            Self::Node => "Node 20.19 o 22.12 en adelante, con npm",
            Self::Python => "Python 3.10 o posterior, con venv",
            Self::Browser => "Chromium (o su ruta en HUELLA_CHROMIUM)",
        }
    }

    /// What it is called where nobody installs it for us.
    fn elsewhere(self) -> &'static str {
        match self {
            Self::Compiler => "Fedora: gcc; Arch: gcc; macOS: xcode-select --install",
            Self::Certificates => "Fedora y Arch: ca-certificates",
            Self::Postgres => "Fedora: postgresql-server postgresql-contrib; Arch: postgresql; Homebrew: postgresql@17",
            Self::Redis => "Fedora: valkey-compat-redis; Arch: valkey; Homebrew: redis",
            Self::Coverage => "con rustup: rustup component add llvm-tools",
            Self::Guests => "con rustup: rustup target add wasm32-unknown-unknown",
            Self::Node => "Fedora: nodejs npm; Arch: nodejs npm; Homebrew: node",
            Self::Python => "Fedora: python3; Arch: python; Homebrew: python",
            Self::Browser => "Fedora y Arch: chromium; Ubuntu: snap install chromium; macOS: HUELLA_CHROMIUM con la ruta de Chrome",
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
    if !known_system() {
        bail!("falta algo que solo se instala por sí mismo en Debian 12 o 13 y Ubuntu 24.04; instale:\n{}", by_hand(&missing));
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

/// One line for each need, with its packages here and there.
fn by_hand(missing: &[Need]) -> String {
    let line = |need: &Need| {
        let debian = need.packages().join(" ");
        format!("  - {}\n    Debian y Ubuntu: {debian}; {}", need.described(), need.elsewhere())
    };
    missing.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn known_system() -> bool {
    known(&fs::read_to_string("/etc/os-release").unwrap_or_default()) && in_path("apt-get").is_some()
}

/// The one that has a recent `rustc-web` with its sources.
pub fn is_debian_12() -> bool {
    debian_12(&fs::read_to_string("/etc/os-release").unwrap_or_default())
}

fn debian_12(release: &str) -> bool {
    matches!((value(release, "ID"), value(release, "VERSION_ID")), (Some("debian"), Some("12")))
}

/// Of a line `NAME=value` or `NAME="value"`.
fn value<'a>(release: &'a str, name: &str) -> Option<&'a str> {
    let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.map(|text| text.trim_matches(['"', '\'']))
}

/// Exactly the systems on which the installation is tested: another release has other package names and versions.
fn known(release: &str) -> bool {
    matches!((value(release, "ID"), value(release, "VERSION_ID")), (Some("debian"), Some("12" | "13")) | (Some("ubuntu"), Some("24.04")))
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
    if !sudo_is_open()? {
        bail!("sudo no dio permiso; ejecute: {by_hand}");
    }
    Job::new("instalando paquetes", "sudo").args(["-n", "sh"].map(str::to_owned).into_iter().chain(arguments)).ok()?;
    Ok(())
}

/// `sudo -v` may ask for a password even where NOPASSWD is set for the command itself, so it comes second.
fn sudo_is_open() -> Result<bool> {
    if Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status()?.success() {
        return Ok(true);
    }
    // In the foreground, because it may ask for the password at the terminal.
    Ok(Command::new("sudo").arg("-v").status()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tested_systems_are_known() {
        assert!(known("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n"));
        assert!(known("ID=debian\nVERSION_ID=13\n") && known("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n"));
        for other in [
            "ID=debian\nVERSION_ID=11\n",
            "ID=debian\n",
            "ID=ubuntu\nVERSION_ID=\"22.04\"\n",
            "ID=ubuntu\nVERSION_ID=\"24.10\"\n",
            "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"12\"\n",
            "",
        ] {
            assert!(!known(other), "{other}");
        }
    }

    #[test]
    fn only_debian_12_is_known_to_have_a_compiler_for_plugins() {
        assert!(debian_12("VERSION_ID=\"12\"\nID=debian\n"));
        assert!(!debian_12("ID=debian\nVERSION_ID=13\n") && !debian_12("ID=ubuntu\nVERSION_ID=\"24.04\"\n") && !debian_12(""));
    }

    #[test]
    fn elsewhere_every_package_is_named() {
        let text = by_hand(&[Need::Postgres, Need::Redis]);
        for name in ["PostgreSQL 15, 16 o 17", "postgresql postgresql-contrib", "postgresql-server", "postgresql@17", "redis-server"] {
            assert!(text.contains(name), "{name} is missing in\n{text}");
        }
    }
}
