//! What the machine must have, and how to get it.
use crate::{
    job::{Job, say},
    paths::in_path,
};
use anyhow::{Result, bail};
use cluster::Binaries;
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
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
    /// What the README's tour is typed with.
    Tour,
}

/// Where things are looked for.
struct Machine {
    root: PathBuf,
    /// Folders of programs.
    path: OsString,
}

impl Machine {
    fn this() -> Self {
        Self { root: "/".into(), path: crate::paths::path() }
    }
    fn has(&self, program: &str) -> bool {
        crate::paths::find(&self.path, program).is_some()
    }
    fn os_release(&self) -> String {
        fs::read_to_string(self.root.join("etc/os-release")).unwrap_or_default()
    }
}

impl Need {
    fn present(self, machine: &Machine) -> bool {
        match self {
            Self::Compiler => machine.has("cc"),
            Self::Certificates => ["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem"]
                .iter()
                .any(|path| machine.root.join(path).exists()),
            Self::Postgres => {
                let installed = Binaries::installed_at(&machine.root, &machine.path);
                installed.iter().any(|binaries| has_extensions(binaries, &machine.root))
            }
            Self::Redis => machine.has("redis-server"),
            Self::Coverage => crate::coverage::tool("llvm-profdata").is_ok() && crate::coverage::tool("llvm-cov").is_ok(),
            Self::Guests => guest::Compiler::find().is_some(),
            Self::Node => machine.has("node") && machine.has("npm"),
            Self::Python => crate::paths::find(&machine.path, "python3").is_some_and(|python| {
                let has = Command::new(python).args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
                has.is_ok_and(|status| status.success())
            }),
            // Its place may be given.
            Self::Browser => crate::e2e::browser_in(&machine.path).is_some() || crate::e2e::browser().is_some(),
            Self::Tour => ["bash", "curl", "jq"].iter().all(|program| machine.has(program)),
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
            Self::Tour => &["bash", "curl", "jq"],
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
            Self::Tour => "bash, curl y jq, para el recorrido del README y el tutorial",
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
            Self::Tour => "Fedora, Arch y Homebrew: bash curl jq",
            Self::Browser => "Fedora y Arch: chromium; macOS: HUELLA_CHROMIUM con la ruta de Chrome",
        }
    }

    /// Which systems have those packages.
    fn here(self) -> &'static str {
        match self {
            Self::Browser => "Debian",
            Self::Guests => "Debian 12",
            _ => "Debian y Ubuntu",
        }
    }
}

/// Debian keeps the extensions in the server's package, others in one of their own.
fn has_extensions(binaries: &Binaries, root: &Path) -> bool {
    has_each(binaries, root, &["btree_gist", "btree_gin", "pg_trgm"])
}

/// Whether the PostgreSQL that a new cluster is made with can count what its statements cost.
pub fn counts_statements() -> bool {
    Binaries::choose(None).is_ok_and(|binaries| has_each(&binaries, Path::new("/"), &["pg_stat_statements"]))
}

fn has_each(binaries: &Binaries, root: &Path, extensions: &[&str]) -> bool {
    let share = Command::new(binaries.path("pg_config")).arg("--sharedir").output().ok();
    let share = share.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).filter(|path| !path.is_empty());
    let share = share.map_or_else(|| root.join(format!("usr/share/postgresql/{}", binaries.major)), PathBuf::from);
    extensions.iter().all(|name| share.join(format!("extension/{name}.control")).is_file())
}

/// Installs what is missing, or says exactly what to install.
pub fn ensure(needs: &[Need]) -> Result<()> {
    ensure_on(&Machine::this(), needs)
}

fn ensure_on(machine: &Machine, needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.present(machine)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !(known(&machine.os_release()) && machine.has("apt-get")) {
        bail!("falta algo que solo se instala por sí mismo en Debian 12 o 13 y Ubuntu 24.04; instale:\n{}", by_hand(&missing));
    }
    let packages: Vec<String> = missing.iter().flat_map(|need| need.packages()).collect();
    say(&format!("faltan paquetes; se instalan: {} (ningún servicio queda en marcha)", packages.join(" ")));
    install(&packages)?;
    let still: Vec<&str> = missing.iter().filter(|need| !need.present(machine)).map(|need| need.described()).collect();
    if !still.is_empty() {
        bail!("se instalaron {}, pero aún falta: {}", packages.join(" "), still.join("; "));
    }
    Ok(())
}

