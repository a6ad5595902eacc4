//! Webhooks of a chain and what was delivered to them.
use crate::{
    entregar::DELIVER,
    firma,
    model::{DatosWebhook, EntregaVista, EstadoEntrega, MOST, TRIES, Webhook, WebhookConSecreto},
    problemas::{DEMASIADOS_WEBHOOKS, ENTREGA_EN_CURSO, WEBHOOK_EN_PAUSA},
    store::{entregas, webhooks as store},
};
use axum::{
    extract::{FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use kernel::{
    App, Begun, Change, Ctx, FieldError, IfMatch, Job, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    eventos::{CATALOGUE, Tema},
    ids::{EntregaId, WebhookId},
    page,
    permission::AdministrarWebhooks,
    ports::Outbound,
};
use rand::Rng;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// Event of a delivery that was only asked for to try it out.
pub const PING: &str = "prueba";

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_eventos))
        .routes(routes!(listar_webhooks, crear_webhook))
        .routes(routes!(ver_webhook, cambiar_webhook, borrar_webhook))
        .routes(routes!(rotar_secreto))
        .routes(routes!(probar_webhook))
        .routes(routes!(listar_entregas))
        .routes(routes!(reenviar_entrega))
}

/// The way out; the server layers it over its routers.
#[derive(Clone)]
pub struct Salida(pub Arc<dyn Outbound>);

impl FromRequestParts<App> for Salida {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("the way out is not layered over this router"))
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListaWebhooks {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// El catálogo de eventos: de qué se puede enterar otro sistema, y con qué permiso una pantalla.
#[utoipa::path(get, path = "/webhooks/eventos", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    responses((status = 200, body = [Tema]), (status = "4XX", body = Problem)))]
async fn listar_eventos(_: Ctx<AdministrarWebhooks>) -> Json<&'static [Tema]> {
    Json(CATALOGUE)
}

/// Los webhooks de la cadena, en el orden en que se crearon.
#[utoipa::path(get, path = "/webhooks", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(ListaWebhooks), responses((status = 200, body = Page<Webhook>), (status = "4XX", body = Problem)))]
async fn listar_webhooks(ctx: Ctx<AdministrarWebhooks>, Query(lista): Query<ListaWebhooks>) -> Result<Json<Page<Webhook>>, Problem> {
    let (after, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, after, limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |webhook| webhook.id)))
}

/// Crea un webhook. Su secreto se muestra esta única vez. Quien lo crea debe tener, en toda la cadena, el permiso de cada evento.
///
/// Cada aviso es un POST con `type`, `timestamp`, `sede_id` y `data`, y los encabezados `webhook-id`, `webhook-timestamp` y `webhook-signature` de
/// Standard Webhooks. Responda 2xx en diez segundos; lo demás, también una redirección, se intenta de nuevo, cada vez más tarde, unas diez horas.
/// Un mismo aviso puede llegar más de una vez y no siempre en orden: reconózcalo por `webhook-id`.
#[utoipa::path(post, path = "/webhooks", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    request_body = DatosWebhook, responses((status = 201, body = WebhookConSecreto), (status = "4XX", body = Problem)))]
async fn crear_webhook(ctx: Ctx<AdministrarWebhooks>, salida: Salida, once: Once<DatosWebhook>) -> Result<Response, Problem> {
    Problem::check(once.body.check(&*salida.0, ctx.access()))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    if store::count(&mut tx).await? >= MOST {
        return Err(Problem::new(DEMASIADOS_WEBHOOKS));
    }
    exigir_sedes(&mut tx, &once.body).await?;
    let (id, salt) = (WebhookId::new(), salt());
    store::insert(&mut tx, id, &once.body, &salt).await?;
    let webhook = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("crear", "webhook", id).despues(&webhook));
    let secret = firma::secret(&tx, id, &salt);
    let mut shown = WebhookConSecreto { webhook, secreto: None };
    tx.commit_created(&shown).await?;
    shown.secreto = Some(secret);
    Ok((StatusCode::CREATED, Versioned(shown)).into_response())
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

async fn exigir_sedes(tx: &mut Tx, datos: &DatosWebhook) -> Result<(), Problem> {
    let unknown = store::unknown_sedes(tx, datos.sedes.as_deref()).await?;
    Problem::check(unknown.iter().map(|position| FieldError::new(format!("/sedes/{position}"), "no existe en la cadena")).collect())
}

/// Muestra un webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path)), responses((status = 200, body = Webhook), (status = "4XX", body = Problem)))]
async fn ver_webhook(ctx: Ctx<AdministrarWebhooks>, Path(id): Path<WebhookId>) -> Result<Versioned<Webhook>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia un webhook; también sirve para ponerlo en pausa y para reanudarlo.
#[utoipa::path(put, path = "/webhooks/{id}", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path)), request_body = DatosWebhook,
    responses((status = 200, body = Webhook), (status = "4XX", body = Problem)))]
async fn cambiar_webhook(
    ctx: Ctx<AdministrarWebhooks>,
    salida: Salida,
    Path(id): Path<WebhookId>,
    if_match: IfMatch,
    Json(datos): Json<DatosWebhook>,
) -> Result<Versioned<Webhook>, Problem> {
    Problem::check(datos.check(&*salida.0, ctx.access()))?;
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    exigir_sedes(&mut tx, &datos).await?;
    store::update(&mut tx, id, &datos).await?;
    let webhook = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("cambiar", "webhook", id).antes(&antes).despues(&webhook));
    tx.commit().await?;
    Ok(Versioned(webhook))
}

