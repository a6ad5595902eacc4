//! What happens outside requests. Every job may run on several instances at once: rows are lent with `skip locked`
//! or one instance at a time holds an advisory lock.
mod figures;
mod housekeeping;
mod privacidad;
mod reads;
mod reclamos;
mod relay;
pub mod routes;
pub mod tasks;
pub mod worker;

pub use housekeeping::clean;
pub use privacidad::velar;
pub use reads::flush_reads;
pub use reclamos::velar_reclamos;
pub use relay::relay;

use crate::{Assembled, auditoria, complementos::Calentado};
use bytes::Bytes;
use kernel::{Problem, ports::Message};
use std::time::Duration;
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// What nobody called the relay for waits so long.
const RELAY_PERIOD: Duration = Duration::from_secs(1);
/// Between two rounds of the relay: at a thousand commits a second a dozen rounds and not a thousand.
const GATHER: Duration = Duration::from_millis(75);
/// Bus topic of a process that left something to do and does not do it itself.
const CALL: &str = "relevo";
/// How long after each time that nothing could be read it is tried again to make plugins ready.
const WARM_UP_AGAIN: [Duration; 5] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(60), Duration::from_secs(300)];
/// Longest pause after failures in a row.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs until `stop`. The reads of this process are its own to write, so they are part of every server; the rest may
/// be left to `huella work`.
pub async fn run(parts: Assembled, all: bool, stop: CancellationToken) {
    let mut jobs = JoinSet::new();
    let ms = Duration::from_millis;
    macro_rules! job {
        ($name:literal, $period:expr, |$parts:ident| $once:expr) => {{
            let (parts, stop) = (parts.clone(), stop.clone());
            jobs.spawn(async move {
                let once = || {
                    let $parts = parts.clone();
                    async move { $once }
                };
                every($name, $period, &stop, once).await;
            });
        }};
    }
    job!("lecturas", ms(900), |parts| flush_reads(&parts.system()).await.map(|_| false));
    job!("corridas", ms(700), |parts| parts.complementos.flush().await);
    job!("medidas", ms(5_000), |parts| figures::observe(&parts).await.map(|()| false));
    if parts.system().has_replica() {
        // Several times within the second for which an answer counts.
        job!("replica", ms(200), |parts| parts.system().observe_replica().await.map(|()| false));
    }
    if all {
        job!("sellado", ms(500), |parts| seal(&parts).await);
        job!("privacidad", Duration::from_secs(60), |parts| velar(&parts.system()).await.map(|()| false));
        job!("reclamos", Duration::from_secs(60), |parts| velar_reclamos(&parts.system()).await.map(|()| false));
        job!("limpieza", Duration::from_secs(600), |parts| clean(&parts.system()).await);
        job!("recordatorios", Duration::from_secs(60), |parts| remind(&parts).await);
        job!("noches", Duration::from_secs(60), |parts| nights(&parts).await);
        job!("revisiones", Duration::from_secs(600), |parts| auditoria::revisar(&parts.system()).await);
        job!("anclas", Duration::from_secs(1_800), |parts| auditoria::anchor(&parts.system()).await.map(|_| false));
        // Apart: a letter leaves whether or not the file store answers.
        job!("anclas_por_correo", Duration::from_secs(1_800), |parts| auditoria::mail(&parts.system()).await.map(|_| false));
    }
    jobs.spawn(warm_up(parts.clone(), stop.clone()));
    if all {
        jobs.spawn(relay_forever(parts.clone(), stop.clone()));
        jobs.spawn(worker::work_forever(parts.clone(), stop.clone()));
    } else {
        jobs.spawn(call_relay(parts.clone(), stop.clone()));
    }
    let watching = [
        tokio::spawn({
            let identidad = parts.identidad.clone();
            async move { identidad.watch().await }
        }),
        tokio::spawn({
            let eventos = parts.eventos.clone();
            async move { eventos.watch().await }
        }),
        tokio::spawn({
            let complementos = parts.complementos.clone();
            async move { complementos.watch().await }
        }),
    ];
    jobs.join_all().await;
    watching.iter().for_each(tokio::task::JoinHandle::abort);
    if let Err(problem) = parts.complementos.flush().await {
        tracing::error!(estado = problem.status().as_u16(), "the last runs of plugins could not be written");
    }
    // Reads noted by the last requests.
    if let Err(problem) = flush_reads(&parts.system()).await {
        tracing::error!(estado = problem.status().as_u16(), "the last reads could not be written to the audit");
    }
}

