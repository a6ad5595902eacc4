//! Events leave the outbox: to the feed and the bus, and to whoever has to act on them.
use crate::{
    eventos::{self, Evento, Lote},
    store::outbox::{self, Event, Portion},
};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use kernel::{Problem, SystemCtx, ids::TenantId, ports::Message};
use organizacion::identidad::Identidad;
use std::collections::BTreeMap;

/// Topics that somebody acts on, as a regular expression. Each of them is handled at least once; all others go to the
/// feed, and to the bus at most once.
const HEARD: &str = "^cuenta\\.";
/// After so many tries an event stays where it is, with its error, for somebody to look at.
pub const MAX_TRIES: i16 = 20;
/// An event that is being worked on is found again after this time.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const LENT: Portion = Portion { per_tenant: 10, all: 100 };
const AT_ONCE: usize = 8;
/// Events for listeners: many a second, each a few hundred bytes.
const TAKEN: Portion = Portion { per_tenant: 100, all: 500 };

/// What one call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relayed {
    pub sent: usize,
    pub more: bool,
}

pub async fn relay(system: &SystemCtx, identidad: &Identidad) -> Result<Relayed, Problem> {
    let unheard = to_bus(system).await?;
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let events = outbox::lend(&mut tx, now, now + LEASE, HEARD, LENT).await?;
    tx.commit().await?;
    let lent = events.len();
    let done: Vec<Option<i64>> = stream::iter(events).map(|event| act(system, identidad, event)).buffer_unordered(AT_ONCE).collect().await;
    let done: Vec<i64> = done.into_iter().flatten().collect();
    if !done.is_empty() {
        let mut tx = system.begin_jobs().await?;
        outbox::done(&mut tx, &done).await?;
        tx.commit().await?;
    }
    // A chain that filled its share may have more.
    let more = unheard as i64 >= TAKEN.per_tenant || lent as i64 >= LENT.per_tenant;
    Ok(Relayed { sent: unheard + done.len(), more })
}

async fn to_bus(system: &SystemCtx) -> Result<usize, Problem> {
    let mut tx = system.begin_jobs().await?;
    outbox::lock_feed(&mut tx).await?;
    let events = outbox::take_unheard(&mut tx, system.app().now(), HEARD, TAKEN).await?;
    if events.is_empty() {
        return Ok(0);
    }
    tx.commit().await?;
    let taken = events.len();
    let mut by_chain: BTreeMap<TenantId, Vec<Evento>> = BTreeMap::new();
    events.into_iter().for_each(|numbered| by_chain.entry(numbered.tenant).or_default().push(numbered.evento));
    for (tenant, eventos) in by_chain {
        publish(system, &Lote { tenant, eventos }).await;
    }
    Ok(taken)
}

/// `Some` if the event is dealt with.
async fn act(system: &SystemCtx, identidad: &Identidad, event: Event) -> Option<i64> {
    match identidad.on_event(system, event.tenant, &event.tema, &event.cuerpo).await {
        Ok(_) => Some(event.id),
        Err(problem) => {
            let at = next_try(system.app().now(), event.intentos);
            tracing::warn!(tema = event.tema, intento = event.intentos, "an event could not be handled");
            // The kind of problem and nothing of its cause, which may quote an address or a key.
            let error = format!("{}", problem.status());
            let later = async {
                let mut tx = system.begin_jobs().await?;
                outbox::again(&mut tx, event.id, at, &error).await?;
                tx.commit().await.map_err(Problem::from)
            };
            if later.await.is_err() {
                tracing::warn!("the event comes back when its lease ends");
            }
            None
        }
    }
}

/// 2, 4, 8 … seconds, an hour at most; after the last try, never (a century).
fn next_try(now: Timestamp, tries: i16) -> Timestamp {
    let wait = if tries >= MAX_TRIES {
        SignedDuration::from_hours(24 * 365 * 100)
    } else {
        SignedDuration::from_secs((1_i64 << tries.clamp(1, 12)).min(3_600))
    };
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

async fn publish(system: &SystemCtx, lote: &Lote) {
    let Ok(body) = serde_json::to_vec(lote) else { return };
    let message = Message { topic: eventos::TOPIC.into(), body: body.into() };
    if system.app().bus().publish(message).await.is_err() {
        metrics::counter!("trabajos_fallas_total", "trabajo" => "bus").increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_later_and_later_and_end() {
        let now = Timestamp::UNIX_EPOCH;
        let waits: Vec<i64> = [1, 2, 3, 12, 19].map(|tries| (next_try(now, tries) - now).get_seconds()).into();
        assert_eq!(waits, [2, 4, 8, 3_600, 3_600]);
        assert!(next_try(now, MAX_TRIES) > now + SignedDuration::from_hours(24 * 300_000 / 365));
    }
}
