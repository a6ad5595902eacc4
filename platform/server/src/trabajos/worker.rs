//! Work that was asked for is done here, at least once.
use crate::{
    Assembled,
    store::trabajos::{self as store, Failure, Lent, Portion},
};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use kernel::{Problem, job::Fallo};
use rand::RngExt;
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Work that is being done is found again after this time; what takes longer than `LIMIT` has failed.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const LIMIT: Duration = Duration::from_secs(45);
/// The same for work that keeps its lease, and how often it does.
const LONG_LIMIT: Duration = Duration::from_secs(3_600);
const KEEP: Duration = Duration::from_secs(20);
/// At once in this process, nearly all of it waiting for somebody outside; and of one chain, in all processes.
const AT_ONCE: usize = 32;
const PER_TENANT: i64 = 8;
/// How often it is looked for what is due now.
const LOOK: Duration = Duration::from_millis(500);
/// What somebody outside asks to be waited for is waited for, within reason.
const SHORTEST_ASKED: Duration = Duration::from_secs(5);
const LONGEST_ASKED: Duration = Duration::from_secs(3_600);
/// How long work in hand may go on when the process is told to end.
const GRACE: Duration = Duration::from_secs(10);

struct Finished {
    job: Lent,
    result: Result<(), Fallo>,
}

/// Works until `stop`.
pub async fn work_forever(parts: Assembled, stop: CancellationToken) {
    let mut running: JoinSet<Finished> = JoinSet::new();
    while !stop.is_cancelled() {
        let pause = match lend(&parts, AT_ONCE - running.len()).await {
            Ok(lent) => {
                lent.into_iter().for_each(|job| drop(running.spawn(perform(parts.clone(), job))));
                LOOK
            }
            Err(problem) => {
                metrics::counter!("trabajos_fallas_total", "trabajo" => "trabajos").increment(1);
                tracing::error!(estado = problem.status().as_u16(), "work could not be lent");
                LOOK * 4
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
            () = parts.app.work().notified() => {}
            Some(first) = running.join_next() => settle_all(&parts, first.ok(), &mut running).await,
        }
    }
    let finish = async {
        while let Some(first) = running.join_next().await {
            settle_all(&parts, first.ok(), &mut running).await;
        }
    };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("work was cut off; it is found again when its lease ends");
    }
}

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    pub done: usize,
    pub failed: usize,
}

/// Does what is due now, each chain's first pieces, and waits for all of it.
pub async fn work_once(parts: &Assembled) -> Result<Worked, Problem> {
    let lent = lend(parts, AT_ONCE).await?;
    let finished = futures::future::join_all(lent.into_iter().map(|job| perform(parts.clone(), job))).await;
    let done = finished.iter().filter(|one| one.result.is_ok()).count();
    let worked = Worked { done, failed: finished.len() - done };
    settle(parts, finished).await?;
    Ok(worked)
}

/// Takes work for this process alone, for a minute.
pub async fn lend(parts: &Assembled, free: usize) -> Result<Vec<Lent>, Problem> {
    if free == 0 {
        return Ok(Vec::new());
    }
    let system = parts.system();
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let lent = store::lend(&mut tx, now, now + LEASE, Portion { per_tenant: PER_TENANT, all: free as i64 }).await?;
    if !lent.is_empty() {
        tx.commit().await?;
    }
    Ok(lent)
}

/// Notes that lent work is done.
pub async fn finish(parts: &Assembled, jobs: Vec<Lent>) -> Result<(), Problem> {
    settle(parts, jobs.into_iter().map(|job| Finished { job, result: Ok(()) }).collect()).await
}

async fn perform(parts: Assembled, job: Lent) -> Finished {
    let began = Instant::now();
    let limit = if super::tasks::is_long(&job.tipo) { LONG_LIMIT } else { LIMIT };
    let work = AssertUnwindSafe(kept(&parts, &job, super::tasks::perform(&parts, &job))).catch_unwind();
    let result = match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Fallo::Luego("interrumpido por un error interno".into())),
        Err(_) => Err(Fallo::Luego("tardó demasiado".into())),
    };
    let (tipo, resultado) = (job.tipo.clone(), if result.is_ok() { "bien" } else { "falla" });
    metrics::counter!("trabajos_total", "tipo" => tipo.clone(), "resultado" => resultado).increment(1);
    metrics::histogram!("trabajos_duracion_segundos", "tipo" => tipo).record(began.elapsed());
    Finished { job, result }
}

