//! Starting the server and waiting until it answers.
use crate::{
    Binaries, Error, Options, Result, Supervised, Target,
    account::Account,
    private::{free_port, port_in, port_is_free, write},
};
use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Starting replays the journal after a crash, which may take a while with a full disk cache to read.
const START: Duration = Duration::from_secs(120);

pub(crate) struct Launch<'a> {
    pub(crate) binaries: &'a Binaries,
    pub(crate) account: Account,
    pub(crate) data: &'a Path,
    pub(crate) socket: &'a Path,
    pub(crate) log: &'a Path,
    pub(crate) options: &'a Options,
}

enum Outcome {
    Ready,
    Died,
}

impl Launch<'_> {
    /// Tries again while the reason is one that passes: backends of a killed server that are not gone yet, or a
    /// port that somebody took since it was looked at.
    pub(crate) fn until_ready(&self, port_file: &Path) -> Result<(Supervised, u16)> {
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
