//! The cluster itself: make, start, ask, stop.
use crate::{
    Binaries, Error, Result, Supervised, Target,
    account::Account,
    place,
    private::{free_port, port_in, port_is_free, random_secret, secret_in, write},
};
use std::{
    fmt, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Starting replays the journal after a crash, which may take a while with a full disk cache to read.
const START: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// What production does: nothing that was confirmed is lost.
    Full,
    /// For data that nobody will miss: tests.
    Off,
}

#[derive(Debug, Clone)]
pub struct Options {
    pub durability: Durability,
    pub max_connections: u32,
    /// More settings of postgresql.conf; they win over ours.
    pub settings: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Full, max_connections: 200, settings: Vec::new() }
    }
}

impl Options {
    pub fn throwaway() -> Self {
        Self { durability: Durability::Off, max_connections: 300, settings: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    fn all(&self) -> Vec<(String, String)> {
        let ours = [
            ("shared_buffers", "256MB"),
            ("max_wal_size", "2GB"),
            ("jit", "off"),
            ("random_page_cost", "1.1"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("lc_messages", "C"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_permissions", "0700"),
            ("shared_preload_libraries", ""),
        ];
        let durability: &[(&str, &str)] = match self.durability {
            Durability::Full => &[("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")],
            Durability::Off => &[("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("autovacuum", "off")],
        };
        let mut all: Vec<(String, String)> =
            ours.iter().chain(durability).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.push(("max_connections".to_owned(), self.max_connections.to_string()));
        all.extend(self.settings.iter().cloned());
        all
    }
}

/// A running private cluster. It stops when dropped.
pub struct Cluster {
    binaries: Binaries,
    account: Account,
    data: PathBuf,
    socket: PathBuf,
    port: u16,
    password: String,
    server: Supervised,
    /// A throwaway cluster takes this folder with it.
    remove: Option<PathBuf>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("Cluster");
        shown.field("major", &self.binaries.major).field("data", &self.data).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Starts the cluster of `home`, making it at the first call. The caller holds a [`crate::FolderLock`]: a
    /// server that is found running there was left behind by a process that died, and is stopped first.
    pub fn start(home: &Path, options: &Options) -> Result<Self> {
        fs::create_dir_all(home).map_err(|error| Error::io("No se pudo crear", home, &error))?;
        let home = &fs::canonicalize(home).map_err(|error| Error::io("No se pudo abrir", home, &error))?;
        let account = Account::choose()?;
        let base = place::base(home, account)?;
        let data = base.join("data");
        let binaries = Binaries::choose(major_of(&data)?)?;
        let password = secret_in(&home.join("pg.clave"))?;
        if !data.is_dir() {
            init(&binaries, account, &data, &password, options.durability)?;
        }
        stop_leftover(&binaries, account, &data)?;
        let socket = place::socket_folder(&data, account)?;
        let log = home.join("pg.log");
        let port_file = home.join("pg.puerto");
        let mut launch = Launch { binaries: &binaries, account, data: &data, socket: &socket, log: &log, options };
        let (server, port) = launch.until_ready(&port_file)?;
        Ok(Self { binaries, account, data, socket, port, password, server, remove: None })
    }

    /// A cluster without durability in a new folder under `parent`, removed with everything in it when dropped.
    /// What killed processes left under `parent` is removed first.
    pub fn throwaway(parent: &Path, options: &Options) -> Result<Self> {
        sweep(parent);
        let home = parent.join(format!("pg-{}-{}", std::process::id(), &random_secret()?[..6]));
        let mut cluster = Self::start(&home, options)?;
        cluster.remove = Some(home);
        Ok(cluster)
    }

    pub fn major(&self) -> u32 {
        self.binaries.major
    }
    pub fn port(&self) -> u16 {
        self.port
    }
    /// For `psql -h`: whoever can enter this folder is trusted.
    pub fn socket_folder(&self) -> &Path {
        &self.socket
    }
    pub fn data_folder(&self) -> &Path {
        &self.data
    }
    /// The password of the superuser `postgres`.
    pub fn password(&self) -> &str {
        &self.password
    }
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.path(name)
    }

    /// The superuser's address, over TCP.
    pub fn url(&self, database: &str) -> String {
        self.url_as("postgres", &self.password, database)
    }

    /// `user` and `password` must need no quoting in a URL; ours never do.
    pub fn url_as(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The process id of the server itself.
    pub fn pid(&self) -> Option<u32> {
        pid_of(&self.data)
    }

    /// Runs SQL as the superuser in one transaction and answers what it prints: rows by line, columns by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String> {
        self.psql_with(database, &["-1"], sql)
    }

    /// Statements that refuse a transaction, such as `create database`.
    pub fn psql_alone(&self, database: &str, sql: &str) -> Result<String> {
        self.psql_with(database, &[], sql)
    }

    fn psql_with(&self, database: &str, more: &[&str], sql: &str) -> Result<String> {
        let mut command = Command::new(self.binaries.path("psql"));
        self.account.apply(&mut command);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-f", "-"]).args(more);
        command.arg("-h").arg(&self.socket).args(["-p", &self.port.to_string()]);
        let out = feed(command, sql)?;
        if !out.status.success() {
            return Err(Error::new(format!("psql: {}", String::from_utf8_lossy(&out.stderr).trim())));
        }
        Ok(String::from_utf8_lossy(&out.stdout).trim_end().to_owned())
    }

    /// A fast shutdown, waited for.
    pub fn stop(&mut self) -> Result<()> {
        let stopped = self.server.stop();
        let _ = fs::remove_dir_all(&self.socket);
        if let Some(home) = self.remove.take() {
            place::forget(&home)?;
            fs::remove_dir_all(&home).map_err(|error| Error::io("No se pudo borrar", &home, &error))?;
        }
        stopped
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Stops what may still run in `home` and deletes its data.
pub fn destroy(home: &Path) -> Result<()> {
    let Ok(home) = fs::canonicalize(home) else { return Ok(()) };
    if let Some(base) = place::existing(&home) {
        let data = base.join("data");
        if let Some(major) = major_of(&data)? {
            // Without its programs nobody can be running there.
            if let Ok(binaries) = Binaries::choose(Some(major)) {
                stop_leftover(&binaries, Account::choose()?, &data)?;
            }
        }
        place::forget_socket(&data);
    }
    place::forget(&home)?;
    for name in ["pg.clave", "pg.puerto", "pg.log"] {
        let _ = fs::remove_file(home.join(name));
    }
    Ok(())
}

fn major_of(data: &Path) -> Result<Option<u32>> {
    let path = data.join("PG_VERSION");
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(|error| Error::io("No se pudo leer", &path, &error))?;
    text.trim().parse().map(Some).map_err(|_| Error::new(format!("{} no dice una versión de PostgreSQL", path.display())))
}

fn feed(mut command: Command, input: &str) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| Error::new(format!("No se pudo ejecutar {name}: {error}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let pipe = child.stdin.take();
    let text = input.to_owned();
    // In a thread of its own: both sides may fill their pipes. A write error shows up as the program's failure.
    let writer = thread::spawn(move || pipe.map(|mut pipe| pipe.write_all(text.as_bytes())));
    let out = child.wait_with_output().map_err(failed)?;
    let _ = writer.join();
    Ok(out)
}

/// Made beside and renamed at the end: an interrupted `initdb` never looks like a cluster.
fn init(binaries: &Binaries, account: Account, data: &Path, password: &str, durability: Durability) -> Result<()> {
    let beside = data.with_extension("nuevo");
    let pwfile = data.with_extension("clave");
    write(&pwfile, password)?;
    account.give(&pwfile)?;
    let mut told = String::new();
    // The second one for systems whose C library has no C.UTF-8.
    for locale in ["C.UTF-8", "en_US.UTF-8"] {
        if beside.exists() {
            fs::remove_dir_all(&beside).map_err(|error| Error::io("No se pudo borrar", &beside, &error))?;
        }
        let mut command = Command::new(binaries.path("initdb"));
        account.apply(&mut command);
        command.arg("-D").arg(&beside).arg("--pwfile").arg(&pwfile).args(["--locale", locale, "-E", "UTF8", "-U", "postgres"]);
        command.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]).env("LC_ALL", locale);
        command.arg(if durability == Durability::Off { "--no-sync" } else { "--data-checksums" });
        let out = feed(command, "")?;
        if out.status.success() {
            let _ = fs::remove_file(&pwfile);
            return fs::rename(&beside, data).map_err(|error| Error::io("No se pudo crear", data, &error));
        }
        told = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    }
    let _ = fs::remove_file(&pwfile);
    Err(Error::new(format!("initdb no pudo crear {}:\n{told}", data.display())))
}

fn pid_of(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// Whether `pid` is a server of this very folder, and not somebody who got the number of one that died.
fn serves(pid: u32, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if !Path::new("/proc/self").exists() {
        // No /proc (macOS): believe the file, as pg_ctl does.
        return Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    }
    // A server changes into its data folder.
    fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == data)
}

fn stop_leftover(binaries: &Binaries, account: Account, data: &Path) -> Result<()> {
    let Some(pid) = pid_of(data) else { return Ok(()) };
    for mode in ["fast", "immediate"] {
        if !serves(pid, data) {
            break;
        }
        let mut command = Command::new(binaries.path("pg_ctl"));
        account.apply(&mut command);
        command.arg("-D").arg(data).args(["stop", "-m", mode, "-w", "-t", "20"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
    if serves(pid, data) {
        return Err(Error::new(format!("No se pudo detener el PostgreSQL anterior (proceso {pid})")));
    }
    // PostgreSQL itself would refuse to start if another program has that number today.
    let _ = fs::remove_file(data.join("postmaster.pid"));
    Ok(())
}

/// Folders of throwaway clusters whose process is gone.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for home in entries.flatten().map(|entry| entry.path()) {
        let owner = home.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix("pg-")?.split('-').next());
        let Some(pid) = owner else { continue };
        let alive = Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !alive && destroy(&home).is_ok() {
            let _ = fs::remove_dir_all(&home);
        }
    }
}

struct Launch<'a> {
    binaries: &'a Binaries,
    account: Account,
    data: &'a Path,
    socket: &'a Path,
    log: &'a Path,
    options: &'a Options,
}

enum Outcome {
    Ready,
    Died,
}

impl Launch<'_> {
    /// Tries again while the reason is one that passes: backends of a killed server that are not gone yet, or a
    /// port that somebody took since it was looked at.
    fn until_ready(&mut self, port_file: &Path) -> Result<(Supervised, u16)> {
        let deadline = Instant::now() + START;
        let mut patience = Instant::now() + Duration::from_secs(20);
        loop {
            let port = port_in(port_file)?;
            let mark = fs::metadata(self.log).map_or(0, |found| found.len());
            let mut server = self.spawn(port)?;
            if let Outcome::Ready = self.wait(&mut server, deadline)? {
                return Ok((server, port));
            }
            let said = tail(self.log, mark);
            let passes = ["shared memory block", "lock file", "still in use", "Address already in use"];
            if Instant::now() > patience || !passes.iter().any(|words| said.contains(words)) {
                return Err(Error::new(format!("PostgreSQL no arrancó. Dijo (en {}):\n{said}", self.log.display())));
            }
            if !port_is_free(port) {
                write(port_file, &free_port()?.to_string())?;
                patience += Duration::from_millis(200);
            }
            thread::sleep(Duration::from_millis(300));
        }
    }

    fn spawn(&self, port: u16) -> Result<Supervised> {
        let open = || fs::OpenOptions::new().create(true).append(true).open(self.log);
        let failed = |error: std::io::Error| Error::io("No se pudo abrir", self.log, &error);
        if fs::metadata(self.log).is_ok_and(|found| found.len() > 16 << 20) {
            let _ = fs::remove_file(self.log);
        }
        let (out, err) = (open().map_err(failed)?, open().map_err(failed)?);
        let mut arguments = vec!["-D".to_owned(), self.data.to_string_lossy().into_owned()];
        let mut set = |name: &str, value: &str| arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        for (name, value) in self.options.all() {
            set(&name, &value);
        }
        set("port", &port.to_string());
        set("unix_socket_directories", &self.socket.to_string_lossy());
        Supervised::spawn(Target::Postgres, self.binaries.path("postgres"), arguments, |command| {
            self.account.apply(command);
            command.env("LC_ALL", "C.UTF-8").stdout(out).stderr(err);
        })
    }

    /// The server writes its state in line 8 of its pid file; `pg_ctl -w` waits for the same word.
    fn wait(&self, server: &mut Supervised, deadline: Instant) -> Result<Outcome> {
        loop {
            if server.ended()?.is_some() {
                return Ok(Outcome::Died);
            }
            let state = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|word| word.trim() == "ready") {
                return Ok(Outcome::Ready);
            }
            if Instant::now() > deadline {
                return Err(Error::new(format!(
                    "PostgreSQL no estuvo listo en {} s. Vea {}:\n{}",
                    START.as_secs(),
                    self.log.display(),
                    tail(self.log, 0)
                )));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The last lines written after `mark`.
fn tail(log: &Path, mark: u64) -> String {
    let text = fs::read(log).unwrap_or_default();
    let fresh = text.get(usize::try_from(mark).unwrap_or(0)..).unwrap_or_default();
    let text = String::from_utf8_lossy(fresh);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
