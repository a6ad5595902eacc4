//! Child processes that cannot outlive us.
use crate::{Error, Result};
use std::{
    ffi::OsStr,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

const SCRIPT: &str = include_str!("supervisor.sh");

/// Whom the stop signal is for.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// The program alone, which stops its own children in order: SIGINT is PostgreSQL's fast shutdown, SIGQUIT
    /// its immediate one.
    Postgres,
    /// The program and all that it started.
    Group,
}

impl Target {
    fn arguments(self) -> [&'static str; 4] {
        match self {
            Self::Postgres => ["INT", "process", "20", "QUIT"],
            Self::Group => ["TERM", "group", "10", "KILL"],
        }
    }
}

/// A running program. Dropping it stops it; so does the end of this process, of whatever kind.
#[derive(Debug)]
pub struct Supervised {
    child: Child,
    life: Option<ChildStdin>,
    name: String,
}

impl Supervised {
    /// `prepare` sets environment, folder, output and user. The program gets a process group of its own, so that
    /// Ctrl-C at the terminal reaches only us and everything ends in order.
    pub fn spawn<A: AsRef<OsStr>>(
        target: Target,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let name = program.as_ref().to_string_lossy().into_owned();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "huella-supervisor"]).args(target.arguments()).arg(program.as_ref()).args(arguments);
        prepare(&mut command);
        command.stdin(Stdio::piped()).process_group(0);
        let mut child = command.spawn().map_err(|error| Error::new(format!("No se pudo iniciar {name}: {error}")))?;
        let life = child.stdin.take();
        Ok(Self { child, life, name })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pipes that `prepare` asked for.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|error| Error::new(format!("{}: {error}", self.name)))
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            // Not the child's own wait, which would close the pipe that keeps the program alive.
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to stop and waits until it is gone.
    pub fn stop(&mut self) -> Result<()> {
        self.life = None;
        let deadline = Instant::now() + Duration::from_secs(40);
        while self.ended()?.is_none() {
            if Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return Err(Error::new(format!("{} no se detuvo a tiempo", self.name)));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
