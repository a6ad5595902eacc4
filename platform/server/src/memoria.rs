//! What starting and bursts of work took goes back to the system: glibc keeps it otherwise, a third of an idle server's memory.
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The first time when a start is over.
const FIRST: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(300);

/// Gives back what is free, again and again.
pub async fn give_back(stop: CancellationToken) {
    let mut pause = FIRST;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        // Some milliseconds, in which it holds one arena after the other.
        let _ = tokio::task::spawn_blocking(trim).await;
        pause = EVERY;
    }
}

#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "an allocator's own call, which takes no pointer and may come at any time")]
fn trim() {
    // SAFETY: malloc_trim(3) is thread-safe and touches only memory that nobody holds.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators see to it themselves.
#[cfg(not(target_env = "gnu"))]
fn trim() {}
