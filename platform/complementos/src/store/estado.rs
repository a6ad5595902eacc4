//! Small values that plugins keep.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use sqlx::PgConnection;

pub async fn get(tx: &mut Tx, complemento: &str, clave: &str) -> Result<Option<Vec<u8>>, Problem> {
    let now = tx.now().to_sqlx();
    let value = sqlx::query_scalar!(
        "select valor from complementos_estado where complemento = $1 and clave = $2 and (vence is null or vence > $3)",
        complemento,
        clave,
        now as _
    );
    Ok(value.fetch_optional(&mut **tx).await?)
}

/// Writes of one plugin queue up: together they may not pass the quota.
pub async fn hold(tx: &mut Tx, complemento: &str) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'complementos_estado' || $1, 0))", complemento)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// `false` if all together would be more than `quota` bytes.
pub async fn put(tx: &mut Tx, complemento: &str, clave: &str, valor: &[u8], vence: Option<Timestamp>, quota: i64) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "insert into complementos_estado (complemento, clave, valor, vence)
         select $1, $2, $3, $4
          where (select coalesce(sum(octet_length(valor) + octet_length(clave)), 0) from complementos_estado
                  where complemento = $1 and clave <> $2 and (vence is null or vence > $5)) + octet_length($3::bytea) + octet_length($2) <= $6
         on conflict (tenant_id, complemento, clave) do update set valor = excluded.valor, vence = excluded.vence",
        complemento,
        clave,
        valor,
        vence.map(ToSqlx::to_sqlx) as _,
        now as _,
        quota
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}

pub async fn delete(tx: &mut Tx, complemento: &str, clave: &str) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_estado where complemento = $1 and clave = $2", complemento, clave).execute(&mut **tx).await?;
    Ok(())
}

/// All of a plugin's.
pub async fn clear(tx: &mut Tx, complemento: &str) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_estado where complemento = $1", complemento).execute(&mut **tx).await?;
    Ok(())
}

/// What is over, of all chains. As `huella_jobs`.
pub async fn forget(db: &mut PgConnection, now: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from complementos_estado where ctid in (select ctid from complementos_estado where vence <= $1 limit $2)",
        now.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
