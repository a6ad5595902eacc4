//! What has served its time.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Problem;
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

/// Refresh tokens that nobody can use any more, of all chains. Role `huella_jobs`, like all that follows.
pub async fn tokens(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from tokens_renovacion where ctid in (select ctid from tokens_renovacion where expira_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Sessions that ended, once their last token is gone.
pub async fn sesiones(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from sesiones where ctid in (
           select s.ctid from sesiones s where coalesce(s.revocada_en, s.expira_en) < $1
              and not exists (select from tokens_renovacion t where t.tenant_id = s.tenant_id and t.sesion_id = s.id) limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Links by e-mail that are over.
pub async fn enlaces(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from enlaces_cuenta where ctid in (select ctid from enlaces_cuenta where expira_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// The log of tries to sign in.
pub async fn accesos(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done =
        sqlx::query!("delete from accesos where ctid in (select ctid from accesos where en < $1 limit $2)", before.to_sqlx() as _, limit);
    Ok(done.execute(db).await?.rows_affected())
}

/// Holds of slots that are over and that nobody came to take.
pub async fn retenciones(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "with v as (select tenant_id, id from citas where retenida_hasta < $1 limit $2),
              e as (delete from citas_equipos e using v where e.tenant_id = v.tenant_id and e.cita_id = v.id)
         delete from citas c using v where c.tenant_id = v.tenant_id and c.id = v.id and c.retenida_hasta < $1",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
