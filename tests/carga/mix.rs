//! A day's mix: 95 % reads (70 % one appointment, 15 % day of a vet, 10 % search, 5 % timeline) and 5 % bookings.
use crate::{
    bench::{Bench, round},
    chains::Cadena,
    open_loop::{Ask, Pace},
    queries::{QUERIES, queries},
    slots::Supply,
};
use anyhow::Result;
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use std::rc::Rc;
use uuid::Uuid;

/// Two per cent above the promised 5,000/s, for the same reason as with bookings.
const OFFERED: f64 = 5_100.0;
/// Requests of all kinds in their shares repeat after so many.
const CYCLE: u64 = 400;
/// Shares no factor with `CYCLE`: neighbours in time are of all kinds, not 20 bookings in a row.
const STRIDE: u64 = 139;

#[derive(Serialize)]
pub struct Mix {
    pub rps: f64,
    pub errors: u64,
    pub p99_ms: f64,
}

/// A booked appointment to look at.
#[derive(FromRow)]
struct Booked {
    tenant_id: Uuid,
    id: Uuid,
    medico_id: Uuid,
    mascota_id: Uuid,
    fecha: String,
}

struct Day {
    chains: Vec<Rc<Cadena>>,
    supply: Supply,
    booked: Vec<Booked>,
    queries: Vec<String>,
}

impl Day {
    fn ask(&self, n: u64) -> Result<Ask> {
        let Booked { tenant_id, id, medico_id, mascota_id, fecha } = &self.booked[(n as usize * 7) % self.booked.len()];
        let path = match n * STRIDE % CYCLE {
            0..20 => return self.supply.ask(),
            20..286 => format!("/api/v1/citas/{id}"),
            286..343 => format!("/api/v1/citas?medico_id={medico_id}&fecha={fecha}"),
            343..381 => format!("/api/v1/pacientes?buscar={}&limite=20", self.queries[n as usize % self.queries.len()]),
            _ => format!("/api/v1/pacientes/{mascota_id}/historial"),
        };
        let cadena = self.chains.iter().find(|cadena| cadena.tenant == *tenant_id).unwrap_or(&self.chains[0]);
        Ok(Ask::get(cadena.token(), path))
    }
}

pub async fn run(bench: &Bench<'_>, seconds: f64) -> Result<Mix> {
    sqlx::query("vacuum analyze").execute(&bench.db).await?;
    bench.sign_in_receptions().await?;
    let day = Day {
        chains: bench.chains.clone(),
        supply: Supply::of(&bench.chains),
        booked: booked(&bench.db).await?,
        queries: queries(bench.chains[0].mascotas.len(), QUERIES),
    };
    let run = bench.phase(Pace { rate: Some(OFFERED), seconds, connections: 64 }, move |n| day.ask(n)).await?;
    run.show("mezcla, 95 % lecturas");
    Ok(Mix { rps: round(run.outcome.rate()), errors: run.outcome.errors, p99_ms: round(run.outcome.ms(0.99)) })
}

async fn booked(db: &PgPool) -> Result<Vec<Booked>> {
    Ok(sqlx::query_as(
        "select tenant_id, id, medico_id, mascota_id, to_char(inicio at time zone 'America/Lima', 'YYYY-MM-DD') as fecha
           from citas order by md5(id::text) limit 20000",
    )
    .fetch_all(db)
    .await?)
}
