//! `webhooks`.
use crate::model::{DatosWebhook, OVERLAP, Webhook};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SedeId, WebhookId},
};
use uuid::Uuid;

fn raw(sedes: Option<&[SedeId]>) -> Option<Vec<Uuid>> {
    sedes.map(|sedes| sedes.iter().map(|sede| sede.0).collect())
}

/// One of them, or a page in the order of their making, locked when somebody is about to change it.
async fn select(tx: &mut Tx, id: Option<WebhookId>, after: Option<WebhookId>, limit: i64) -> Result<Vec<Webhook>, Problem> {
    let rows = sqlx::query!(
        "select id, nombre, url, eventos, sedes, activo, fallando_desde, pausado_en, anterior_hasta, creado_en, version from webhooks
          where ($1::uuid is null or id = $1) and ($2::uuid is null or id > $2) order by id limit $3",
        id.map(Uuid::from),
        after.map(Uuid::from),
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let webhooks = rows.into_iter().map(|r| Webhook {
        id: WebhookId(r.id),
        nombre: r.nombre,
        url: r.url,
        eventos: r.eventos,
        sedes: r.sedes.map(|sedes| sedes.into_iter().map(SedeId).collect()),
        activo: r.activo,
        fallando_desde: r.fallando_desde.map(|en| en.to_jiff()),
        pausado_en: r.pausado_en.map(|en| en.to_jiff()),
        anterior_hasta: r.anterior_hasta.map(|en| en.to_jiff()),
        creado_en: r.creado_en.to_jiff(),
        version: r.version,
    });
    Ok(webhooks.collect())
}

pub async fn list(tx: &mut Tx, after: Option<WebhookId>, limit: i64) -> Result<Vec<Webhook>, Problem> {
    select(tx, None, after, limit + 1).await
}

pub async fn get(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, Problem> {
    Ok(select(tx, Some(id), None, 1).await?.pop())
}

/// Until the transaction ends nobody else changes it.
pub async fn lock(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, Problem> {
    sqlx::query!("select id from webhooks where id = $1 for update", id.0).fetch_optional(&mut **tx).await?;
    get(tx, id).await
}

/// How many there are; until the transaction ends nobody adds one.
pub async fn count(tx: &mut Tx) -> Result<i64, Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('webhooks:' || tenant_actual(), 0))").fetch_one(&mut **tx).await?;
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from webhooks"#).fetch_one(&mut **tx).await?)
}

/// Positions of the sedes that this chain does not have.
pub async fn unknown_sedes(tx: &mut Tx, sedes: Option<&[SedeId]>) -> Result<Vec<i64>, Problem> {
    let sedes = raw(sedes).unwrap_or_default();
    Ok(sqlx::query_scalar!(
        r#"select orden - 1 as "posicion!" from unnest($1::uuid[]) with ordinality as pedida(id, orden)
            where not exists (select from v_sedes s where s.id = pedida.id)"#,
        &sedes
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, id: WebhookId, datos: &DatosWebhook, salt: &[u8]) -> Result<(), Problem> {
    let (now, sedes) = (tx.now().to_sqlx(), raw(datos.sedes.as_deref()));
    sqlx::query!(
        "insert into webhooks (id, nombre, url, eventos, sedes, activo, sal, creado_en) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        datos.nombre,
        datos.url,
        &datos.eventos,
        sedes.as_deref(),
        datos.activo,
        salt,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whoever changes it has looked at it: what was counted against it is forgotten.
pub async fn update(tx: &mut Tx, id: WebhookId, datos: &DatosWebhook) -> Result<(), Problem> {
    let sedes = raw(datos.sedes.as_deref());
    sqlx::query!(
        "update webhooks set nombre = $2, url = $3, eventos = $4, sedes = $5, activo = $6, fallando_desde = null, pausado_en = null,
                version = version + 1 where id = $1",
        id.0,
        datos.nombre,
        datos.url,
        &datos.eventos,
        sedes.as_deref(),
        datos.activo
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: WebhookId) -> Result<(), Problem> {
    sqlx::query!("delete from webhooks where id = $1", id.0).execute(&mut **tx).await?;
    Ok(())
}

/// A new salt; the one before is good for a while.
pub async fn rotate(tx: &mut Tx, id: WebhookId, salt: &[u8]) -> Result<(), Problem> {
    let until = (tx.now() + OVERLAP).to_sqlx();
    sqlx::query!(
        "update webhooks set sal_anterior = sal, sal = $2, anterior_hasta = $3, version = version + 1 where id = $1",
        id.0,
        salt,
        until as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The salts that are good now, the newest first.
pub async fn salts(tx: &mut Tx, id: WebhookId) -> Result<Vec<Vec<u8>>, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        "select sal, case when anterior_hasta > $2 then sal_anterior end as anterior from webhooks where id = $1",
        id.0,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.into_iter().flat_map(|row| [Some(row.sal), row.anterior]).flatten().collect())
}

/// It took what was sent.
pub async fn works(tx: &mut Tx, id: WebhookId) -> Result<(), Problem> {
    sqlx::query!("update webhooks set fallando_desde = null where id = $1 and fallando_desde is not null", id.0).execute(&mut **tx).await?;
    Ok(())
}

/// It did not; since when it does not.
pub async fn fails(tx: &mut Tx, id: WebhookId) -> Result<Option<jiff::Timestamp>, Problem> {
    let now = tx.now().to_sqlx();
    let since = sqlx::query_scalar!(
        r#"update webhooks set fallando_desde = coalesce(fallando_desde, $2) where id = $1 returning fallando_desde as "desde!""#,
        id.0,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(since.map(|since| since.to_jiff()))
}

/// It is left alone until somebody looks at it.
pub async fn pause(tx: &mut Tx, id: WebhookId) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done =
        sqlx::query!("update webhooks set activo = false, pausado_en = $2, version = version + 1 where id = $1 and activo", id.0, now as _)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}
