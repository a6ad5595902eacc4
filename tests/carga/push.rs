//! How long a change takes to every screen of its sede: from the moment it is asked for until the last of 500 heard it.
use crate::{
    chains::Cadena,
    open_loop::{Ask, Line},
    server::Server,
    slots::Supply,
};
use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    task::{JoinSet, LocalSet},
};
use uuid::Uuid;

const LISTENERS: usize = 500;
/// Changes a second, by turns on one instance and the other.
const RATE: f64 = 5.0;

/// What all listeners heard.
#[derive(Default)]
struct Heard {
    ready: Cell<usize>,
    times: RefCell<HashMap<Uuid, Vec<Instant>>>,
}

impl Heard {
    fn piece(&self, text: &str, at: Instant) {
        for line in text.lines() {
            if line.strip_prefix("event:").is_some_and(|event| event.trim() == "listo") {
                self.ready.set(self.ready.get() + 1);
            }
            let Some(data) = line.strip_prefix("data:") else { continue };
            let cita = serde_json::from_str::<Value>(data).ok().and_then(|data| data["cuerpo"]["id"].as_str()?.parse().ok());
            if let Some(cita) = cita {
                self.times.borrow_mut().entry(cita).or_default().push(at);
            }
        }
    }
}

/// Listens until the connection ends.
async fn listen(address: String, path: String, token: Rc<str>, heard: Rc<Heard>) -> Result<()> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(TcpStream::connect(&address).await?)).await?;
    tokio::task::spawn_local(async move {
        let _ = connection.await;
    });
    let request = Request::get(path).header(header::HOST, &address).header(header::AUTHORIZATION, &*token);
    let mut response = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
    ensure!(response.status() == StatusCode::OK, "eventos: {}", response.status());
    while let Some(frame) = response.frame().await {
        if let Ok(data) = frame?.into_data() {
            heard.piece(std::str::from_utf8(&data)?, Instant::now());
        }
    }
    Ok(())
}

pub async fn run(servers: &[Server; 2], cadena: &Rc<Cadena>, seconds: f64) -> Result<f64> {
    let local = LocalSet::new();
    local.run_until(measure(servers, cadena, seconds)).await
}

async fn measure(servers: &[Server; 2], cadena: &Rc<Cadena>, seconds: f64) -> Result<f64> {
    let (heard, path) = (Rc::new(Heard::default()), format!("/api/v1/eventos?sede_id={}", cadena.sedes[0].id));
    let mut listeners = JoinSet::new();
    for listener in 0..LISTENERS {
        let address = servers[listener % 2].address.clone();
        listeners.spawn_local(listen(address, path.clone(), cadena.token(), heard.clone()));
    }
    let all = crate::measure::until(Duration::from_secs(30), Duration::from_millis(20), async || heard.ready.get() == LISTENERS);
    tokio::select! {
        ready = all => { ready.with_context(|| format!("de {LISTENERS} oyentes empezaron {}", heard.ready.get()))?; }
        Some(ended) = listeners.join_next() => return ended?.and_then(|()| bail!("un oyente terminó antes de tiempo")),
    }
    let (supply, mut asked) = (Supply::of_sede(cadena, 0), Vec::new());
    let mut lines = [Line::open(&servers[0].address).await?, Line::open(&servers[1].address).await?];
    let start = Instant::now();
    for number in 0..(RATE * seconds) as usize {
        let due = start + Duration::from_secs_f64(number as f64 / RATE);
        tokio::time::sleep_until(due.into()).await;
        asked.push((book(&mut lines[number % 2], &supply.ask()?).await?, due));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut latency = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
    for (cita, due) in &asked {
        let times = heard.times.borrow_mut().remove(cita).unwrap_or_default();
        ensure!(times.len() == LISTENERS, "de {LISTENERS} oyentes se enteraron {}", times.len());
        times.iter().for_each(|at| latency.saturating_record(at.duration_since(*due).as_micros() as u64));
    }
    let ms = |quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!(
        "{} cambios a {LISTENERS} oyentes: p50 {:.1}  p95 {:.1}  p99 {:.1}  máx {:.1} ms",
        asked.len(),
        ms(0.5),
        ms(0.95),
        ms(0.99),
        latency.max() as f64 / 1000.0
    );
    Ok(ms(0.99))
}

async fn book(line: &mut Line, ask: &Ask) -> Result<Uuid> {
    let (status, body) = line.whole(ask).await?;
    ensure!(status == StatusCode::CREATED, "reservar: {status} {body}");
    body["id"].as_str().context("una cita sin id")?.parse().context("el id de una cita")
}
