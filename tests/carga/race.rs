//! 200 who want the same hour of the same vet at the same moment, again and again: one has it, the others are told so.
use crate::{
    chains::Cadena,
    open_loop::{Ask, Line},
    server::Server,
    slots::Supply,
};
use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use serde_json::json;
use sqlx::PgPool;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

const RIVALS: usize = 200;
/// From one hour that all want to the next.
const PERIOD: Duration = Duration::from_secs(1);

pub struct Race {
    pub rounds: usize,
    pub p99_ms: f64,
    /// Answers that are nobody's fault but ours; 0: a broken connection.
    pub broken: u64,
    /// Answers to those who did not get it, by status.
    pub others: BTreeMap<u16, u64>,
    /// How many had the hour, in rounds in which that was not one.
    pub torn: BTreeMap<usize, usize>,
}

impl Race {
    /// What holds however long it took: each hour is one's, everybody else is told so, and nobody waited in a circle.
    pub fn check(&self, deadlocks: i64) -> Result<()> {
        let Self { rounds, others, torn, .. } = self;
        println!(
            "{RIVALS} a la vez por una hora, {rounds} horas: de uno solo {}, los demás {others:?}, interbloqueos {deadlocks}",
            rounds - torn.len()
        );
        ensure!(torn.is_empty(), "SE ROMPIÓ LA CARRERA: horas que no fueron de uno solo (ronda: cuántos): {torn:?}");
        let told = ((RIVALS - 1) * rounds) as u64;
        let only = others.keys().all(|status| *status == 409) && others.values().sum::<u64>() == told;
        ensure!(only, "SE ROMPIÓ LA CARRERA: a los demás corresponden {told} respuestas 409 y hubo {others:?}");
        ensure!(deadlocks == 0, "SE ROMPIÓ LA CARRERA: {deadlocks} interbloqueos en la base");
        Ok(())
    }
}

/// Deadlocks that the database broke so far. Sessions tell of them when they end, so all do: ask once the servers are gone.
pub async fn deadlocks(db: &PgPool) -> Result<i64> {
    const OTHERS: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";
    let mut db = db.acquire().await?;
    let ours = &mut *db;
    let start = Instant::now();
    while sqlx::query_scalar::<_, i64>(OTHERS).fetch_one(&mut *ours).await? > 0 {
        ensure!(start.elapsed() < Duration::from_secs(20), "quedan sesiones en la base");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()").fetch_one(ours).await?)
}

pub async fn run(servers: &[Server; 2], cadena: &Rc<Cadena>, seconds: f64) -> Result<Race> {
    LocalSet::new().run_until(measure(servers, cadena, seconds)).await
}

async fn measure(servers: &[Server; 2], cadena: &Rc<Cadena>, seconds: f64) -> Result<Race> {
    let mut lines = Vec::with_capacity(RIVALS);
    for rival in 0..RIVALS {
        lines.push(Rc::new(tokio::sync::Mutex::new(Line::open(&servers[rival % 2].address).await?)));
    }
    let (supply, latency) = (Supply::of_sede(cadena, 0), Rc::new(RefCell::new(Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?)));
    let rounds = (seconds / PERIOD.as_secs_f64()) as usize;
    let (mut others, mut torn) = (BTreeMap::<u16, u64>::new(), BTreeMap::new());
    let start = Instant::now();
    for round in 0..rounds {
        let due = start + PERIOD * round as u32;
        tokio::time::sleep_until(due.into()).await;
        let (_, turno) = supply.next()?;
        let mut asking = Vec::with_capacity(RIVALS);
        for (rival, line) in lines.iter().enumerate() {
            let mascota = cadena.mascotas[(round * RIVALS + rival) % cadena.mascotas.len()];
            let body = json!({ "sede_id": turno.sede, "medico_id": turno.medico, "servicio_id": cadena.servicio, "mascota_id": mascota, "inicio": turno.inicio });
            let (ask, line, latency) =
                (Ask::create(cadena.token(), "/api/v1/citas/reservar", body.to_string().into()), line.clone(), latency.clone());
            asking.push(tokio::task::spawn_local(async move {
                let sent = Instant::now();
                let status = line.lock().await.answer(&ask).await?;
                latency.borrow_mut().saturating_record(sent.elapsed().as_micros() as u64);
                anyhow::Ok(status)
            }));
        }
        let mut won = 0;
        for answer in asking {
            match answer.await?? {
                201 => won += 1,
                status => *others.entry(status).or_default() += 1,
            }
        }
        if won != 1 {
            torn.insert(round, won);
        }
    }
    let latency = latency.borrow();
    let ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!("{RIVALS} a la vez por una hora, {rounds} veces: p50 {:.1}  p95 {:.1}  p99 {:.1} ms", ms(0.5), ms(0.95), ms(0.99));
    let broken = others.iter().filter(|(status, _)| **status == 0 || **status >= 500).map(|(_, count)| count).sum();
    Ok(Race { rounds, p99_ms: ms(0.99), broken, others, torn })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn race(others: [(u16, u64); 2], torn: &[(usize, usize)]) -> Race {
        let others = others.into_iter().filter(|(_, count)| *count > 0).collect();
        Race { rounds: 3, p99_ms: 1.0, broken: 0, others, torn: torn.iter().copied().collect() }
    }

    #[test]
    fn a_race_holds_or_says_what_broke() {
        let all = 3 * (RIVALS as u64 - 1);
        assert!(race([(409, all), (503, 0)], &[]).check(0).is_ok());
        let broken = [
            (race([(409, all), (503, 0)], &[]), 1, "1 interbloqueos"),
            (race([(409, all - 1), (503, 1)], &[]), 0, "503"),
            (race([(409, all - 1), (503, 0)], &[]), 0, "409"),
            (race([(409, all - 1), (503, 0)], &[(1, 2)]), 0, "{1: 2}"),
            (race([(409, all + 1), (503, 0)], &[(2, 0)]), 0, "{2: 0}"),
        ];
        for (race, deadlocks, why) in broken {
            let error = race.check(deadlocks).expect_err(why).to_string();
            assert!(error.contains("SE ROMPIÓ") && error.contains(why), "{error}");
        }
    }
}
