//! A cluster from birth to death, with real processes.
use cluster::{Cluster, Durability, FolderLock, Options, Supervised, Target};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}

fn quick() -> Options {
    Options { durability: Durability::Off, max_connections: 20, ..Options::throwaway() }.with("shared_buffers", "16MB")
}

fn alive(pid: u32) -> bool {
    // A zombie still has a number, but no command line.
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// This same test program, running `helper` below in another process.
fn other_process(home: &Path) -> Child {
    Command::new(std::env::current_exe().expect("a path"))
        .args(["--ignored", "--exact", "helper", "--nocapture"])
        .env("LIFE_HOME", home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn helper() {
    let home = PathBuf::from(std::env::var("LIFE_HOME").expect("LIFE_HOME"));
    let cluster = Cluster::start(&home, &quick()).expect("started");
    fs::write(home.join("listo"), cluster.pid().expect("a pid").to_string()).expect("written");
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn data_and_port_survive_a_restart_and_nothing_is_left_running() {
    let home = folder("restart");
    let mut cluster = Cluster::start(&home, &quick()).expect("started");
    let (pid, port, socket) = (cluster.pid().expect("a pid"), cluster.port(), cluster.socket_folder().to_owned());
    assert!(socket.as_os_str().len() < 60, "the path of a socket must be short: {}", socket.display());
    assert_eq!(fs::metadata(&socket).expect("exists").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(home.join("pg.clave")).expect("exists").permissions().mode() & 0o777, 0o600);
    cluster.psql("postgres", "create table t (n int); insert into t values (7), (8);").expect("stored");
    assert!(cluster.psql("postgres", "select 1/0").expect_err("an error").to_string().contains("division by zero"));
    assert!(!format!("{cluster:?}").contains(cluster.password()), "the password shows");
    assert_eq!(cluster.psql("postgres", "show listen_addresses").expect("asked"), "127.0.0.1");
    assert_eq!(cluster.psql("postgres", "select pg_encoding_to_char(encoding) from pg_database limit 1").expect("asked"), "UTF8");
    cluster.stop().expect("stopped");
    assert!(!alive(pid) && !socket.exists());

    let again = Cluster::start(&home, &quick()).expect("started again");
    assert_eq!(again.port(), port);
    assert_eq!(again.psql("postgres", "select sum(n) from t").expect("kept"), "15");
    drop(again);
    cluster::destroy(&home).expect("deleted");
    assert!(!home.join("pg").exists() && !home.join("pg.clave").exists());
}

#[test]
fn tcp_asks_for_the_password() {
    let home = folder("password");
    let cluster = Cluster::throwaway(&home, &quick()).expect("started");
    let ask =
        |url: String| Command::new(cluster.program("psql")).args(["-X", "-A", "-t", "-w", "-c", "select 1", &url]).output().expect("run");
    assert!(ask(cluster.url("postgres")).status.success());
    let refused = ask(cluster.url_as("postgres", "otra", "postgres"));
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("password authentication failed"));
}

#[test]
fn a_throwaway_cluster_leaves_no_file() {
    let parent = folder("throwaway");
    let cluster = Cluster::throwaway(&parent, &quick()).expect("started");
    let data = cluster.data_folder().to_owned();
    assert!(data.is_dir());
    drop(cluster);
    assert!(!data.exists());
    assert_eq!(fs::read_dir(&parent).expect("readable").count(), 0);
}

#[test]
fn the_server_dies_with_a_process_that_is_killed_and_its_data_open_again() {
    let home = folder("killed");
    let mut other = other_process(&home);
    until("the other process is ready", || home.join("listo").exists());
    let pid: u32 = fs::read_to_string(home.join("listo")).expect("a pid").parse().expect("a number");
    assert!(alive(pid));
    other.kill().expect("killed with SIGKILL");
    other.wait().expect("reaped");
    // At once, while the old server may still be on its way out.
    let cluster = Cluster::start(&home, &quick()).expect("started over the remains");
    assert_ne!(cluster.pid(), Some(pid));
    assert!(!alive(pid), "the server outlived its owner");
}

#[test]
fn a_killed_server_and_a_pid_file_with_somebody_elses_number_are_no_obstacle() {
    let home = folder("crash");
    let durable = Options { durability: Durability::Full, ..quick() };
    let cluster = Cluster::start(&home, &durable).expect("started");
    cluster.psql("postgres", "create table t (n int)").expect("made");
    let pid = cluster.pid().expect("a pid");
    let data = cluster.data_folder().to_owned();
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("run").success());
    until("the server is dead", || !alive(pid));
    drop(cluster);
    let left = fs::read_to_string(data.join("postmaster.pid")).expect("left behind");
    fs::write(data.join("postmaster.pid"), left.replacen(&pid.to_string(), &std::process::id().to_string(), 1)).expect("written");
    let again = Cluster::start(&home, &quick()).expect("started");
    assert_eq!(again.psql("postgres", "select count(*) from t").expect("recovered"), "0");
}

#[test]
fn roots_own_home_stays_closed() {
    let root = Path::new("/root");
    if !cluster::is_root() || fs::metadata(root).map(|found| found.permissions().mode() & 0o077 != 0).unwrap_or(true) {
        // Past the harness, which shows nothing of a test that passes.
        let said = "SKIPPED roots_own_home_stays_closed: it takes root, with a home that is closed to others\n";
        std::io::stderr().write_all(said.as_bytes()).expect("told");
        return;
    }
    let home = root.join(format!(".huella-prueba-{}", std::process::id()));
    let cluster = Cluster::start(&home, &quick()).expect("started");
    let data = cluster.data_folder().to_owned();
    assert!(data.starts_with("/var/lib/huella-demo"));
    assert_eq!(fs::read_to_string(home.join("pg.ruta")).expect("a pointer").trim(), data.parent().expect("a parent").to_string_lossy());
    drop(cluster);
    let again = Cluster::start(&home, &quick()).expect("found through the pointer");
    assert_eq!(again.data_folder(), data);
    drop(again);
    cluster::destroy(&home).expect("deleted");
    assert!(!data.exists());
    assert_eq!(fs::metadata(root).expect("exists").permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(&home).expect("removed");
}

#[test]
fn two_do_not_share_a_folder() {
    let home = folder("lock");
    let first = FolderLock::take(&home).expect("free");
    let refused = FolderLock::take(&home).expect_err("in use").to_string();
    assert!(refused.contains("está en uso por el proceso") && refused.contains(&std::process::id().to_string()), "{refused}");
    drop(first);
    FolderLock::take(&home).expect("free again");
}

#[test]
fn a_group_ends_whole_even_if_it_does_not_want_to() {
    let home = folder("group");
    let pids = home.join("pids");
    // A child and a grandchild that ignore the polite signal.
    let stubborn = format!("trap '' TERM; sleep 300 & echo $! $$ > {}; while :; do sleep 1; done", pids.display());
    let mut group = Supervised::spawn(Target::Group, "sh", ["-c", &stubborn], |_| {}).expect("started");
    let mut numbers = Vec::new();
    until("both run", || {
        let text = fs::read_to_string(&pids).unwrap_or_default();
        numbers = text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()).collect();
        numbers.len() == 2
    });
    assert!(numbers.iter().all(|pid| alive(*pid)));
    group.stop().expect("stopped");
    until("all are gone", || numbers.iter().all(|pid| !alive(*pid)));
}

#[test]
fn the_exit_code_comes_through() {
    let mut failing = Supervised::spawn(Target::Group, "sh", ["-c", "exit 7"], |_| {}).expect("started");
    let mut status = None;
    until("it ended", || {
        status = failing.ended().expect("asked");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(7));
}
