//! `bench agenda`: what the agenda promises when many look, ask and work at once, over two instances and one Redis.
use crate::{
    bench::{Limits, round},
    chains::{self, Cadena, Shape},
    importar, offers,
    place::Place,
    push, race, remembered, series,
    server::Server,
    turns,
};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use sqlx::PgPool;
use std::rc::Rc;

const DATABASE: &str = "agenda";

#[derive(Serialize)]
struct Report {
    push_p99_ms: f64,
    series_p99_ms: f64,
    race_p99_ms: f64,
    race_5xx: u64,
    import_s: f64,
    import_mb: f64,
    offer_s: f64,
    fair_delay_s: f64,
    #[serde(flatten)]
    remembered: remembered::Remembered,
}

/// Two instances over one database, and chains that have an agenda.
async fn prepare(place: &Place) -> Result<(PgPool, Vec<Rc<Cadena>>, [Server; 2])> {
    place.redis.as_ref().context("falta REDIS_URL: use `cargo xtask bench agenda`")?;
    println!("Preparando 2 cadenas × 2 sedes × 8 médicos, 4 000 mascotas…");
    let shapes: Vec<Shape> = (1..=2).map(|n| Shape { clave: format!("agenda{n}"), sedes: 2, medicos: 8, mascotas: 2_000 }).collect();
    let (db, chains) = chains::make(place, DATABASE, &shapes).await?;
    let servers = [Server::start(place, DATABASE).await?, Server::start(place, DATABASE).await?];
    Ok((db, chains, servers))
}

/// One part alone, for whoever works on it: `carrera` or `importar`.
pub async fn run_part(part: &str, seconds: f64) -> Result<()> {
    let place = Place::from_env()?;
    let mut limits = Limits::default();
    match part {
        "importar" => {
            let import = importar::run(&place).await?;
            limits.at_most("import_s", import.seconds, 60.0);
            limits.at_most("import_mb", import.peak_mb, 300.0);
        }
        "carrera" => {
            let (db, chains, servers) = prepare(&place).await?;
            chains[0].sign_in(&servers[0]).await?;
            let race = race::run(&servers, &chains[0], seconds.min(30.0)).await?;
            drop(servers);
            limits.at_most("race_p99_ms", race.p99_ms, 100.0);
            limits.print();
            return race.check(race::deadlocks(&db).await?);
        }
        other => bail!("no hay una parte {other}: carrera o importar"),
    }
    limits.print();
    Ok(())
}

pub async fn run(seconds: f64, as_json: bool) -> Result<()> {
    let place = Place::from_env()?;
    let (db, chains, servers) = prepare(&place).await?;
    let cadena = &chains[0];

    cadena.sign_in(&servers[0]).await?;
    let push_p99_ms = push::run(&servers, cadena, seconds.min(20.0)).await?;
    // The agendas were empty, and plans were made for that; autovacuum would say so within a minute.
    sqlx::query("vacuum analyze citas, citas_equipos").execute(&db).await?;
    cadena.sign_in(&servers[0]).await?;
    let series_p99_ms = series::run(&servers[0], cadena).await?;
    cadena.sign_in(&servers[0]).await?;
    let race = race::run(&servers, cadena, seconds.min(30.0)).await?;
    let remembered = remembered::run(&servers, cadena).await?;
    cadena.sign_in(&servers[0]).await?;
    let offer_s = offers::run(&servers[0], &db, cadena).await?;
    let fair_delay_s = turns::run(&db, chains[0].tenant, chains[1].tenant).await?;
    drop(servers);
    let deadlocks = race::deadlocks(&db).await?;
    let import = importar::run(&place).await?;

    let held = race.check(deadlocks);
    // A missed figure ends in «no», not in a failure: only what must never happen does.
    let mut limits = Limits::default();
    for (name, value, limit) in [
        ("push_p99_ms", push_p99_ms, 300.0),
        ("series_p99_ms", series_p99_ms, 100.0),
        ("race_p99_ms", race.p99_ms, 100.0),
        ("race_5xx", race.broken as f64, 0.0),
        ("import_s", import.seconds, 60.0),
        ("import_mb", import.peak_mb, 300.0),
        ("offer_s", offer_s, 2.0),
        ("fair_delay_s", fair_delay_s, 2.0),
    ] {
        limits.at_most(name, value, limit);
    }
    limits.print();
    let report = Report {
        push_p99_ms: round(push_p99_ms),
        series_p99_ms: round(series_p99_ms),
        race_p99_ms: round(race.p99_ms),
        race_5xx: race.broken,
        import_s: round(import.seconds),
        import_mb: round(import.peak_mb),
        offer_s: round(offer_s),
        fair_delay_s: round(fair_delay_s),
        remembered,
    };
    println!("{}", if as_json { serde_json::to_string(&report)? } else { serde_json::to_string_pretty(&report)? });
    // After the figures, so that they are seen whatever broke.
    held
}
