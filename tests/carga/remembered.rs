//! What is remembered under a name: how often it was known, by the servers' own count, and what that saves.
use crate::{
    bench::median,
    open_loop::{Ask, Line},
    server::Server,
};
use anyhow::{Result, ensure};
use hyper::StatusCode;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

/// Fresh credentials that are shown twice each.
const CREDENTIALS: usize = 15;
/// The servers tell their own count every five seconds.
const TOLD: Duration = Duration::from_secs(6);

pub async fn run(servers: &[Server; 2], clave: &str) -> Result<()> {
    let (first, again) = LocalSet::new().run_until(twice(&servers[0], clave)).await?;
    println!("una credencial, la primera vez {first:.2} ms, después {again:.2} ms");
    tokio::time::sleep(TOLD).await;
    let mut counts: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for server in servers {
        for line in server.metrics().await?.lines().filter(|line| line.starts_with("cache_consultas_total{")) {
            let Some((labels, value)) = line.rsplit_once(' ') else { continue };
            let label = |name: &str| labels.split(&format!("{name}=\"")).nth(1)?.split('"').next().map(str::to_owned);
            if let (Some(name), Some(result)) = (label("cache"), label("resultado")) {
                *counts.entry(name).or_default().entry(result).or_default() += value.parse().unwrap_or(0.0);
            }
        }
    }
    for (name, results) in counts {
        let of = |result: &str| results.get(result).copied().unwrap_or_default();
        let (known, asked) = (of("acierto"), of("acierto") + of("falta"));
        let rate = if asked > 0.0 { format!("{:.2} % conocidas", 100.0 * known / asked) } else { "solo sumas".to_owned() };
        println!("memoria «{name}»: {:.0} consultas, {rate}, {:.0} sumas, {:.0} fallas", asked, of("suma"), of("error"));
    }
    Ok(())
}

/// Milliseconds of a small request with a credential that the server does not know yet, and once it does.
async fn twice(server: &Server, clave: &str) -> Result<(f64, f64)> {
    let mut line = Line::open(&server.address).await?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..CREDENTIALS {
        let token = server.token(clave).await?;
        for times in [&mut first, &mut again] {
            let start = Instant::now();
            let (status, body) = line.whole(&Ask::get(token.clone(), "/api/v1/yo".to_owned())).await?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            ensure!(status == StatusCode::OK, "{status} {body}");
        }
    }
    Ok((median(first), median(again)))
}
