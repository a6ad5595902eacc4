//! Events leave the outbox: to the feed and the bus, or as work for somebody who has to act on them.
use crate::{
    Assembled,
    eventos::{self, Evento, Lote},
    store::outbox::{self, Portion, Taken},
};
use integraciones::Suceso;
use jiff::Timestamp;
use kernel::{Problem, SystemCtx, eventos::permission_of, ids::TenantId, ports::Message};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Topics that somebody acts on, as a regular expression: each becomes work, done at least once. All others go to the
/// feed, and to the bus at most once.
const HEARD: &str = "^cuenta\\.";
/// Many a second, each a few hundred bytes.
const PORTION: Portion = Portion { per_tenant: 100, all: 500 };

/// What one call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relayed {
    pub sent: usize,
    pub more: bool,
}

pub async fn relay(parts: &Assembled) -> Result<Relayed, Problem> {
    let system = parts.system();
    let mut tx = system.begin_jobs().await?;
    outbox::lock_feed(&mut tx).await?;
    let taken = outbox::take(&mut tx, system.app().now(), HEARD, PORTION).await?;
    if taken.is_empty() {
        return Ok(Relayed { sent: 0, more: false });
    }
    let told = distribute(&mut tx, system.app().now(), &taken).await?;
    tx.commit().await?;
    if told > 0 {
        system.app().work().notify_one();
    }
    let sent = taken.len();
    let mut by_chain: BTreeMap<TenantId, Vec<Evento>> = BTreeMap::new();
    for event in taken {
        match event.numero {
            Some(_) => by_chain.entry(event.tenant).or_default().push(event.evento),
            None => system.app().work().notify_one(),
        }
    }
    for (tenant, eventos) in by_chain {
        publish(&system, &Lote { tenant, eventos }).await;
    }
    // A chain that filled its share may have more.
    Ok(Relayed { sent, more: sent as i64 >= PORTION.per_tenant })
}

/// Other systems that asked for one of these are told, and owners whose appointment it is, what became free is offered to
/// those who wait for it, who waited for a pet that died waits no more, and rules look at pets whose facts changed: asked for in
/// the same transaction, so none is forgotten.
async fn distribute(db: &mut PgConnection, now: Timestamp, taken: &[Taken]) -> Result<u64, Problem> {
    let hechos = || taken.iter().map(|Taken { tenant, evento, .. }| (*tenant, evento.tema.as_str(), &evento.cuerpo));
    let esperas = citas::anotar_libres(db, now, hechos()).await? + citas::anotar_fallecidas(db, now, hechos()).await?;
    let sucesos: Vec<Suceso> = taken
        .iter()
        .filter(|event| permission_of(&event.evento.tema).is_some())
        .map(|Taken { tenant, evento, .. }| Suceso {
            tenant: *tenant,
            tema: &evento.tema,
            sede: evento.sede,
            en: evento.en,
            cuerpo: &evento.cuerpo,
        })
        .collect();
    let told = if sucesos.is_empty() { 0 } else { integraciones::repartir(db, now, &sucesos).await? };
    let reglas = alertas::repartir_hechos(db, now, hechos()).await?;
    Ok(esperas + told + reglas + alertas::repartir(db, now, hechos()).await?)
}

async fn publish(system: &SystemCtx, lote: &Lote) {
    let Ok(body) = serde_json::to_vec(lote) else { return };
    let message = Message { topic: eventos::TOPIC.into(), body: body.into() };
    if system.app().bus().publish(message).await.is_err() {
        metrics::counter!("trabajos_fallas_total", "trabajo" => "bus").increment(1);
    }
}
