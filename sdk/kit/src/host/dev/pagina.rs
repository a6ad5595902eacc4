//! The page, and what it asks.
use super::{
    Taller,
    probar::{Pedido, probar},
};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use plugin_host::FACTS;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};

const PAGE: &str = include_str!("pagina.html");

pub fn router(taller: Arc<Taller>, address: SocketAddr) -> Router {
    let ours = [address.to_string(), format!("localhost:{}", address.port())];
    let own_name = move |request: Request, next: Next| {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let known = host.is_some_and(|host| ours.iter().any(|own| own == host));
        // Another page that makes its name point here is not the page of this tool.
        async move { if known { next.run(request).await } else { StatusCode::MISDIRECTED_REQUEST.into_response() } }
    };
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/hechos", get(|| async { ([("content-type", "application/json")], FACTS) }))
        .route("/estado", get(|State(taller): State<Arc<Taller>>| async move { Json(taller.estado()) }))
        .route("/probar", post(try_out))
        .layer(middleware::from_fn(own_name))
        .with_state(taller)
}

async fn try_out(State(taller): State<Arc<Taller>>, Json(pedido): Json<Value>) -> Response {
    let done = match serde_json::from_value::<Pedido>(pedido) {
        Ok(pedido) => probar(&taller, pedido).await,
        Err(_) => Err(anyhow::anyhow!("faltan hechos, trigger y hoy; o un mensaje; o cabeceras y cuerpo de un aviso")),
    };
    match done {
        Ok(told) => Json(told).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": format!("{error:#}")}))).into_response(),
    }
}
