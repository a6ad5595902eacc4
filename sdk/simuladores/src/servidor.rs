//! One server: its routes, its script, and how faults become answers.
use crate::{
    avisos::{Aviso, Entrante, enviar},
    guion::{Falla, Guion, Recibido},
};
use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_LENGTH},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};

const BODY_LIMIT: usize = 1 << 20;

/// How a provider tells what somebody wrote, and where.
pub(crate) struct Buzon {
    pub avisar: Box<dyn Fn(&Entrante) -> Aviso + Send + Sync>,
    pub webhook: Option<String>,
}

impl Buzon {
    fn escribir(&self, entrante: &Entrante) {
        let url = entrante.webhook.clone().or_else(|| self.webhook.clone());
        enviar(url, vec![(self.avisar)(entrante)], None, Duration::from_millis(5));
    }
}

/// A running server; it ends with this value.
pub struct Simulador {
    address: SocketAddr,
    guion: Arc<Guion>,
    buzon: Arc<Buzon>,
    serving: JoinHandle<io::Result<()>>,
}

impl Simulador {
    /// On port 0 it takes a free one.
    pub(crate) async fn start(port: u16, guion: Arc<Guion>, buzon: Buzon, routes: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let admin = Router::new().route("/_simulador/recibidos", get(recibidos)).route("/_simulador/fallas", post(fallas));
        let buzon = Arc::new(buzon);
        let writes = Router::new().route("/_simulador/entrantes", post(entrantes)).with_state(buzon.clone());
        let noted = routes.layer(from_fn_with_state(guion.clone(), note));
        let app = noted.merge(admin.with_state(guion.clone())).merge(writes);
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, guion, buzon, serving })
    }

    /// Without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn guion(&self) -> &Guion {
        &self.guion
    }

    /// Somebody writes to the account's number; a signed webhook tells it.
    pub fn escribir(&self, entrante: &Entrante) {
        self.buzon.escribir(entrante);
    }

    /// Serves until something breaks.
    pub async fn hasta_el_fin(mut self) -> io::Result<()> {
        (&mut self.serving).await.map_err(io::Error::other)?
    }
}

impl Drop for Simulador {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn recibidos(State(guion): State<Arc<Guion>>) -> Json<Vec<Recibido>> {
    Json(guion.recibidos())
}

async fn fallas(State(guion): State<Arc<Guion>>, Json(fallas): Json<Vec<Falla>>) -> StatusCode {
    guion.fallar(fallas);
    StatusCode::NO_CONTENT
}

async fn entrantes(State(buzon): State<Arc<Buzon>>, Json(entrantes): Json<Vec<Entrante>>) -> StatusCode {
    for entrante in &entrantes {
        buzon.escribir(entrante);
    }
    StatusCode::NO_CONTENT
}

async fn note(State(guion): State<Arc<Guion>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    guion.anotar(Recibido::new(&parts.method, &parts.uri, &parts.headers, &body));
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The provider's own words for what it refuses.
pub(crate) struct Palabras {
    pub limite: fn() -> (StatusCode, Value),
    pub servidor: fn() -> Value,
}

/// Faults that hit before anything was sent.
pub(crate) async fn antes(falla: Option<&Falla>, palabras: &Palabras) -> Option<Response> {
    match falla? {
        Falla::SinRespuesta => std::future::pending().await,
        Falla::Limite { segundos } => {
            let (status, body) = (palabras.limite)();
            let mut response = (status, Json(body)).into_response();
            response.headers_mut().insert("retry-after", HeaderValue::from(*segundos));
            Some(response)
        }
        Falla::Servidor(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some((status, Json((palabras.servidor)())).into_response())
        }
        Falla::SinRespuestaTrasAceptar | Falla::Cortada | Falla::Lenta(_) | Falla::Ilegible | Falla::Duplicado | Falla::Desorden => None,
    }
}

/// Faults that hit after the message went out.
pub(crate) async fn despues(falla: Option<&Falla>, status: StatusCode, body: Value) -> Response {
    match falla {
        Some(Falla::SinRespuestaTrasAceptar) => std::future::pending().await,
        Some(Falla::Lenta(milliseconds)) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
        Some(Falla::Cortada) => return half(status, &body),
        Some(Falla::Ilegible) => return (status, Json(json!({"ok": true}))).into_response(),
        _ => {}
    }
    (status, Json(body)).into_response()
}

/// The whole length is announced, half of it arrives.
fn half(status: StatusCode, body: &Value) -> Response {
    let text = body.to_string();
    let (length, first) = (text.len(), Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]));
    let parts = futures::stream::iter([Ok(first), Err(io::Error::from(io::ErrorKind::ConnectionAborted))]);
    let mut response = (status, Body::from_stream(parts)).into_response();
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}
