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
    let mut others: BTreeMap<u16, u64> = BTreeMap::new();
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
        ensure!(won == 1, "una misma hora la obtuvieron {won}");
    }
    let latency = latency.borrow();
    let ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!("{RIVALS} a la vez por una hora, {rounds} veces: p50 {:.1}  p95 {:.1}  p99 {:.1} ms", ms(0.5), ms(0.95), ms(0.99));
    let broken = others.iter().filter(|(status, _)| **status == 0 || **status >= 500).map(|(_, count)| count).sum();
    Ok(Race { rounds, p99_ms: ms(0.99), broken, others })
}
