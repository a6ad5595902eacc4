//! Ctrl-C and `kill`, heard from the first moment on.
use anyhow::Result;
use std::process;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// As a shell reports an interrupted program.
const INTERRUPTED: i32 = 130;

/// The first signal cancels the token, for an end in order. The second one ends at once; the children end with our
/// pipes, as they do however this process dies.
pub fn stop_on_signal() -> Result<CancellationToken> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut next = async move || {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        next().await;
        super::progress::print("\nTerminando en orden… (otra vez Ctrl-C: de inmediato)");
        token.cancel();
        next().await;
        process::exit(INTERRUPTED);
    });
    Ok(stop)
}
