//! The compiler is another program: it reads what strangers wrote, so it gets neither keys nor time without end, and a
//! fault in it stays in it.
use crate::Profile;
use rustix::process::Signal;
use std::{
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{io::AsyncWriteExt, process::Command};

/// Wall time; the program limits its own computing.
const LONGEST: Duration = Duration::from_secs(180);

#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error("el compilador no arranca: {0}")]
    Start(#[from] std::io::Error),
    /// What it said about the component.
    #[error("{0}")]
    Refused(String),
    #[error("no terminó de compilar a tiempo")]
    Timeout,
}

/// `huella-compilar`, beside the server.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: PathBuf,
}

impl Compiler {
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// Code for this machine, not yet sealed.
    pub async fn compile(&self, component: &[u8], profile: Profile) -> Result<Vec<u8>, CompileError> {
        let mut child = Command::new(&self.program)
            .arg(profile.name())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().ok_or(CompileError::Timeout)?;
        let feed = async move {
            // One that gave up early does not read on: what it says counts.
            let _ = input.write_all(component).await;
            drop(input);
        };
        let both = async { tokio::join!(feed, child.wait_with_output()).1 };
        let output = tokio::time::timeout(LONGEST, both).await.map_err(|_| CompileError::Timeout)??;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(CompileError::Refused(why(output.status, said.trim())))
    }
}

/// One that was ended says nothing of use, or what its last breath was.
fn why(status: ExitStatus, said: &str) -> String {
    let is = |signal: Signal| status.signal() == Some(signal.as_raw());
    if is(Signal::XCPU) || is(Signal::KILL) {
        return "toma demasiado tiempo de compilar".into();
    }
    if is(Signal::ABORT) && said.contains("memory allocation") {
        return "toma demasiada memoria de compilar".into();
    }
    if said.is_empty() { format!("el compilador terminó con {status}") } else { said.to_owned() }
}

/// The work itself, in this process.
#[cfg(feature = "compilar")]
pub fn compile(component: &[u8], profile: Profile) -> Result<Vec<u8>, String> {
    // Without the pools, which would be all of the addresses that the compiler has.
    let engine = wasmtime::Engine::new(&profile.config()).map_err(|error| format!("{error:#}"))?;
    engine.precompile_component(component).map_err(|error| format!("no se puede compilar: {error:#}"))
}
