//! Events on their way out. Role `huella_jobs`.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, ids::TenantId};
use serde_json::Value;
use sqlx::PgConnection;

#[derive(Debug)]
pub struct Event {
    pub id: i64,
    pub tenant: TenantId,
    pub tema: String,
    pub sede: Option<uuid::Uuid>,
    pub cuerpo: Value,
    pub intentos: i16,
}

/// Takes events that only the bus hears. It promises at most once, so they are gone with the taking.
pub async fn take_unheard(db: &mut PgConnection, now: Timestamp, heard: &str, limit: i64) -> Result<Vec<Event>, Problem> {
    let rows = sqlx::query!(
        "with debidos as (
           select id from outbox where proximo_en <= $1 and tema !~ $2 order by proximo_en, id limit $3 for update skip locked)
         delete from outbox o using debidos d where o.id = d.id
         returning o.id, o.tenant_id, o.tema, o.sede_id, o.cuerpo, o.intentos",
        now.to_sqlx() as _,
        heard,
        limit
    )
    .fetch_all(db)
    .await?;
    let mut events: Vec<Event> = rows
        .into_iter()
        .map(|r| Event { id: r.id, tenant: TenantId(r.tenant_id), tema: r.tema, sede: r.sede_id, cuerpo: r.cuerpo, intentos: r.intentos })
        .collect();
    events.sort_unstable_by_key(|event| event.id);
    Ok(events)
}

/// Lends events that somebody works on, at most `per_tenant` of a chain, until `until`: if this process dies, another
/// one finds them again then. Their tries are counted now, so that an event that kills its worker does not do so forever.
pub async fn lend(
    db: &mut PgConnection,
    now: Timestamp,
    until: Timestamp,
    heard: &str,
    (per_tenant, limit): (i64, i64),
) -> Result<Vec<Event>, Problem> {
    let rows = sqlx::query!(
        "with debidos as (
           select id, row_number() over (partition by tenant_id order by proximo_en, id) as turno
             from (select id, tenant_id, proximo_en from outbox
                    where proximo_en <= $1 and tema ~ $3 order by proximo_en, id limit 1000) todos),
         tomados as (
           select id from outbox where id in (select id from debidos where turno <= $4) and proximo_en <= $1
            order by id limit $5 for update skip locked)
         update outbox o set proximo_en = $2, intentos = o.intentos + 1 from tomados t where o.id = t.id
         returning o.id, o.tenant_id, o.tema, o.sede_id, o.cuerpo, o.intentos",
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        heard,
        per_tenant,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Event { id: r.id, tenant: TenantId(r.tenant_id), tema: r.tema, sede: r.sede_id, cuerpo: r.cuerpo, intentos: r.intentos })
        .collect())
}

pub async fn done(db: &mut PgConnection, ids: &[i64]) -> Result<(), Problem> {
    sqlx::query!("delete from outbox where id = any($1)", ids).execute(db).await?;
    Ok(())
}

pub async fn again(db: &mut PgConnection, id: i64, at: Timestamp, error: &str) -> Result<(), Problem> {
    sqlx::query!("update outbox set proximo_en = $2, error = $3 where id = $1", id, at.to_sqlx() as _, error).execute(db).await?;
    Ok(())
}

/// Events that wait, the age of the oldest in seconds, and those that are given up.
pub async fn lag(db: &mut PgConnection, now: Timestamp, tries: i16) -> Result<(i64, f64, i64), Problem> {
    let row = sqlx::query!(
        r#"select count(*) filter (where intentos < $2) as "waiting!",
                  coalesce(extract(epoch from $1 - min(creado_en) filter (where intentos < $2)), 0)::float8 as "age!",
                  count(*) filter (where intentos >= $2) as "dead!"
             from outbox"#,
        now.to_sqlx() as _,
        tries
    )
    .fetch_one(db)
    .await?;
    Ok((row.waiting, row.age, row.dead))
}
