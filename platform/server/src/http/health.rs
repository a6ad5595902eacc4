//! Whether the process lives, whether it can serve, and its figures.
use super::{HttpSettings, front::Peer, metrics};
use crate::store::esquema;
use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::{App, Problem, SystemCtx};
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

/// PostgreSQL has to answer a probe in this time.
const PING: Duration = Duration::from_millis(200);

pub fn router(settings: &HttpSettings) -> Router<App> {
    let known = Schema::default();
    let token = settings.token_metricas.clone();
    let figures = move |peer: Option<Extension<Peer>>, headers: HeaderMap| {
        let allowed = match &token {
            Some(token) => bearer(&headers) == Some(token.expose()),
            // A proxy on the same machine is not the machine itself.
            None => peer.is_some_and(|peer| peer.addr.ip().is_loopback()) && !headers.contains_key("x-forwarded-for"),
        };
        std::future::ready(if allowed { render() } else { Problem::not_found().into_response() })
    };
    Router::new()
        .route("/healthz", get(|| async { Json(Health { estado: "vivo", partes: BTreeMap::new() }) }))
        .route("/readyz", get(move |peer, app| ready(peer, app, known)))
        .route("/metrics", get(figures))
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

#[derive(Serialize)]
struct Health {
    estado: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    partes: BTreeMap<&'static str, &'static str>,
}

/// Once the schema was found new enough it stays so.
type Schema = Arc<AtomicBool>;

/// Without PostgreSQL nothing works: 503. Cache, bus and files may be away: 200, and what is missing is named.
async fn ready(peer: Option<Extension<Peer>>, State(app): State<App>, schema: Schema) -> Response {
    if peer.is_some_and(|peer| peer.closing.load(Ordering::Relaxed)) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "cerrando", BTreeMap::new());
    }
    let (base, cache, files) = tokio::join!(database(&app, &schema), cache(&app), files(&app));
    let partes = BTreeMap::from([("base_de_datos", base), ("cache", cache), ("archivos", files)]);
    let fine = |part: &str| part == "bien";
    match (fine(base), fine(cache) && fine(files)) {
        (false, _) => answer(StatusCode::SERVICE_UNAVAILABLE, "no disponible", partes),
        (true, false) => answer(StatusCode::OK, "degradado", partes),
        (true, true) => answer(StatusCode::OK, "listo", partes),
    }
}

fn answer(status: StatusCode, estado: &'static str, partes: BTreeMap<&'static str, &'static str>) -> Response {
    (status, Json(Health { estado, partes })).into_response()
}

async fn database(app: &App, schema: &Schema) -> &'static str {
    let system = SystemCtx::new(app);
    match timeout(PING, system.ping()).await {
        Ok(Ok(())) => {}
        _ => return "no responde",
    }
    if schema.load(Ordering::Relaxed) {
        return "bien";
    }
    match timeout(PING * 5, esquema::is_current(&system)).await {
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
