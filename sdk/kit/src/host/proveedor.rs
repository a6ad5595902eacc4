//! A provider in the place of the real one: it answers by a script, or passes on what comes and notes it down.
use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::net::TcpListener;

/// One answer, or none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Respuesta {
    Falla {
        falla: Falla,
    },
    Dice {
        estado: u16,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        cabeceras: BTreeMap<String, String>,
        /// A document, or text as it is.
        #[serde(default)]
        cuerpo: Value,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Falla {
    SinRespuesta,
    /// Half of what was announced.
    Cortada,
}

/// One request and what it was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Intercambio {
    pub metodo: String,
    pub ruta: String,
    pub cabeceras: BTreeMap<String, String>,
    pub cuerpo: String,
    pub respuesta: Option<Respuesta>,
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
    /// Who answers instead of the script.
    real: Option<String>,
    diario: Vec<Intercambio>,
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
        *lock(&self.guion) = Guion { answers: answers.into(), always, ..Guion::default() };
    }

    /// Passes everything on to this address, as `https://api.example.pe`.
    pub fn forward(&self, url: &str) {
        *lock(&self.guion) = Guion { real: Some(url.trim_end_matches('/').to_owned()), ..Guion::default() };
    }

    /// In order.
    pub fn diario(&self) -> Vec<Intercambio> {
        lock(&self.guion).diario.clone()
    }
}

fn lock(guion: &Mutex<Guion>) -> MutexGuard<'_, Guion> {
    guion.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(guion): State<Arc<Mutex<Guion>>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (next, real, place) = {
        let mut guion = lock(&guion);
        guion.diario.push(Intercambio::of(&method, &uri, &headers, &body));
        let always = guion.always.clone();
        let next = guion.answers.pop_front().or(always);
        (next, guion.real.clone(), guion.diario.len() - 1)
    };
    let next = match real {
        Some(url) => Some(pass(&url, &method, &uri, headers, body).await),
        None => next,
    };
    if let Some(one) = lock(&guion).diario.get_mut(place) {
        one.respuesta.clone_from(&next);
    }
    match next {
        None => (StatusCode::IM_A_TEAPOT, "el guion no dice qué responder").into_response(),
        Some(Respuesta::Falla { falla: Falla::SinRespuesta }) => std::future::pending().await,
        Some(Respuesta::Falla { falla: Falla::Cortada }) => {
            let parts = futures::stream::iter([Ok(Bytes::from_static(b"{\"")), Err(io::Error::from(io::ErrorKind::ConnectionAborted))]);
            let mut response = Body::from_stream(parts).into_response();
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(100));
            response
        }
        Some(Respuesta::Dice { estado, cabeceras, cuerpo }) => says(estado, &cabeceras, &cuerpo),
    }
}

fn says(estado: u16, cabeceras: &BTreeMap<String, String>, cuerpo: &Value) -> Response {
    let text = cuerpo.as_str().map_or_else(|| cuerpo.to_string(), str::to_owned);
    let mut response = (StatusCode::from_u16(estado).unwrap_or(StatusCode::IM_A_TEAPOT), text).into_response();
    for (name, value) in cabeceras {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What a plugin may make something of; the rest is of the connection.
const KEPT: [&str; 4] = ["content-type", "location", "retry-after", "www-authenticate"];
/// Of the connection to us.
const HOP: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// Asks the real one. Whoever does not answer here has not answered the plugin either.
async fn pass(url: &str, method: &Method, uri: &Uri, mut headers: HeaderMap, body: Bytes) -> Respuesta {
    HOP.iter().for_each(|name| drop(headers.remove(*name)));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let sent = async { client?.request(method.clone(), format!("{url}{path}")).headers(headers).body(body).send().await };
    let Ok(response) = sent.await else {
        return Respuesta::Falla { falla: Falla::Cortada };
    };
    let estado = response.status().as_u16();
    let kept = |name: &&str| {
        response.headers().get(*name).and_then(|value| value.to_str().ok()).map(|value| ((*name).to_owned(), value.to_owned()))
    };
    let cabeceras = KEPT.iter().filter_map(kept).collect();
    match response.text().await {
        Ok(text) => Respuesta::Dice { estado, cabeceras, cuerpo: serde_json::from_str(&text).unwrap_or(Value::String(text)) },
        Err(_) => Respuesta::Falla { falla: Falla::Cortada },
    }
}

impl Intercambio {
    fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Self {
        let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            metodo: method.to_string(),
            ruta: uri.to_string(),
            cabeceras: headers.iter().filter(|(name, _)| !HOP.contains(&name.as_str())).map(text).collect(),
            cuerpo: String::from_utf8_lossy(body).into_owned(),
            respuesta: None,
        }
    }

    /// For people to read: not what the host put in for a name.
    pub fn without(mut self, secrets: &[&str]) -> Self {
        let hide = |text: &mut String| {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                *text = text.replace(secret, "[secreto]");
            }
        };
        self.cabeceras.values_mut().for_each(hide);
        if let Some(value) = self.cabeceras.get_mut("authorization") {
            // Basic carries the secret in base64.
            *value = format!("{} [secreto]", value.split(' ').next().unwrap_or_default());
        }
        hide(&mut self.ruta);
        hide(&mut self.cuerpo);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_shown_without_its_secrets() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer EAAG123"));
        let one = Intercambio::of(&Method::POST, &Uri::from_static("/a?clave=EAAG123"), &headers, &Bytes::from_static(b"EAAG123 y hola"));
        let shown = one.without(&["EAAG123", ""]);
        assert_eq!(
            (&*shown.cabeceras["authorization"], &*shown.ruta, &*shown.cuerpo),
            ("Bearer [secreto]", "/a?clave=[secreto]", "[secreto] y hola")
        );
    }
}
