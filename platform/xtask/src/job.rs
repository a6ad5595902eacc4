//! Running other programs: with their output, a sign of life every ten seconds, and an end when we end.
use crate::paths;
use anyhow::{Context, Result, bail};
use cluster::{Supervised, Target};
use std::{
    ffi::OsString,
    io::{IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicBool, atomic::Ordering, mpsc},
    thread,
    time::{Duration, Instant},
};

const SILENCE: Duration = Duration::from_secs(9);
/// Between two looks at a program.
const LOOK: Duration = Duration::from_millis(40);

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The first Ctrl-C stops in order; the second one at once (the children die all the same, with our pipes).
pub fn listen_to_signals() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let flag = INTERRUPTED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, flag.clone())?;
        signal_hook::flag::register(signal, flag.clone())?;
    }
    Ok(())
}

pub fn interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

pub fn say(text: &str) {
    eprintln!("» {text}");
}

/// In one build with the server these would bring the plugins' compiler into it.
pub const APART: [&str; 1] = ["huella-compilar"];

/// A program to run until it ends.
pub struct Job {
    label: String,
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    folder: PathBuf,
    quiet: bool,
}

/// How it ended, and what it printed if that was asked for.
pub struct Done {
    pub status: ExitStatus,
    pub text: String,
}

impl Job {
    /// `label` says in the present what is going on: «compilando».
    pub fn new(label: &str, program: impl Into<OsString>) -> Self {
        Self {
            label: label.to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: paths::root(),
            quiet: false,
        }
    }

    /// Cargo on the workspace, but for the programs that are built apart.
    pub fn workspace(label: &str, command: &str) -> Self {
        let apart = APART.iter().flat_map(|name| ["--exclude", name]);
        Self::cargo(label).args([command, "--workspace"]).args(apart)
    }

    /// Cargo on one of those.
    pub fn apart(label: &str, command: &str, package: &str) -> Self {
        Self::cargo(label).args([command, "--package", package])
    }

    /// Cargo, on committed query data: no database is needed to compile.
    pub fn cargo(label: &str) -> Self {
        let job = Self::new(label, paths::cargo()).env("SQLX_OFFLINE", "true");
        if std::io::stderr().is_terminal() { job.env("CARGO_TERM_COLOR", "always") } else { job }
    }

    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), Some(value.into())));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.variables.push((name.into(), None));
        self
    }

    /// In another folder than the workspace.
    pub fn dir(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Standard output is kept and not shown.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Fails unless the program ends well.
    pub fn ok(self) -> Result<Done> {
        let label = self.label.clone();
        let done = self.run()?;
        if !done.status.success() {
            bail!("falló: {label}");
        }
        Ok(done)
    }

    pub fn run(self) -> Result<Done> {
        let mut running = Supervised::spawn(Target::Group, &self.program, &self.arguments, |command| {
            command.current_dir(&self.folder).stdout(Stdio::piped()).stderr(Stdio::piped());
            for (name, value) in &self.variables {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
        })?;
        let pulse = Arc::new(Pulse::default());
        let (sender, ended) = mpsc::channel();
        let out = running.child().stdout.take().context("sin salida")?;
        let err = running.child().stderr.take().context("sin salida")?;
        let shown = !self.quiet;
        pump(out, std::io::stdout(), shown, true, pulse.clone(), sender.clone());
        pump(err, std::io::stderr(), true, false, pulse.clone(), sender);
        let status = self.watch(&mut running, &pulse)?;
        // A forgotten grandchild may hold a pipe open; it must not hold us.
        for _ in 0..2 {
            let _ = ended.recv_timeout(Duration::from_secs(2));
        }
        let text = std::mem::take(&mut *pulse.text.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Done { status, text: String::from_utf8_lossy(&text).into_owned() })
    }

    fn watch(&self, running: &mut Supervised, pulse: &Pulse) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = running.ended()? {
                return Ok(status);
            }
            if interrupted() {
                running.stop()?;
                bail!("interrumpido");
            }
            if let Some(sign) = pulse.sign_of_life(&self.label, start) {
                eprintln!("{sign}");
            }
            thread::sleep(LOOK);
        }
    }
}

/// When something was last seen, and all that went to standard output.
pub struct Pulse {
    last: Mutex<Instant>,
    text: Mutex<Vec<u8>>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { last: Mutex::new(Instant::now()), text: Mutex::default() }
    }
}

impl Pulse {
    fn beat(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
    /// What to say after a silence that is long enough.
    pub fn sign_of_life(&self, label: &str, start: Instant) -> Option<String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() <= SILENCE {
            return None;
        }
        *last = Instant::now();
        Some(format!("· {label}: {} s", start.elapsed().as_secs()))
    }
}

fn pump(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    show: bool,
    keep: bool,
    pulse: Arc<Pulse>,
    ended: mpsc::Sender<()>,
) {
    thread::spawn(move || {
        let mut buffer = [0u8; 16 << 10];
        while let Ok(read) = from.read(&mut buffer) {
            if read == 0 {
                break;
            }
            if keep {
                pulse.text.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..read]);
            }
            if show {
                pulse.beat();
                let _ = to.write_all(&buffer[..read]);
                let _ = to.flush();
            }
        }
        let _ = ended.send(());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(seconds: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_secs(seconds)).expect("a machine that runs for a minute")
    }

    #[test]
    fn a_silence_is_broken_before_ten_seconds_are_over_and_only_then() {
        assert!(SILENCE + LOOK < Duration::from_secs(10));
        let pulse = Pulse::default();
        assert_eq!(pulse.sign_of_life("compilando", ago(30)), None, "it has just said something");
        *pulse.last.lock().expect("whole") = ago(9);
        thread::sleep(LOOK);
        assert_eq!(pulse.sign_of_life("compilando", ago(30)).as_deref(), Some("· compilando: 30 s"));
        assert_eq!(pulse.sign_of_life("compilando", ago(30)), None, "once is enough");
        *pulse.last.lock().expect("whole") = ago(9);
        pulse.beat();
        assert_eq!(pulse.sign_of_life("compilando", ago(30)), None, "the program speaks for itself");
    }

    /// What is shown counts as a sign; what is only kept does not.
    #[test]
    fn output_is_kept_and_only_what_is_shown_is_a_sign() {
        for (shown, expected) in [(true, true), (false, false)] {
            let (pulse, (sender, ended)) = (Arc::new(Pulse::default()), mpsc::channel());
            *pulse.last.lock().expect("whole") = ago(20);
            pump(&b"una linea\n"[..], std::io::sink(), shown, true, pulse.clone(), sender);
            ended.recv_timeout(Duration::from_secs(5)).expect("read to its end");
            assert_eq!(pulse.text.lock().expect("whole").as_slice(), b"una linea\n");
            assert_eq!(pulse.last.lock().expect("whole").elapsed() < Duration::from_secs(5), expected);
        }
    }

    #[test]
    fn a_program_that_fails_is_named_by_what_it_did() {
        let done = Job::new("probando", "sh").args(["-c", "echo dicho; exit 3"]).quiet().run().expect("run");
        assert!(done.status.code() == Some(3) && done.text == "dicho\n");
        let failed = Job::new("probando", "sh").args(["-c", "exit 3"]).ok().map(drop).expect_err("it fails");
        assert_eq!(failed.to_string(), "falló: probando");
    }
}
