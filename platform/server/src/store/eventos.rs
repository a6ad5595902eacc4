//! The feed of events. A listener reads it as its chain's, the hub and the relay with the role `huella_jobs`.
use crate::eventos::Evento;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SedeId, TenantId},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// From where to where a chain's feed goes.
#[derive(Debug, Clone, Copy)]
pub struct Posicion {
    pub ultimo: i64,
    /// The last number that is no longer there.
    pub podado: i64,
}

/// `None` if there is no such sede.
pub async fn position(tx: &mut Tx, sede: SedeId) -> Result<Option<Posicion>, Problem> {
    Ok(sqlx::query_as!(
        Posicion,
        r#"select coalesce((select ultimo from eventos_ultimos), 0) as "ultimo!", coalesce((select podado from eventos_ultimos), 0) as "podado!"
             from v_sedes where id = $1"#,
        sede.0
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Events of this sede and of the whole chain, after one number up to another.
pub async fn missed(tx: &mut Tx, sede: SedeId, after: i64, until: i64, limit: i64) -> Result<Vec<Evento>, Problem> {
    let rows = sqlx::query!(
        "select numero, sede_id, tema, cuerpo, ocurrido_en from eventos
          where numero > $1 and numero <= $2 and (sede_id is null or sede_id = $3) order by numero limit $4",
        after,
        until,
        sede.0,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let evento = |numero, sede: Option<Uuid>, tema, cuerpo, en| Evento { numero, sede: sede.map(SedeId), tema, cuerpo, en };
    Ok(rows.into_iter().map(|r| evento(r.numero, r.sede_id, r.tema, r.cuerpo, r.ocurrido_en.to_jiff())).collect())
}

/// Events of a chain after a number.
pub async fn after(db: &mut PgConnection, tenant: TenantId, numero: i64, limit: i64) -> Result<Vec<Evento>, Problem> {
    let rows = sqlx::query!(
        "select numero, sede_id, tema, cuerpo, ocurrido_en from eventos where tenant_id = $1 and numero > $2 order by numero limit $3",
        tenant.0,
        numero,
        limit
    )
    .fetch_all(db)
    .await?;
    let evento = |numero, sede: Option<Uuid>, tema, cuerpo, en| Evento { numero, sede: sede.map(SedeId), tema, cuerpo, en };
    Ok(rows.into_iter().map(|r| evento(r.numero, r.sede_id, r.tema, r.cuerpo, r.ocurrido_en.to_jiff())).collect())
}

/// The last number of each of these chains.
pub async fn last(db: &mut PgConnection, tenants: &[TenantId]) -> Result<Vec<(TenantId, i64)>, Problem> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    let rows = sqlx::query!("select tenant_id, ultimo from eventos_ultimos where tenant_id = any($1)", &tenants).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.ultimo)).collect())
}

/// Deletes what is older, the lowest numbers of each chain first, and remembers how far it came.
pub async fn prune(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query_scalar!(
        r#"with viejos as (select tenant_id, numero from eventos where en < $1 order by en, numero limit $2),
                borrados as (
                  delete from eventos e using viejos v where e.tenant_id = v.tenant_id and e.numero = v.numero
                  returning e.tenant_id, e.numero),
                anotados as (
                  update eventos_ultimos u set podado = greatest(u.podado, b.numero)
                    from (select tenant_id, max(numero) as numero from borrados group by tenant_id) b
                   where u.tenant_id = b.tenant_id)
           select count(*) as "count!" from borrados"#,
        before.to_sqlx() as _,
        limit
    )
    .fetch_one(db)
    .await?;
    Ok(done.unsigned_abs())
}
