//! Events on their way out. Role `huella_jobs`.
use crate::{eventos::Evento, trabajos::tasks};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use sqlx::PgConnection;

/// How many events one call takes: of one chain, and in all.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    pub per_tenant: i64,
    pub all: i64,
}

/// An event that left the outbox.
#[derive(Debug)]
pub struct Taken {
    pub tenant: TenantId,
    /// Its number in the chain's feed; `None` if it became work.
    pub numero: Option<i64>,
    pub evento: Evento,
}

/// One relay at a time numbers events: of two that are written one after the other, the second never gets the lower
/// number. Until the transaction ends.
pub async fn lock_feed(db: &mut PgConnection) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('huella.eventos'))").fetch_one(db).await?;
    Ok(())
}

/// Takes events, each chain in its turn (`outbox_turnos`), in one go: those that somebody acts on (`heard`, a regular
/// expression) become work, all others go to the feed under the next numbers of their chain. In their order.
pub async fn take(db: &mut PgConnection, now: Timestamp, heard: &str, portion: Portion) -> Result<Vec<Taken>, Problem> {
    let rows = sqlx::query!(
        r#"with tomados as (
           delete from outbox o where o.ctid = any (array(select outbox_turnos($3, $4)))
           returning o.id, o.tenant_id, o.tema, o.sede_id, o.cuerpo, o.creado_en, o.tema ~ $2 as oido),
         trabajo as (
           insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
           select tenant_id, gen_random_uuid(), $5, jsonb_build_object('tema', tema, 'cuerpo', cuerpo), least(creado_en, $1), $1
             from tomados where oido),
         cuentas as (
           insert into eventos_ultimos as u (tenant_id, ultimo) select tenant_id, count(*) from tomados where not oido group by tenant_id
           on conflict (tenant_id) do update set ultimo = u.ultimo + excluded.ultimo
           returning u.tenant_id, u.ultimo),
         numerados as (
           select t.*, c.ultimo - count(*) over de_la_cadena + row_number() over (de_la_cadena order by t.id) as numero
             from tomados t join cuentas c on c.tenant_id = t.tenant_id where not t.oido window de_la_cadena as (partition by t.tenant_id)),
         escritos as (
           insert into eventos (tenant_id, numero, sede_id, tema, cuerpo, ocurrido_en, en)
           select tenant_id, numero, sede_id, tema, cuerpo, creado_en, $1 from numerados)
         select t.tenant_id as "tenant_id!", n.numero, t.tema as "tema!", t.sede_id, t.cuerpo as "cuerpo!", t.creado_en as "en!"
           from tomados t left join numerados n on n.id = t.id order by t.tenant_id, t.id"#,
        now.to_sqlx() as _,
        heard,
        portion.per_tenant,
        portion.all,
        tasks::EVENT
    )
    .fetch_all(db)
    .await?;
    let taken = rows.into_iter().map(|r| Taken {
        tenant: TenantId(r.tenant_id),
        numero: r.numero,
        evento: Evento {
            numero: r.numero.unwrap_or_default(),
            sede: r.sede_id.map(SedeId),
            tema: r.tema,
            en: r.en.to_jiff(),
            cuerpo: r.cuerpo,
        },
    });
    Ok(taken.collect())
}

/// Events that wait, and the age of the oldest in seconds.
pub async fn lag(db: &mut PgConnection, now: Timestamp) -> Result<(i64, f64), Problem> {
    let row = sqlx::query!(
        r#"select count(*) as "waiting!", coalesce(extract(epoch from $1 - min(creado_en)), 0)::float8 as "age!" from outbox"#,
        now.to_sqlx() as _
    )
    .fetch_one(db)
    .await?;
    Ok((row.waiting, row.age))
}