/// Borra un webhook con el registro de sus entregas. Lo que esperaba ya no se envía.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn borrar_webhook(ctx: Ctx<AdministrarWebhooks>, Path(id): Path<WebhookId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    store::delete(&mut tx, id).await?;
    tx.audit(Change::new("borrar", "webhook", id).antes(&antes));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Cambia el secreto, que se muestra esta única vez. El anterior vale 24 horas más: los avisos llevan las dos firmas.
#[utoipa::path(post, path = "/webhooks/{id}/secreto", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path)), responses((status = 200, body = WebhookConSecreto), (status = "4XX", body = Problem)))]
async fn rotar_secreto(ctx: Ctx<AdministrarWebhooks>, Path(id): Path<WebhookId>) -> Result<Versioned<WebhookConSecreto>, Problem> {
    let mut tx = ctx.begin().await?;
    store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let salt = salt();
    store::rotate(&mut tx, id, &salt).await?;
    let webhook = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let secreto = Some(firma::secret(&tx, id, &salt));
    tx.audit(Change::new("rotar_secreto", "webhook", id));
    tx.commit().await?;
    Ok(Versioned(WebhookConSecreto { webhook, secreto }))
}

/// Envía un aviso de prueba, también a un webhook en pausa. Vea en sus entregas cómo le fue.
#[utoipa::path(post, path = "/webhooks/{id}/prueba", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path)), responses((status = 202, body = EntregaVista), (status = "4XX", body = Problem)))]
async fn probar_webhook(ctx: Ctx<AdministrarWebhooks>, Path(id): Path<WebhookId>, request: Request) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&Once::bytes(request).await?).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let webhook = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let cuerpo = entregas::payload(PING, ctx.now, None, &json!({ "webhook": webhook.nombre }));
    let entrega = entregas::insert(&mut tx, id, PING, &cuerpo).await?;
    tx.enqueue(trabajo(entrega, PING).tries(1)).await?;
    tx.audit(Change::new("probar", "webhook", id));
    let vista = una(&mut tx, id, entrega).await?;
    tx.commit_answer(StatusCode::ACCEPTED, None, &vista).await
}

fn trabajo(entrega: EntregaId, tema: &str) -> Job {
    Job::new(DELIVER, json!({ "entrega": entrega, "tema": tema })).once(entrega.to_string()).tries(TRIES)
}

async fn una(tx: &mut Tx, webhook: WebhookId, entrega: EntregaId) -> Result<EntregaVista, Problem> {
    let filter = entregas::Filter { id: Some(entrega), ..entregas::Filter::default() };
    entregas::list(tx, webhook, filter, 1).await?.pop().ok_or_else(Problem::not_found)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroEntregas {
    #[param(inline)]
    estado: Option<EstadoEntrega>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Lo que se envió a un webhook en los últimos 30 días y cómo respondió, de lo más reciente a lo más antiguo.
#[utoipa::path(get, path = "/webhooks/{id}/entregas", tag = "integraciones", extensions(("x-permiso" = json!("webhook.administrar"))),
    params(("id" = WebhookId, Path), FiltroEntregas),
    responses((status = 200, body = Page<EntregaVista>), (status = "4XX", body = Problem)))]
async fn listar_entregas(
    ctx: Ctx<AdministrarWebhooks>,
    Path(id): Path<WebhookId>,
    Query(filtro): Query<FiltroEntregas>,
) -> Result<Json<Page<EntregaVista>>, Problem> {
    let (after, limit) = page::read::<(jiff::Timestamp, Uuid)>(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let filter = entregas::Filter { estado: filtro.estado, after, ..entregas::Filter::default() };
    let rows = entregas::list(&mut tx, id, filter, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |entrega| (entrega.creada_en, entrega.id))))
}

/// Envía otra vez lo que ya se entregó o falló, con el mismo `webhook-id`.
#[utoipa::path(post, path = "/webhooks/{id}/entregas/{entrega}/reenviar", tag = "integraciones",
    extensions(("x-permiso" = json!("webhook.administrar"))), params(("id" = WebhookId, Path), ("entrega" = EntregaId, Path)),
    responses((status = 202, body = EntregaVista), (status = "4XX", body = Problem)))]
async fn reenviar_entrega(
    ctx: Ctx<AdministrarWebhooks>,
    Path((id, entrega)): Path<(WebhookId, EntregaId)>,
    request: Request,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&Once::bytes(request).await?).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let webhook = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let antes = una(&mut tx, id, entrega).await?;
    if !webhook.activo {
        return Err(Problem::new(WEBHOOK_EN_PAUSA));
    }
    if !entregas::again(&mut tx, entrega).await? || !tx.enqueue(trabajo(entrega, &antes.tema)).await? {
        return Err(Problem::new(ENTREGA_EN_CURSO));
    }
    tx.audit(Change::new("reenviar", "webhook", id).despues(json!({ "entrega": entrega })));
    let vista = una(&mut tx, id, entrega).await?;
    tx.commit_answer(StatusCode::ACCEPTED, None, &vista).await
}
