//! Measurements of the production build: `cargo xtask bench <name> [--json]`.
mod bench;
mod chains;
mod idle;
mod maximum;
mod measure;
mod memory;
mod mix;
mod names;
mod open_loop;
mod pgbench;
mod place;
mod queries;
mod reads;
mod reservar;
mod server;
mod slots;

use anyhow::{Result, bail};

/// One thread: the examiner must not take both cores.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let seconds = arguments.windows(2).find(|pair| pair[0] == "--segundos").and_then(|pair| pair[1].parse().ok()).unwrap_or(60.0);
    match arguments.first().map(String::as_str) {
        Some("reservar") => reservar::run(seconds, json).await,
        _ => bail!("uso: carga reservar [--segundos N] [--json]"),
    }
}
