//! The night of a chain of 200,000 pets and three rules, while others book at 200 a second.
use crate::{
    bench::round,
    complementos::Sala,
    measure,
    open_loop::{self, Outcome, Pace},
    server::Server,
    slots::Supply,
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use sqlx::PgPool;
use std::time::{Duration, Instant};
use uuid::Uuid;

const FILL: &str = include_str!("noche.sql");
/// Bookings a second.
const RATE: f64 = 200.0;
const CONNECTIONS: usize = 32;
/// Bookings are asked for in portions of so many seconds, until the night is over.
const PORTION: f64 = 5.0;
/// Tokens live ten minutes, and checking a password is work.
const FRESH: Duration = Duration::from_secs(300);
/// What a night may take, and another chain's bookings meanwhile.
const MINUTES: f64 = 5.0;
const BOOKING_MS: f64 = 50.0;
/// One of so many alerts is lost before the night, which has to say it again: what a day changes.
const LOST: i32 = 50;

#[derive(Serialize)]
pub struct Noche {
    pets_per_s: f64,
    minutes: f64,
    booking_p99_ms: f64,
}

/// Gives a chain so many more pets, with what is known of them.
pub async fn fill(db: &PgPool, tenant: Uuid, mascotas: usize) -> Result<()> {
    let began = Instant::now();
    let mut one = db.acquire().await?;
    sqlx::query("select set_config('carga.tenant', $1, false), set_config('carga.mascotas', $2, false)")
        .bind(tenant.to_string())
        .bind(mascotas.to_string())
        .execute(&mut *one)
        .await?;
    sqlx::raw_sql(FILL).execute(&mut *one).await.context("noche.sql")?;
    drop(one);
    sqlx::query("vacuum analyze").execute(db).await?;
    let (pets, facts): (i64, i64) = sqlx::query_as(
        "select (select count(*) from mascotas where tenant_id = $1), (select count(*) from hechos_clinicos where tenant_id = $1)",
    )
    .bind(tenant)
    .fetch_one(db)
    .await?;
    println!("    {pets} mascotas con {facts} hechos clínicos en {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// A walk through all pets, as the server keeps it.
#[derive(sqlx::FromRow)]
struct Walk {
    total: i32,
    vistas: i32,
    nuevas: i32,
    cambiadas: i32,
    sin_evaluar: i32,
    segundos: Option<f64>,
}

impl Walk {
    fn show(&self, name: &str) {
        println!(
            "{name:<34} {:>7.0} mascotas/s  {:.2} min  {} mascotas, {} alertas nuevas, {} cambiadas, {} sin evaluar",
            self.pets_per_s(),
            self.minutes(),
            self.vistas,
            self.nuevas,
            self.cambiadas,
            self.sin_evaluar
        );
    }
    fn seconds(&self) -> f64 {
        self.segundos.unwrap_or_default().max(1e-3)
    }
    fn pets_per_s(&self) -> f64 {
        f64::from(self.vistas) / self.seconds()
    }
    fn minutes(&self) -> f64 {
        self.seconds() / 60.0
    }
    /// All of them were asked about, and every rule answered.
    fn is_whole(&self) -> Result<()> {
        ensure!(self.vistas == self.total && self.sin_evaluar == 0, "{} de {}, {} sin evaluar", self.vistas, self.total, self.sin_evaluar);
        Ok(())
    }
}

/// The last one that began for this reason.
async fn walk(db: &PgPool, tenant: Uuid, motivo: &str) -> Result<Option<Walk>> {
    let sql = "select total, vistas, nuevas, cambiadas, sin_evaluar, extract(epoch from terminada_en - empezada_en)::float8 as segundos
                 from alertas_pasadas where tenant_id = $1 and motivo = $2 order by empezada_en desc limit 1";
    Ok(sqlx::query_as(sql).bind(tenant).bind(motivo).fetch_optional(db).await?)
}

async fn until(db: &PgPool, tenant: Uuid, motivo: &str, finished: bool, limit: Duration) -> Result<()> {
    let there = async || match walk(db, tenant, motivo).await {
        Ok(Some(walk)) => walk.segundos.is_some() || !finished,
        _ => false,
    };
    measure::until(limit, Duration::from_millis(200), there).await.map(drop).with_context(|| format!("la pasada «{motivo}»"))
}

pub async fn run(sala: &Sala<'_>, server: &Server) -> Result<Noche> {
    let (db, grande) = (&sala.db, &sala.chains[0]);
    // Its rules were switched on just now: all pets are looked at, and everything is said for the first time.
    until(db, grande.tenant, "reglas", true, Duration::from_secs(1_800)).await?;
    let first = walk(db, grande.tenant, "reglas").await?.context("la primera pasada")?;
    first.show("la primera vez, sin reservas");
    first.is_whole()?;
    let lost = sqlx::query("delete from alertas_medicas where tenant_id = $1 and abs(hashtext(id::text)) % $2 = 0");
    let lost = lost.bind(grande.tenant).bind(LOST).execute(db).await?.rows_affected();
    sqlx::query("vacuum analyze").execute(db).await?;
    sqlx::query("checkpoint").execute(db).await?;

    sign_in(sala, server).await?;
    book(sala, server, PORTION).await?;
    let alone = book(sala, server, 3.0 * PORTION).await?;
    show("reservas, sin pasada", &alone);
    let due = "insert into alertas_noches (tenant_id, proxima) values ($1, now() - interval '1 minute')
               on conflict (tenant_id) do update set proxima = excluded.proxima";
    sqlx::query(due).bind(grande.tenant).execute(db).await?;
    until(db, grande.tenant, "noche", false, Duration::from_secs(120)).await?;
    let before = (measure::cpu(server.pid()), measure::cpu_tree(sala.place.pg_pid));
    sign_in(sala, server).await?;
    let (mut beside, mut signed_in) = (book(sala, server, PORTION).await?, Instant::now());
    while walk(db, grande.tenant, "noche").await?.is_some_and(|walk| walk.segundos.is_none()) {
        if signed_in.elapsed() > FRESH {
            sign_in(sala, server).await?;
            signed_in = Instant::now();
        }
        beside.add(&book(sala, server, PORTION).await?)?;
    }
    let (app, base) = (measure::cpu(server.pid()) - before.0, measure::cpu_tree(sala.place.pg_pid) - before.1);
    let night = walk(db, grande.tenant, "noche").await?.context("la noche")?;
    show("reservas, durante la noche", &beside);
    night.show("la noche, 3 reglas");
    println!(
        "    CPU por segundo, reservas incluidas: servidor {:.2} s, base {:.2} s; se habían perdido {lost} alertas",
        app / beside.seconds(),
        base / beside.seconds()
    );
    night.is_whole()?;
    ensure!(u64::try_from(night.nuevas).is_ok_and(|new| new == lost), "{} alertas nuevas de {lost} perdidas", night.nuevas);
    beside.flawless().context("reservas durante la noche")?;
    let noche = Noche { pets_per_s: round(night.pets_per_s()), minutes: round(night.minutes()), booking_p99_ms: round(beside.ms(0.99)) };
    println!(
        "noche: {:.0} mascotas/s, {:.2} min (límite {MINUTES}); P99 de las reservas {:.1} ms (límite {BOOKING_MS})",
        noche.pets_per_s, noche.minutes, noche.booking_p99_ms
    );
    Ok(noche)
}

fn show(name: &str, outcome: &Outcome) {
    println!(
        "{name:<34} {:>7.1}/s  errores {}  p50 {:.2}  p95 {:.2}  p99 {:.2}  máx {:.2} ms",
        outcome.rate(),
        outcome.errors,
        outcome.ms(0.5),
        outcome.ms(0.95),
        outcome.ms(0.99),
        outcome.max_ms()
    );
}

async fn sign_in(sala: &Sala<'_>, server: &Server) -> Result<()> {
    for cadena in &sala.chains {
        cadena.sign_in(server).await?;
    }
    Ok(())
}

/// Bookings of both chains, by the clock.
async fn book(sala: &Sala<'_>, server: &Server, seconds: f64) -> Result<Outcome> {
    let supply = Supply::of(&sala.chains);
    open_loop::run(&server.address, Pace { rate: Some(RATE), seconds, connections: CONNECTIONS }, move |_| supply.ask()).await
}
