//! How packages are installed: with programs that only note how they were called, in a root of the test's own.
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

const SCRIPT: &str = include_str!("../src/install.sh");
const POLICY: &str = "usr/sbin/policy-rc.d";
const DROPIN: &str = "etc/postgresql-common/createcluster.d/huella.conf";
const BROUGHT: [&str; 2] = ["redis-server", "postgresql-common"];

/// Installs, and as Debian's packages do it: asks the policy before it starts a service, and the other package's settings before
/// it makes a cluster.
const APT: &str = r#"#!/bin/sh
echo "apt-get $*" >>"$HUELLA_RAIZ/log"
case " $* " in *" install "*) ;; *) exit 0 ;; esac
for package in redis-server postgresql-common; do
  if "$HUELLA_RAIZ/usr/sbin/policy-rc.d" "$package" start; then echo "started $package" >>"$HUELLA_RAIZ/log"
  elif [ $? -ne 101 ]; then echo "started $package" >>"$HUELLA_RAIZ/log"; fi
  touch "$HUELLA_RAIZ/installed-$package"
done
grep -q 'create_main_cluster = false' "$HUELLA_RAIZ/etc/postgresql-common/createcluster.d/huella.conf" || echo "cluster made" >>"$HUELLA_RAIZ/log"
if [ -e "$HUELLA_RAIZ/broken" ]; then exit 100; fi
"#;
const DPKG: &str = r#"#!/bin/sh
for last; do :; done
if [ -e "$HUELLA_RAIZ/installed-$last" ]; then echo 'install ok installed'; else exit 1; fi
"#;
const NOTES: &str = "#!/bin/sh\necho \"${0##*/} $*\" >>\"$HUELLA_RAIZ/log\"\n";

/// A system; deleted at the end.
struct Raiz(PathBuf);

impl Raiz {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("huella-instalar-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let raiz = Self(root);
        for folder in ["bin", "usr/sbin", "run/systemd/system", "etc/init.d"] {
            fs::create_dir_all(raiz.0.join(folder)).expect("a folder");
        }
        for (name, text) in [("apt-get", APT), ("dpkg-query", DPKG), ("systemctl", NOTES), ("update-rc.d", NOTES)] {
            raiz.program(&format!("bin/{name}"), text);
        }
        for service in ["redis-server", "postgresql"] {
            raiz.program(&format!("etc/init.d/{service}"), NOTES);
        }
        raiz
    }

    fn program(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made a program");
    }

    fn touch(&self, path: &str) {
        fs::write(self.0.join(path), "").expect("written");
    }

    /// Whether it ended well, and what the programs noted.
    fn install(&self) -> (bool, String) {
        let path = std::env::join_paths([self.0.join("bin"), "/usr/bin".into(), "/bin".into()]).expect("a path");
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "instalar", "postgresql", "redis-server"]).env("PATH", path).env("HUELLA_RAIZ", &self.0);
        let ended = command.status().expect("sh");
        (ended.success(), fs::read_to_string(self.0.join("log")).unwrap_or_default())
    }

    fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }
}

impl Drop for Raiz {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn no_service_of_an_installed_package_runs_or_will() {
    let raiz = Raiz::new("nada");
    let (well, log) = raiz.install();
    assert!(well && log.contains("install --no-install-recommends postgresql redis-server"), "{log}");
    assert!(!log.contains("started ") && !log.contains("cluster made"), "{log}");
    for service in ["redis-server", "postgresql"] {
        for order in [format!("systemctl stop {service}"), format!("systemctl disable {service}"), format!("update-rc.d {service} disable")]
        {
            assert!(log.lines().any(|line| line == order), "no «{order}» in\n{log}");
        }
    }
    // Nothing of ours stays behind: the next package that a person installs starts as ever.
    assert!(!raiz.has(POLICY) && !raiz.has(DROPIN) && !raiz.has("etc/postgresql-common/createcluster.d"));
}

#[test]
fn what_ran_before_goes_on_running() {
    let raiz = Raiz::new("ya");
    BROUGHT.iter().for_each(|package| raiz.touch(&format!("installed-{package}")));
    let (well, log) = raiz.install();
    assert!(well && !log.contains("systemctl") && !log.contains("update-rc.d"), "{log}");
}

#[test]
fn a_policy_of_the_system_comes_back_and_one_that_we_left_does_not() {
    let raiz = Raiz::new("politica");
    let own = "#!/bin/sh\nexit 0\n";
    raiz.program(POLICY, own);
    assert!(raiz.install().0);
    assert_eq!(fs::read_to_string(raiz.0.join(POLICY)).expect("there"), own);
    // As a killed run leaves it.
    fs::rename(raiz.0.join(POLICY), raiz.0.join(format!("{POLICY}.huella"))).expect("moved");
    raiz.program(POLICY, "#!/bin/sh\n# Huella: temporal, mientras se instalan paquetes\nexit 101\n");
    assert!(raiz.install().0);
    assert_eq!(fs::read_to_string(raiz.0.join(POLICY)).expect("there"), own);
}

#[test]
fn an_installation_that_fails_puts_everything_back() {
    let raiz = Raiz::new("roto");
    raiz.touch("broken");
    let (well, log) = raiz.install();
    assert!(!well && !log.contains("started "), "{log}");
    assert!(!raiz.has(POLICY) && !raiz.has(DROPIN));
}