/// Does work and keeps its lease meanwhile, as long as this process lives and the database answers.
async fn kept(parts: &Assembled, job: &Lent, work: impl Future<Output = Result<(), Fallo>>) -> Result<(), Fallo> {
    let keep = async {
        loop {
            tokio::time::sleep(KEEP).await;
            let system = parts.system();
            let kept = async {
                let mut tx = system.begin_jobs().await?;
                let mine = store::keep(&mut tx, job, system.app().now() + LEASE).await?;
                tx.commit().await?;
                Ok::<bool, Problem>(mine)
            };
            // Lent to another one meanwhile: it is done there.
            if matches!(kept.await, Ok(false)) {
                return Err(Fallo::Luego("otro lo hace".into()));
            }
        }
    };
    tokio::select! {
        done = work => done,
        lost = keep => lost,
    }
}

/// The first that finished and all that are finished with it, in one transaction.
async fn settle_all(parts: &Assembled, first: Option<Finished>, running: &mut JoinSet<Finished>) {
    let mut finished: Vec<Finished> = first.into_iter().collect();
    while let Some(next) = running.try_join_next() {
        finished.extend(next.ok());
    }
    if let Err(problem) = settle(parts, finished).await {
        tracing::warn!(estado = problem.status().as_u16(), "finished work comes back when its lease ends");
    }
}

async fn settle(parts: &Assembled, finished: Vec<Finished>) -> Result<(), Problem> {
    let system = parts.system();
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let mut done = Vec::new();
    for Finished { job, result } in finished {
        let (last, asked, error) = match result {
            Ok(()) => {
                done.push(job);
                continue;
            }
            Err(Fallo::Luego(error)) => (job.intentos >= job.max_intentos, None, error),
            Err(Fallo::Tras(wait, error)) => (job.intentos >= job.max_intentos, Some(wait), error),
            Err(Fallo::Nunca(error)) => (true, None, error),
        };
        tracing::warn!(tipo = job.tipo, intento = job.intentos, muerto = last, "work failed");
        let next = (!last).then(|| match asked {
            Some(wait) => asked_for(now, wait, rand::rng().random_range(1.0..1.25)),
            None => next_try(now, job.intentos, rand::rng().random_range(0.75..1.25)),
        });
        let failure = Failure { tenant: job.tenant, id: job.id, intentos: job.intentos, next, error };
        store::failed(&mut tx, now, &failure).await?;
    }
    if !done.is_empty() {
        store::done(&mut tx, &done).await?;
    }
    Ok(tx.commit().await?)
}

/// 2, 4, 8 … seconds, an hour at most, each a quarter more or less: who failed together does not come back together.
fn next_try(now: Timestamp, tries: i16, jitter: f64) -> Timestamp {
    let seconds = f64::from(2_i32.pow(u32::from(tries.clamp(1, 12).unsigned_abs()))).min(3_600.0) * jitter;
    now + SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::from_hours(1))
}

/// Not before what was asked for, and up to a quarter later.
fn asked_for(now: Timestamp, wait: Duration, jitter: f64) -> Timestamp {
    let wait = wait.clamp(SHORTEST_ASKED, LONGEST_ASKED).mul_f64(jitter).min(LONGEST_ASKED);
    now + SignedDuration::from_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_later_and_later_and_apart() {
        let now = Timestamp::UNIX_EPOCH;
        let waits: Vec<i64> = [1, 2, 3, 11, 12, 19].map(|tries| (next_try(now, tries, 1.0) - now).get_seconds()).into();
        assert_eq!(waits, [2, 4, 8, 2_048, 3_600, 3_600]);
        assert_ne!(next_try(now, 5, 0.75), next_try(now, 5, 1.25));
    }

    #[test]
    fn what_somebody_asks_to_be_waited_for_is_waited_for_within_reason() {
        let now = Timestamp::UNIX_EPOCH;
        let wait = |asked: u64, jitter: f64| (asked_for(now, Duration::from_secs(asked), jitter) - now).get_seconds();
        assert_eq!([0, 5, 90, 3_600, 90_000].map(|asked| wait(asked, 1.0)), [5, 5, 90, 3_600, 3_600]);
        assert_eq!((wait(100, 1.2), wait(3_500, 1.2)), (120, 3_600));
    }
}
