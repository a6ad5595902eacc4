//! A chain with 100,000 pieces of work to do, and how long another's single one waits behind them.
use anyhow::{Result, ensure};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use uuid::Uuid;

const FLOOD: i64 = 100_000;
const TRIES: usize = 20;

/// Work that is done at once: news that nobody acts on.
async fn ask(db: &PgPool, tenant: Uuid, count: i64) -> Result<()> {
    sqlx::query(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
         select $1, gen_random_uuid(), 'evento', '{\"tema\": \"cuenta.nada\", \"cuerpo\": {}}', now(), now() from generate_series(1, $2)",
    )
    .bind(tenant)
    .bind(count)
    .execute(db)
    .await?;
    Ok(())
}

async fn left(db: &PgPool, tenant: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar("select count(*) from trabajos where tenant_id = $1").bind(tenant).fetch_one(db).await?)
}

pub async fn run(db: &PgPool, busy: Uuid, other: Uuid) -> Result<f64> {
    ask(db, busy, FLOOD).await?;
    let mut delays = Vec::with_capacity(TRIES);
    for _ in 0..TRIES {
        let start = Instant::now();
        ask(db, other, 1).await?;
        while left(db, other).await? > 0 {
            ensure!(start.elapsed() < Duration::from_secs(120), "el trabajo de la otra cadena no se hizo");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        delays.push(start.elapsed().as_secs_f64());
    }
    let waiting = left(db, busy).await?;
    ensure!(waiting > 0, "la avalancha se acabó antes: no prueba nada");
    let longest = delays.iter().copied().fold(0.0, f64::max);
    println!("un trabajo detrás de {FLOOD} de otra cadena: máx {longest:.3} s de {TRIES}; quedaban {waiting}");
    Ok(longest)
}
