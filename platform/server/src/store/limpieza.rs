//! What has served its time.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use sqlx::PgConnection;

/// Answers of idempotent requests, in small bites. Role `huella_jobs`.
pub async fn idempotencia(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from idempotencia where ctid in (select ctid from idempotencia where creado_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Refresh tokens of one chain that nobody can use any more.
pub async fn tokens(tx: &mut Tx, before: Timestamp) -> Result<u64, Problem> {
    let done = sqlx::query!("delete from tokens_renovacion where expira_en < $1", before.to_sqlx() as _);
    Ok(done.execute(&mut **tx).await?.rows_affected())
}