/// One line for each need, with its packages here and there.
fn by_hand(missing: &[Need]) -> String {
    let line = |need: &Need| {
        let debian = need.packages().join(" ");
        format!("  - {}\n    {}: {debian}; {}", need.described(), need.here(), need.elsewhere())
    };
    missing.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The one that has a recent `rustc-web` with its sources.
pub fn is_debian_12() -> bool {
    debian_12(&Machine::this().os_release())
}

/// The one that has no package of a browser.
pub fn is_ubuntu() -> bool {
    let release = Machine::this().os_release();
    known(&release) && value(&release, "ID") == Some("ubuntu")
}

/// Whether this program is more than a note that says how to get it.
pub fn runs(program: &Path) -> bool {
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Before another program installs something for us: it must not ask for a password itself, since it has no terminal.
pub fn may_install(by_hand: &str) -> Result<()> {
    if cluster::is_root() {
        return Ok(());
    }
    if in_path("sudo").is_none() {
        bail!("hace falta ser root para instalar y no hay sudo; pida que se ejecute: {by_hand}");
    }
    if !sudo_is_open()? {
        bail!("sudo no dio permiso; ejecute: {by_hand}");
    }
    Ok(())
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
    may_install(&format!("sudo apt-get install {}", packages.join(" ")))?;
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

    /// A machine that has only what a test puts there; deleted at the end.
    struct Otra(Machine);

    impl Otra {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("huella-maquina-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            Self(Machine { path: root.join("bin").into(), root })
        }
        fn put(self, path: &str, text: &str) -> Self {
            let path = self.0.root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
            self
        }
        fn with(self, paths: &[&str]) -> Self {
            paths.iter().fold(self, |machine, path| machine.put(path, ""))
        }
        fn missing(&self, needs: &[Need]) -> String {
            ensure_on(&self.0, needs).map_or_else(|error| error.to_string(), |()| String::new())
        }
    }

    impl Drop for Otra {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.root);
        }
    }

    const POSTGRES: [&str; 7] = [
        "usr/lib/postgresql/16/bin/initdb",
        "usr/lib/postgresql/16/bin/postgres",
        "usr/lib/postgresql/16/bin/pg_ctl",
        "usr/lib/postgresql/16/bin/psql",
        "usr/share/postgresql/16/extension/btree_gist.control",
        "usr/share/postgresql/16/extension/btree_gin.control",
        "usr/share/postgresql/16/extension/pg_trgm.control",
    ];

    /// What brings each, what says so, and what a person installs elsewhere.
    const ALL: [(Need, &[&str], &[&str]); 7] = [
        (Need::Compiler, &["bin/cc"], &["un compilador de C", "gcc libc6-dev", "Fedora: gcc", "xcode-select --install"]),
        (Need::Certificates, &["etc/ssl/certs/ca-certificates.crt"], &["ca-certificates"]),
        (Need::Postgres, &POSTGRES, &["PostgreSQL 15, 16 o 17", "postgresql postgresql-contrib", "postgresql-server", "postgresql@17"]),
        (Need::Redis, &["bin/redis-server"], &["redis-server", "valkey", "Homebrew: redis"]),
        (Need::Node, &["bin/node", "bin/npm"], &["Node 20.19 o 22.12", "nodejs npm", "Homebrew: node"]),
        (Need::Browser, &["bin/google-chrome"], &["Chromium", "HUELLA_CHROMIUM", "Debian: chromium"]),
        (Need::Tour, &["bin/bash", "bin/curl", "bin/jq"], &["bash, curl y jq", "Homebrew: bash curl jq"]),
    ];

    #[test]
    fn each_thing_is_found_where_it_is_and_missed_where_it_is_not() {
        for (need, paths, _) in ALL {
            // Chromium may be given by this machine's environment.
            if need != Need::Browser {
                assert!(!need.present(&Otra::new(&format!("sin-{need:?}")).0), "{need:?} on a bare machine");
                let half = Otra::new(&format!("casi-{need:?}")).with(&paths[1..]);
                assert!(!need.present(&half.0), "{need:?} without {}", paths[0]);
            }
            assert!(need.present(&Otra::new(&format!("con-{need:?}")).with(paths).0), "{need:?}");
        }
    }

    #[test]
    fn elsewhere_exactly_what_is_missing_is_named_with_its_packages() {
        let needs: Vec<Need> = ALL.iter().map(|(need, ..)| *need).filter(|need| *need != Need::Browser).collect();
        let arch = Otra::new("arch").put("etc/os-release", "ID=arch\n");
        let text = arch.missing(&needs);
        assert!(text.starts_with("falta algo que solo se instala por sí mismo en Debian 12 o 13 y Ubuntu 24.04; instale:\n"), "{text}");
        for (_, _, words) in ALL.iter().filter(|(need, ..)| needs.contains(need)) {
            words.iter().for_each(|word| assert!(text.contains(word), "«{word}» is missing in\n{text}"));
        }
        // What is there is not asked for; and a Debian without its installer is no Debian.
        let some = Otra::new("algo").put("etc/os-release", "ID=debian\nVERSION_ID=12\n").with(&POSTGRES).with(&["bin/cc"]);
        let text = some.missing(&[Need::Compiler, Need::Postgres, Need::Redis]);
        assert!(text.contains("redis-server") && !text.contains("PostgreSQL") && !text.contains("compilador"), "{text}");
        assert_eq!(some.missing(&[Need::Compiler, Need::Postgres]), "");
    }

    #[test]
    fn every_need_says_what_it_is_called_here_and_elsewhere() {
        let others = [Need::Coverage, Need::Guests, Need::Python];
        let words = [
            "llvm-",
            "rustup component add llvm-tools",
            "Debian 12: rustc-web libstd-rust-web-dev rust-web-src",
            "rustup target add wasm32-unknown-unknown",
            "python3-venv",
        ];
        let text = by_hand(&others);
        words.iter().for_each(|word| assert!(text.contains(word), "«{word}» is missing in\n{text}"));
        let (_, _, browser) = ALL[5];
        let text = by_hand(&[Need::Browser]);
        browser.iter().for_each(|word| assert!(text.contains(word), "«{word}» is missing in\n{text}"));
    }
}
