//! When and from where keys are used, as the log of sign-ins tells it.
use crate::identidad::{
    accesos::{
        model::{Medio, Resultado},
        store,
    },
    throttle::{Bucket, Throttle},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use kernel::{
    Actor, Origin, Problem, SystemCtx,
    ids::{ClaveApiId, TenantId},
};
use moka::future::Cache;
use std::net::IpAddr;

/// Days begin at midnight in Peru, which has no summer time.
const PERU: jiff::tz::Offset = jiff::tz::Offset::constant(-5);

/// A key is shown with every request: only its first use of a day from each address is a line of the log.
#[derive(Clone)]
pub struct Usos {
    system: SystemCtx,
    throttle: Throttle,
    /// What this process knows to be written, and of which day.
    known: Cache<(ClaveApiId, IpAddr), Timestamp>,
}

impl Usos {
    pub fn new(system: SystemCtx, throttle: Throttle) -> Self {
        Self { system, throttle, known: Cache::builder().max_capacity(20_000).build() }
    }

    pub async fn usada(&self, tenant: TenantId, clave: ClaveApiId, origin: &Origin, now: Timestamp) -> Result<(), Problem> {
        let (ip, today) = (origin.ip.to_canonical(), midnight(now));
        if self.known.get(&(clave, ip)).await == Some(today) {
            return Ok(());
        }
        let mut tx = self.system.begin_as(tenant, Actor::ClaveApi(clave), Some(origin.clone()), now).await?;
        if !store::uso_anotado(&mut tx, clave, &ip.to_string(), today).await? {
            store::anotar(&mut tx, Actor::ClaveApi(clave), Resultado::Ingreso, Medio::ClaveApi, origin).await?;
            tx.commit().await?;
        }
        self.known.insert((clave, ip), today).await;
        Ok(())
    }

    /// A key that exists was refused: wrong secret, revoked or over.
    pub async fn rechazada(
        &self,
        tenant: TenantId,
        clave: ClaveApiId,
        medio: Medio,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let keyring = self.system.app().keyring();
        let bucket = Bucket::key(keyring, tenant, clave, origin.ip);
        let Ok(mut taken) = self.throttle.take(&[&bucket], now).await else { return Ok(()) };
        taken.made();
        let mut tx = self.system.begin_as(tenant, Actor::ClaveApi(clave), Some(origin.clone()), now).await?;
        store::anotar(&mut tx, Actor::ClaveApi(clave), Resultado::ClaveRechazada, medio, origin).await?;
        tx.commit().await
    }
}

fn midnight(now: Timestamp) -> Timestamp {
    let day = now.to_zoned(TimeZone::fixed(PERU)).start_of_day();
    day.map_or(now - 24.hours(), |start| start.timestamp())
}
