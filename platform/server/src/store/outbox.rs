//! Events on their way out. Role `huella_jobs`.
use crate::eventos::Evento;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use serde_json::Value;
use sqlx::PgConnection;

#[derive(Debug)]
pub struct Event {
    pub id: i64,
    pub tenant: TenantId,
    pub tema: String,
    pub cuerpo: Value,
    pub intentos: i16,
}

/// An event that only listeners hear of, with its number in the chain's feed.
#[derive(Debug)]
pub struct Numbered {
    pub tenant: TenantId,
    pub evento: Evento,
}

/// One relay at a time numbers events: of two that are written one after the other, the second never gets the lower
/// number. Until the transaction ends.
pub async fn lock_feed(db: &mut PgConnection) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('huella.eventos'))").fetch_one(db).await?;
    Ok(())
}

/// How many events one call takes: of one chain, and in all.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    pub per_tenant: i64,
    pub all: i64,
}

/// Takes events that nobody acts on, and moves them to the feed under the next numbers of their chain. In their order.
///
/// Here and in [`lend`] every chain that waits gets its turn: first the oldest event of each, in any order, then the
/// second, until there are enough. The chains are found by leaps through the index, so an empty outbox costs one
/// look and a long queue costs no more than its chain's share.
pub async fn take_unheard(db: &mut PgConnection, now: Timestamp, heard: &str, portion: Portion) -> Result<Vec<Numbered>, Problem> {
    let rows = sqlx::query!(
        r#"with recursive cadenas as (
           (select tenant_id from outbox order by tenant_id limit 1)
           union all
           select (select o.tenant_id from outbox o where o.tenant_id > c.tenant_id order by o.tenant_id limit 1)
             from cadenas c where c.tenant_id is not null),
         turnos as (
           select d.id, d.turno from cadenas c cross join lateral (
             select o.id, row_number() over (order by o.proximo_en, o.id) as turno from outbox o
              where o.tenant_id = c.tenant_id and o.proximo_en <= $1 and o.tema !~ $2 order by o.proximo_en, o.id limit $3) d
            order by d.turno, random() limit $4),
         tomados as (
           delete from outbox o where o.id = any (array(select id from turnos))
           returning o.id, o.tenant_id, o.tema, o.sede_id, o.cuerpo, o.creado_en),
         cuentas as (
           insert into eventos_ultimos as u (tenant_id, ultimo) select tenant_id, count(*) from tomados group by tenant_id
           on conflict (tenant_id) do update set ultimo = u.ultimo + excluded.ultimo
           returning u.tenant_id, u.ultimo),
         numerados as (
           select t.*, c.ultimo - count(*) over de_la_cadena + row_number() over (de_la_cadena order by t.id) as numero
             from tomados t join cuentas c on c.tenant_id = t.tenant_id window de_la_cadena as (partition by t.tenant_id)),
         escritos as (
           insert into eventos (tenant_id, numero, sede_id, tema, cuerpo, ocurrido_en, en)
           select tenant_id, numero, sede_id, tema, cuerpo, creado_en, $1 from numerados)
         select tenant_id as "tenant_id!", numero as "numero!", tema as "tema!", sede_id, cuerpo as "cuerpo!", creado_en as "en!"
           from numerados order by tenant_id, numero"#,
        now.to_sqlx() as _,
        heard,
        portion.per_tenant,
        portion.all
    )
    .fetch_all(db)
    .await?;
    let numbered = rows.into_iter().map(|r| Numbered {
        tenant: TenantId(r.tenant_id),
        evento: Evento { numero: r.numero, sede: r.sede_id.map(SedeId), tema: r.tema, en: r.en.to_jiff(), cuerpo: r.cuerpo },
    });
    Ok(numbered.collect())
}

/// Lends events that somebody works on until `until`: if this process dies, another one finds them again then. Their
/// tries are counted now, so that an event that kills its worker does not do so forever.
pub async fn lend(db: &mut PgConnection, now: Timestamp, until: Timestamp, heard: &str, portion: Portion) -> Result<Vec<Event>, Problem> {
    let rows = sqlx::query!(
        "with recursive cadenas as (
           (select tenant_id from outbox order by tenant_id limit 1)
           union all
           select (select o.tenant_id from outbox o where o.tenant_id > c.tenant_id order by o.tenant_id limit 1)
             from cadenas c where c.tenant_id is not null),
         turnos as (
           select d.id, d.turno from cadenas c cross join lateral (
             select o.id, row_number() over (order by o.proximo_en, o.id) as turno from outbox o
              where o.tenant_id = c.tenant_id and o.proximo_en <= $1 and o.tema ~ $3 order by o.proximo_en, o.id limit $4) d
            order by d.turno, random() limit $5),
         tomados as (select id from outbox where id = any (array(select id from turnos)) and proximo_en <= $1 for update skip locked)
         update outbox o set proximo_en = $2, intentos = o.intentos + 1 where o.id = any (array(select id from tomados))
         returning o.id, o.tenant_id, o.tema, o.cuerpo, o.intentos",
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        heard,
        portion.per_tenant,
        portion.all
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Event { id: r.id, tenant: TenantId(r.tenant_id), tema: r.tema, cuerpo: r.cuerpo, intentos: r.intentos })
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
