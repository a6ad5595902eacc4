//! `webhooks_entregas`.
use crate::{
    entregar::{DELIVER, Resultado},
    model::{EntregaVista, EstadoEntrega, TRIES},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{EntregaId, SedeId, TenantId, WebhookId},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Something that happened, on its way to whoever asked for it.
#[derive(Debug)]
pub struct Suceso<'a> {
    pub tenant: TenantId,
    pub tema: &'a str,
    pub sede: Option<SedeId>,
    pub en: Timestamp,
    pub cuerpo: &'a Value,
}

/// Notes a delivery, and asks for the work, for each webhook that wants exactly this. Role `huella_jobs`. Says how many.
pub async fn repartir(db: &mut PgConnection, now: Timestamp, sucesos: &[Suceso<'_>]) -> Result<u64, Problem> {
    let tenants: Vec<Uuid> = sucesos.iter().map(|s| s.tenant.0).collect();
    let temas: Vec<&str> = sucesos.iter().map(|s| s.tema).collect();
    let sedes: Vec<Option<Uuid>> = sucesos.iter().map(|s| s.sede.map(Uuid::from)).collect();
    let cuerpos: Vec<Value> = sucesos.iter().map(|s| payload(s.tema, s.en, s.sede, s.cuerpo)).collect();
    let done = sqlx::query!(
        "with entregas as (
           insert into webhooks_entregas (tenant_id, id, webhook_id, tema, cuerpo, creada_en)
           select w.tenant_id, gen_random_uuid(), w.id, s.tema, s.cuerpo, $5
             from unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[]) as s(tenant_id, tema, sede, cuerpo)
             join webhooks w on w.tenant_id = s.tenant_id and w.activo and s.tema = any(w.eventos)
              and (w.sedes is null or s.sede is null or s.sede = any(w.sedes))
           returning tenant_id, id, tema)
         insert into trabajos (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select tenant_id, gen_random_uuid(), $6, jsonb_build_object('entrega', id, 'tema', tema), id::text, $7, $5, $5 from entregas",
        &tenants,
        &temas as &[&str],
        &sedes as &[Option<Uuid>],
        &cuerpos,
        now.to_sqlx() as _,
        DELIVER,
        TRIES
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// What the other side is sent.
pub fn payload(tema: &str, en: Timestamp, sede: Option<SedeId>, cuerpo: &Value) -> Value {
    serde_json::json!({ "type": tema, "timestamp": en, "sede_id": sede, "data": cuerpo })
}

pub async fn insert(tx: &mut Tx, webhook: WebhookId, tema: &str, cuerpo: &Value) -> Result<EntregaId, Problem> {
    let (id, now) = (EntregaId::new(), tx.now().to_sqlx());
    sqlx::query!(
        "insert into webhooks_entregas (id, webhook_id, tema, cuerpo, creada_en) values ($1, $2, $3, $4, $5)",
        id.0,
        webhook.0,
        tema,
        cuerpo,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Which deliveries of a webhook.
#[derive(Debug, Default)]
pub struct Filter {
    pub id: Option<EntregaId>,
    pub estado: Option<EstadoEntrega>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, webhook: WebhookId, filter: Filter, limit: i64) -> Result<Vec<EntregaVista>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        "select id, tema, estado, intentos, respuesta, respuesta_cuerpo, error, cuerpo, creada_en, ultimo_en from webhooks_entregas
          where webhook_id = $1 and ($2::uuid is null or id = $2) and ($3::text is null or estado = $3)
            and ($4::timestamptz is null or (creada_en, id) < ($4, $5::uuid))
          order by creada_en desc, id desc limit $6",
        webhook.0,
        filter.id.map(Uuid::from),
        filter.estado.map(EstadoEntrega::clave),
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let entregas = rows.into_iter().map(|r| EntregaVista {
        id: EntregaId(r.id),
        tema: r.tema,
        estado: EstadoEntrega::read(&r.estado),
        intentos: r.intentos,
        respuesta: r.respuesta,
        respuesta_cuerpo: r.respuesta_cuerpo,
        error: r.error,
        cuerpo: r.cuerpo,
        creada_en: r.creada_en.to_jiff(),
        ultimo_en: r.ultimo_en.map(|en| en.to_jiff()),
    });
    Ok(entregas.collect())
}

/// A delivery as it is made.
pub struct PorEntregar {
    pub webhook: WebhookId,
    pub url: String,
    pub activo: bool,
    pub cuerpo: Value,
    pub tema: String,
}

/// `None` if its webhook is gone.
pub async fn por_entregar(tx: &mut Tx, id: EntregaId) -> Result<Option<PorEntregar>, Problem> {
    let row = sqlx::query!(
        "select e.webhook_id, w.url, w.activo, e.cuerpo, e.tema from webhooks_entregas e
           join webhooks w on w.tenant_id = e.tenant_id and w.id = e.webhook_id where e.id = $1",
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|r| PorEntregar { webhook: WebhookId(r.webhook_id), url: r.url, activo: r.activo, cuerpo: r.cuerpo, tema: r.tema }))
}

/// How a try went.
pub async fn note(tx: &mut Tx, id: EntregaId, estado: EstadoEntrega, resultado: &Resultado) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update webhooks_entregas set estado = $2, intentos = intentos + 1, respuesta = $3, respuesta_cuerpo = $4, error = $5, ultimo_en = $6
          where id = $1",
        id.0,
        estado.clave(),
        resultado.respuesta,
        resultado.cuerpo,
        resultado.error,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins anew; `false` if it is still under way.
pub async fn again(tx: &mut Tx, id: EntregaId) -> Result<bool, Problem> {
    let done = sqlx::query!("update webhooks_entregas set estado = 'pendiente' where id = $1 and estado <> 'pendiente'", id.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The log of what is over, in small bites. Role `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from webhooks_entregas where ctid in (select ctid from webhooks_entregas where creada_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
