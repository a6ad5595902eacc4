//! Memory of a server that does nothing, and with 1,000 connections open that have each asked.
use crate::{
    chains::Cadena,
    measure,
    open_loop::{self, Ask, Pace},
    place::Place,
    server::Server,
};
use anyhow::{Context, Result};
use std::time::Duration;

pub struct Memory {
    pub idle_mb: f64,
    pub connected_mb: f64,
}

pub async fn run(place: &Place, database: &str, cadena: &Cadena) -> Result<Memory> {
    let server = Server::start(place, database).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle_mb = measure::rss_mb(server.pid());
    cadena.sign_in(&server).await?;
    let token = cadena.token();
    let watch = tokio::spawn(peak(server.pid()));
    let pace = Pace { rate: Some(1_000.0), seconds: 4.0, connections: 1_000 };
    let outcome = open_loop::run(&server.address, pace, move |_| Ok(Ask::get(token.clone(), "/api/v1/yo".into()))).await?;
    let connected_mb = watch.await?;
    outcome.flawless().context("1 000 conexiones")?;
    println!("memoria: {idle_mb:.1} MB en reposo, {connected_mb:.1} MB con 1 000 conexiones; lista en {} ms", server.ready.as_millis());
    Ok(Memory { idle_mb, connected_mb })
}

/// The most within the next four and a half seconds.
async fn peak(pid: u32) -> f64 {
    let mut peak = 0.0_f64;
    for _ in 0..45 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        peak = peak.max(measure::rss_mb(pid));
    }
    peak
}
