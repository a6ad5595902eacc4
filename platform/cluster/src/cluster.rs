//! The cluster itself: made, started, stopped, destroyed.
use crate::{
    Binaries, Error, Options, Result, Supervised,
    account::Account,
    data::{self, init, major_of, stop_leftover},
    launch::Launch,
    place,
    private::{random_secret, secret_in},
};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A running private cluster. It stops when dropped.
pub struct Cluster {
    pub(crate) binaries: Binaries,
    pub(crate) account: Account,
    data: PathBuf,
    pub(crate) socket: PathBuf,
    pub(crate) port: u16,
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
        let launch = Launch { binaries: &binaries, account, data: &data, socket: &socket, log: &log, options };
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
        data::pid_of(&self.data)
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
