//! What is remembered under a name: how often it was known, by the servers' own count, and what that saves.
use crate::{
    bench::median,
    chains::Cadena,
    open_loop::{Ask, Line},
    server::Server,
};
use anyhow::{Result, ensure};
use hyper::StatusCode;
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

/// Fresh credentials that are shown twice each.
const CREDENTIALS: usize = 15;
/// Searches of the public page that are made at one instance and then at the other.
const SEARCHES: usize = 15;
/// Who looks at the public page within some seconds, at either instance.
const VISITORS: usize = 300;
/// The servers tell their own count every five seconds.
const TOLD: Duration = Duration::from_secs(6);

pub async fn run(servers: &[Server; 2], cadena: &Cadena) -> Result<()> {
    let (first, again) = LocalSet::new().run_until(twice(&servers[0], &cadena.shape.clave)).await?;
    println!("una credencial, la primera vez {first:.2} ms, después {again:.2} ms");
    cadena.sign_in(&servers[0]).await?;
    let offer = json!({
        "activa": true, "servicios": [cadena.servicio], "antelacion_min": 60, "dias_max": 60, "retencion_min": 8, "aprobar_horas": 24,
        "abiertas_max": 2, "por_dia_max": 50, "instrucciones": "Venga con correa.", "condiciones": "Sus datos sirven para atenderle.",
        "condiciones_version": "1"
    });
    servers[0].put(cadena, &format!("/api/v1/sedes/{}/autoreserva", cadena.sedes[0].id), &offer).await?;
    let (searched, known) = LocalSet::new().run_until(public_page(servers, cadena)).await?;
    println!("horas libres de la página pública, buscadas {searched:.2} ms, recordadas por la otra instancia {known:.2} ms");
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

/// Milliseconds of a search that one instance makes, and of the same at the other one; then many who look at the page.
async fn public_page(servers: &[Server; 2], cadena: &Cadena) -> Result<(f64, f64)> {
    let base =
        format!("/api/v1/publico/{}/disponibilidad?sede_id={}&servicio_id={}", cadena.shape.clave, cadena.sedes[0].id, cadena.servicio);
    let mut lines = [Line::open(&servers[0].address).await?, Line::open(&servers[1].address).await?];
    let (mut searched, mut known) = (Vec::new(), Vec::new());
    for limite in 1..=SEARCHES {
        let mut bodies = Vec::new();
        for (line, times) in lines.iter_mut().zip([&mut searched, &mut known]) {
            let start = Instant::now();
            let (status, body) = line.whole(&Ask::get(cadena.token(), format!("{base}&limite={limite}"))).await?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            ensure!(status == StatusCode::OK, "{status} {body}");
            bodies.push(body);
        }
        ensure!(bodies[0] == bodies[1], "las dos instancias muestran otras horas: {bodies:?}");
    }
    for visitor in 0..VISITORS {
        let (status, body) = lines[visitor % 2].whole(&Ask::get(cadena.token(), format!("{base}&limite=20"))).await?;
        ensure!(status == StatusCode::OK, "{status} {body}");
    }
    Ok((median(searched), median(known)))
}
