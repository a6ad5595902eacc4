//! Whether the process lives, whether it can serve, and its figures.
use super::{HttpSettings, front::Peer, metrics};
use crate::store::esquema;
use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::{App, Problem, SystemCtx, problem::kinds};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// PostgreSQL has to answer a probe in this time.
const PING: Duration = Duration::from_millis(200);

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready)).layer(Extension(Schema::default()))
}

/// `/metrics` on the public address.
pub fn guarded_figures(settings: &HttpSettings) -> Router<App> {
    let token = settings.token_metricas.clone();
    let figures = move |peer: Option<Extension<Peer>>, headers: HeaderMap| {
        let allowed = match &token {
            Some(token) => bearer(&headers) == Some(token.expose()),
            // A proxy on the same machine is not the machine itself.
            None => peer.is_some_and(|peer| peer.addr.ip().is_loopback()) && !headers.contains_key("x-forwarded-for"),
        };
        std::future::ready(if allowed { render() } else { Problem::not_found().into_response() })
    };
    Router::new().route("/metrics", get(figures))
}

/// `/metrics` alone, for an address of its own.
pub fn figures() -> Router {
    Router::new().route("/metrics", get(|| async { render() }))
}

fn render() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::install().render()).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Estado del servicio.
#[derive(Serialize, ToSchema)]
struct Salud {
    /// `vivo`, `listo` o `degradado`.
    estado: &'static str,
    /// Cada parte y cómo responde.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    partes: BTreeMap<&'static str, &'static str>,
}

/// El proceso vive.
#[utoipa::path(get, path = "/healthz", tag = "plataforma", security(()), responses((status = 200, body = Salud)))]
async fn alive() -> Json<Salud> {
    Json(Salud { estado: "vivo", partes: BTreeMap::new() })
}

/// How health asks the database; nobody else can name it.
#[derive(Clone)]
pub(super) struct Puerta(pub(super) SystemCtx);

/// Once the schema was found new enough it stays so.
type Schema = Arc<AtomicBool>;

/// El servicio puede atender.
///
/// Sin la base de datos nada funciona: 503. Sin caché o archivos atiende, y la respuesta dice qué falta.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "plataforma",
    security(()),
    responses((status = 200, body = Salud), (status = 503, description = "No puede atender"))
)]
async fn ready(
    peer: Option<Extension<Peer>>,
    Extension(puerta): Extension<Puerta>,
    Extension(schema): Extension<Schema>,
    State(app): State<App>,
) -> Response {
    if peer.is_some_and(|peer| peer.closing.is_cancelled()) {
        return unable(BTreeMap::from([("servidor", "cerrando")]));
    }
    let (base, cache, files) = tokio::join!(database(&puerta.0, &schema), cache(&app), files(&app));
    let partes = BTreeMap::from([("base_de_datos", base), ("cache", cache), ("archivos", files)]);
    let fine = |part: &str| part == "bien";
    match (fine(base), fine(cache) && fine(files)) {
        (false, _) => unable(partes),
        (true, false) => Json(Salud { estado: "degradado", partes }).into_response(),
        (true, true) => Json(Salud { estado: "listo", partes }).into_response(),
    }
}

fn unable(partes: BTreeMap<&'static str, &'static str>) -> Response {
    Problem::new(kinds::UNAVAILABLE).retry_after(1).with("partes", partes).into_response()
}

async fn database(system: &SystemCtx, schema: &Schema) -> &'static str {
    match timeout(PING, system.ping()).await {
        Ok(Ok(())) => {}
        _ => return "no responde",
    }
    if schema.load(Ordering::Relaxed) {
        return "bien";
    }
    match timeout(PING * 5, esquema::is_current(system)).await {
        Ok(Ok(true)) => {
            schema.store(true, Ordering::Relaxed);
            "bien"
        }
        Ok(Ok(false)) => "faltan migraciones",
        _ => "no responde",
    }
}

async fn cache(app: &App) -> &'static str {
    match timeout(PING, app.cache().get("salud")).await {
        Ok(Ok(_)) => "bien",
        _ => "no responde",
    }
}

async fn files(app: &App) -> &'static str {
    match timeout(PING, app.files().ready()).await {
        Ok(Ok(())) => "bien",
        _ => "no responde",
    }
}