/// Relays at once when this process or, over the bus, another one left something in the outbox; every second in any
/// case. Who commits while a relay is at work is served by the next, after a moment in which more can come together.
async fn relay_forever(parts: Assembled, stop: CancellationToken) {
    let wake = parts.app.outbox().clone();
    let listening = tokio::spawn(hear_calls(parts.clone()));
    let once = || {
        let parts = parts.clone();
        async move { relay(&parts).await.map(|sent| sent.more) }
    };
    let woken = || async {
        tokio::time::sleep(GATHER).await;
        wake.notified().await;
    };
    every_or("relevo", RELAY_PERIOD, &stop, woken, once).await;
    listening.abort();
}

/// Passes calls of other processes on to relay and worker of this one.
async fn hear_calls(parts: Assembled) {
    let mut messages = parts.app.bus().subscribe();
    loop {
        match messages.recv().await {
            Ok(message) if message.topic != CALL => {}
            Ok(_) | Err(RecvError::Lagged(_)) => {
                parts.app.outbox().notify_one();
                parts.app.work().notify_one();
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// A process without relay and worker calls those of others.
async fn call_relay(parts: Assembled, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = parts.app.outbox().notified() => {}
            () = parts.app.work().notified() => {}
        }
        let call = Message { topic: CALL.into(), body: Bytes::new() };
        if parts.app.bus().publish(call).await.is_err() {
            metrics::counter!("trabajos_fallas_total", "trabajo" => "bus").increment(1);
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// Makes the plugins ready that chains have switched on. What is asked for before that is made ready then.
async fn warm_up(parts: Assembled, stop: CancellationToken) {
    for pause in WARM_UP_AGAIN {
        let done = tokio::select! {
            () = stop.cancelled() => return,
            done = parts.complementos.calentar() => done,
        };
        match done {
            Ok(Calentado { cargados: 0, fallados: 0, .. }) => return,
            Ok(Calentado { cargados, compilados, fallados }) => {
                tracing::info!(cargados, compilados, fallados, "plugins are ready");
                return;
            }
            Err(problem) => tracing::warn!(estado = problem.status().as_u16(), "plugins could not be made ready; trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Somebody looks through each chain that reminds its owners of appointments, or of what their pets are due for.
async fn remind(parts: &Assembled) -> Result<bool, Problem> {
    let asked = alertas::programar(&parts.system()).await? + alertas::programar_escalera(&parts.system()).await?;
    if asked > 0 {
        parts.app.work().notify_one();
    }
    Ok(false)
}

/// Rules walk through each chain whose night has come.
async fn nights(parts: &Assembled) -> Result<bool, Problem> {
    if alertas::programar_noches(&parts.system()).await? > 0 {
        parts.app.work().notify_one();
    }
    Ok(false)
}

async fn seal(parts: &Assembled) -> Result<bool, Problem> {
    let sealed = auditoria::seal(&parts.system()).await?;
    metrics::counter!("auditoria_selladas_total").increment(sealed.rows as u64);
    Ok(sealed.more)
}

/// Does something again and again: at once if there is more to do, else after `period`, later and later after failures.
async fn every<F: Future<Output = Result<bool, Problem>>>(
    name: &'static str,
    period: Duration,
    stop: &CancellationToken,
    once: impl Fn() -> F,
) {
    every_or(name, period, stop, std::future::pending::<()>, once).await;
}

/// The same, and sooner when somebody calls.
async fn every_or<F: Future<Output = Result<bool, Problem>>, W: Future<Output = ()>>(
    name: &'static str,
    period: Duration,
    stop: &CancellationToken,
    woken: impl Fn() -> W,
    once: impl Fn() -> F,
) {
    let mut failures = 0_u32;
    while !stop.is_cancelled() {
        let mut called = true;
        let pause = match once().await {
            Ok(true) => {
                failures = 0;
                continue;
            }
            Ok(false) => {
                failures = 0;
                period
            }
            Err(problem) => {
                failures += 1;
                metrics::counter!("trabajos_fallas_total", "trabajo" => name).increment(1);
                tracing::error!(trabajo = name, estado = problem.status().as_u16(), failures, "a background job failed");
                called = false;
                (period * 2_u32.saturating_pow(failures.min(10))).min(LONGEST_PAUSE.max(period))
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
            () = woken(), if called => {}
        }
    }
}
