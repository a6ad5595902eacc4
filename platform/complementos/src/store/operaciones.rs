//! What plugins were asked to do, and what providers answered.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use sqlx::PgConnection;

/// Notes an attempt; what an earlier one was answered.
pub async fn begin(tx: &mut Tx, complemento: &str, operacion: &str, clave: &str) -> Result<Option<String>, Problem> {
    let now = tx.now().to_sqlx();
    let known = sqlx::query_scalar!(
        "insert into complementos_operaciones as o (complemento, operacion, clave, creada_en, ultima_en)
         values ($1, $2, $3, $4, $4)
         on conflict (tenant_id, complemento, operacion, clave) do update set intentos = o.intentos + 1, ultima_en = $4
         returning referencia",
        complemento,
        operacion,
        clave,
        now as _
    );
    Ok(known.fetch_one(&mut **tx).await?)
}

/// Of what was asked for; a key that nobody used, or a reference that is none, changes nothing.
pub async fn answered(tx: &mut Tx, complemento: &str, operacion: &str, clave: &str, referencia: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update complementos_operaciones set referencia = $4, ultima_en = $5
          where complemento = $1 and operacion = $2 and clave = $3 and length($4::text) between 1 and 500",
        complemento,
        operacion,
        clave,
        referencia,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All of a plugin's.
pub async fn clear(tx: &mut Tx, complemento: &str) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_operaciones where complemento = $1", complemento).execute(&mut **tx).await?;
    Ok(())
}

/// What nobody will ask for again, of all chains. As `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from complementos_operaciones where ctid in (select ctid from complementos_operaciones where ultima_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
