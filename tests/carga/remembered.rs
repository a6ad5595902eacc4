//! What is remembered under a name: how often it was known, by the servers' own count, and what that saves.
use crate::{
    bench::{median, round},
    chains::Cadena,
    open_loop::{self, Ask, Line, Outcome, Pace},
    server::Server,
    slots::Supply,
};
use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    rc::Rc,
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
/// Visitors of the public page a second at each instance, and bookings of the chain meanwhile: each of these makes everything
/// that is remembered of the page worthless.
const VISITS: f64 = 40.0;
const BOOKINGS: f64 = 4.0;
const BUSY: f64 = 12.0;

/// For the report.
#[derive(Serialize)]
pub struct Remembered {
    /// Of the public page's free times, while bookings go on; and how long an answer takes then.
    public_hit_rate: f64,
    public_p50_ms: f64,
    public_p99_ms: f64,
    /// The same visitors, each with a question that nobody asked before.
    public_unknown_p50_ms: f64,
    public_unknown_p99_ms: f64,
    /// Of the whole run.
    credential_hit_rate: f64,
    credential_known_ms: f64,
    credential_new_ms: f64,
    agendas_hit_rate: f64,
}

/// By memory and result, of both instances together.
#[derive(Default)]
struct Counts(BTreeMap<String, BTreeMap<String, f64>>);

impl Counts {
    async fn of(servers: &[Server; 2]) -> Result<Self> {
        tokio::time::sleep(TOLD).await;
        let mut counts = Self::default();
        for server in servers {
            for line in server.metrics().await?.lines().filter(|line| line.starts_with("cache_consultas_total{")) {
                let Some((labels, value)) = line.rsplit_once(' ') else { continue };
                let label = |name: &str| labels.split(&format!("{name}=\"")).nth(1)?.split('"').next().map(str::to_owned);
                if let (Some(name), Some(result)) = (label("cache"), label("resultado")) {
                    *counts.0.entry(name).or_default().entry(result).or_default() += value.parse().unwrap_or(0.0);
                }
            }
        }
        Ok(counts)
    }

    fn get(&self, name: &str, result: &str) -> f64 {
        self.0.get(name).and_then(|results| results.get(result)).copied().unwrap_or_default()
    }

    /// What part was known of what was asked since then; three decimals.
    fn rate(&self, name: &str, before: &Self) -> f64 {
        let of = |result: &str| self.get(name, result) - before.get(name, result);
        let (known, asked) = (of("acierto"), of("acierto") + of("falta"));
        if asked > 0.0 { (known / asked * 1_000.0).round() / 1_000.0 } else { 0.0 }
    }

    fn show(&self) {
        for name in self.0.keys() {
            let of = |result: &str| self.get(name, result);
            let asked = of("acierto") + of("falta");
            let rate =
                if asked > 0.0 { format!("{:.1} % conocidas", 100.0 * self.rate(name, &Self::default())) } else { "solo sumas".to_owned() };
            println!("memoria «{name}»: {asked:.0} consultas, {rate}, {:.0} sumas, {:.0} fallas", of("suma"), of("error"));
        }
    }
}

pub async fn run(servers: &[Server; 2], cadena: &Rc<Cadena>) -> Result<Remembered> {
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
    let before = Counts::of(servers).await?;
    let with = crowd(servers, cadena, false).await?;
    let after = Counts::of(servers).await?;
    let without = crowd(servers, cadena, true).await?;
    let all = Counts::of(servers).await?;
    all.show();
    let public_hit_rate = after.rate("publico", &before);
    println!(
        "página pública con {BOOKINGS} reservas/s: {:.1} % conocidas, p50 {:.2} p99 {:.2} ms; nada conocido: p50 {:.2} p99 {:.2} ms",
        100.0 * public_hit_rate,
        with.ms(0.5),
        with.ms(0.99),
        without.ms(0.5),
        without.ms(0.99)
    );
    let nothing = Counts::default();
    Ok(Remembered {
        public_hit_rate,
        public_p50_ms: round(with.ms(0.5)),
        public_p99_ms: round(with.ms(0.99)),
        public_unknown_p50_ms: round(without.ms(0.5)),
        public_unknown_p99_ms: round(without.ms(0.99)),
        credential_hit_rate: all.rate("credenciales", &nothing),
        credential_known_ms: round(again),
        credential_new_ms: round(first),
        agendas_hit_rate: all.rate("agendas", &nothing),
    })
}

/// Visitors at both instances while somebody books in the sede that they look at.
async fn crowd(servers: &[Server; 2], cadena: &Rc<Cadena>, different: bool) -> Result<Outcome> {
    let supply = Supply::of_sede(cadena, 0);
    let bookings = Pace { rate: Some(BOOKINGS), seconds: BUSY, connections: 4 };
    let (first, second, booked) = tokio::join!(
        visits(&servers[0], cadena, 0, different),
        visits(&servers[1], cadena, 1, different),
        open_loop::run(&servers[0].address, bookings, move |_| supply.ask()),
    );
    booked?.flawless().context("reservas mientras se mira la página")?;
    let mut all = first?;
    all.add(&second?)?;
    all.flawless().context("horas libres de la página pública")?;
    Ok(all)
}

async fn visits(server: &Server, cadena: &Cadena, instance: u64, different: bool) -> Result<Outcome> {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    let (token, base) = (cadena.token(), page(cadena));
    let pace = Pace { rate: Some(VISITS), seconds: BUSY, connections: 16 };
    let ask = move |number: u64| {
        // As much to look up as for everybody, from a quarter of an hour that nobody named before.
        let other = tomorrow + SignedDuration::from_mins(15 * (2 * number + instance) as i64);
        let from = if different { format!("&desde={other}") } else { String::new() };
        Ok(Ask::get(token.clone(), format!("{base}&limite=20{from}")))
    };
    open_loop::run(&server.address, pace, ask).await
}

/// Free times as the public page asks for them.
fn page(cadena: &Cadena) -> String {
    format!("/api/v1/publico/{}/disponibilidad?sede_id={}&servicio_id={}", cadena.shape.clave, cadena.sedes[0].id, cadena.servicio)
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
    let base = page(cadena);
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
