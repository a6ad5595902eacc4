//! A provider made of a script: what it answers to each request, in order.
use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::net::TcpListener;

/// One answer, or none.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Respuesta {
    Falla {
        falla: Falla,
    },
    Dice {
        estado: u16,
        #[serde(default)]
        cabeceras: BTreeMap<String, String>,
        /// A document, or text as it is.
        #[serde(default)]
        cuerpo: Value,
    },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Falla {
    SinRespuesta,
    /// Half of what was announced.
    Cortada,
}

/// Cheap to clone; all clones are one provider.
#[derive(Clone)]
pub struct Proveedor {
    pub address: SocketAddr,
    guion: Arc<Mutex<Guion>>,
}

#[derive(Default)]
struct Guion {
    answers: VecDeque<Respuesta>,
    /// When the script is over.
    always: Option<Respuesta>,
    /// Headers and bodies as they came.
    requests: Vec<String>,
}

impl Proveedor {
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("un puerto libre")?;
        let (address, guion) = (listener.local_addr()?, Arc::<Mutex<Guion>>::default());
        let app = Router::new().fallback(answer).with_state(guion.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, guion })
    }

    /// Forgets what was before.
    pub fn script(&self, answers: Vec<Respuesta>, always: Option<Respuesta>) {
        *self.guion.lock().unwrap_or_else(PoisonError::into_inner) = Guion { answers: answers.into(), always, requests: Vec::new() };
    }

    pub fn requests(&self) -> Vec<String> {
        self.guion.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }
}

async fn answer(State(guion): State<Arc<Mutex<Guion>>>, headers: HeaderMap, body: Bytes) -> Response {
    let next = {
        let mut guion = guion.lock().unwrap_or_else(PoisonError::into_inner);
        guion.requests.push(format!("{headers:?}\n{}", String::from_utf8_lossy(&body)));
        let always = guion.always.clone();
        guion.answers.pop_front().or(always)
    };
    match next {
        None => (StatusCode::IM_A_TEAPOT, "el guion no dice qué responder").into_response(),
        Some(Respuesta::Falla { falla: Falla::SinRespuesta }) => std::future::pending().await,
        Some(Respuesta::Falla { falla: Falla::Cortada }) => {
            let parts = futures::stream::iter([Ok(Bytes::from_static(b"{\"")), Err(io::Error::from(io::ErrorKind::ConnectionAborted))]);
            let mut response = Body::from_stream(parts).into_response();
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(100));
            response
        }
        Some(Respuesta::Dice { estado, cabeceras, cuerpo }) => {
            let text = cuerpo.as_str().map_or_else(|| cuerpo.to_string(), str::to_owned);
            let mut response = (StatusCode::from_u16(estado).unwrap_or(StatusCode::IM_A_TEAPOT), text).into_response();
            for (name, value) in &cabeceras {
                if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
    }
}
