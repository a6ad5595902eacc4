//! Telling the terminal what goes on, and that it still goes on: it is never silent for ten seconds.
use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{task::JoinHandle, time};

const SILENCE: Duration = Duration::from_secs(9);

/// Standard output may be closed (`| head`), where `println!` would panic.
pub fn print(text: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

struct Said {
    text: String,
    since: Instant,
    heard: Instant,
}

impl Said {
    fn now(text: &str) -> Self {
        let now = Instant::now();
        Self { text: text.to_owned(), since: now, heard: now }
    }

    /// What to say after a silence that is long enough.
    fn sign_of_life(&mut self) -> Option<String> {
        if self.text.is_empty() || self.heard.elapsed() < SILENCE {
            return None;
        }
        self.heard = Instant::now();
        Some(format!("· {} ({} s)", self.text, self.since.elapsed().as_secs()))
    }
}

/// Ends when dropped.
pub struct Progress {
    said: Arc<Mutex<Said>>,
    pulse: JoinHandle<()>,
}

impl Progress {
    pub fn start() -> Self {
        let said = Arc::new(Mutex::new(Said::now("")));
        let shared = said.clone();
        let pulse = tokio::spawn(async move {
            loop {
                time::sleep(Duration::from_millis(500)).await;
                let sign = lock(&shared).sign_of_life();
                sign.into_iter().for_each(|sign| print(&format!("  {sign}")));
            }
        });
        Self { said, pulse }
    }

    pub fn say(&self, text: &str) {
        print(&format!("  {text}"));
        *lock(&self.said) = Said::now(text);
    }
}

fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.pulse.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_broken_once_every_nine_seconds() {
        let mut said = Said::now("cargando");
        assert_eq!(said.sign_of_life(), None);
        let ago = Instant::now().checked_sub(SILENCE).expect("a machine that runs for nine seconds");
        (said.since, said.heard) = (ago, ago);
        assert_eq!(said.sign_of_life().as_deref(), Some("· cargando (9 s)"));
        assert_eq!(said.sign_of_life(), None);
        assert_eq!(Said { heard: ago, ..Said::now("") }.sign_of_life(), None, "before the first phase there is nothing to say");
    }
}
