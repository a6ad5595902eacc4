//! What processes cost, as the kernel counts it (`/proc`).
use std::{fs, time::Duration};

/// Ticks of `/proc/<pid>/stat` per second: USER_HZ, 100 on every Linux that Rust runs on.
const HZ: f64 = 100.0;

fn stat(pid: u32) -> Option<(u32, f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    Some((number(1)? as u32, number(11)? + number(12)?, number(13)? + number(14)?))
}

/// CPU seconds of one process so far.
pub fn cpu(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |(_, own, _)| own / HZ)
}

/// CPU seconds of a process, its living children and those it has buried: PostgreSQL as a whole.
pub fn cpu_tree(pid: u32) -> f64 {
    let (_, own, buried) = stat(pid).unwrap_or_default();
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children: f64 = pids.filter_map(stat).filter(|(parent, ..)| *parent == pid).map(|(_, own, _)| own).sum();
    (own + buried + children) / HZ
}

/// Resident memory in MB (10⁶ bytes).
pub fn rss_mb(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default() * 1024.0 / 1e6
}

/// Waits until `ready` answers true, looking every `pause`, and says how long that took.
pub async fn until(limit: Duration, pause: Duration, mut ready: impl AsyncFnMut() -> bool) -> anyhow::Result<Duration> {
    let start = std::time::Instant::now();
    while !ready().await {
        anyhow::ensure!(start.elapsed() < limit, "not ready after {limit:?}");
        tokio::time::sleep(pause).await;
    }
    Ok(start.elapsed())
}
