//! What goes wrong next, and what arrived so far.
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// One fault; it is used up by the next request that sends a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Falla {
    /// The request arrives, no answer ever does, and nothing was sent.
    SinRespuesta,
    /// The message goes out, and no answer comes: whoever repeats it sends it twice.
    SinRespuestaTrasAceptar,
    /// Too many requests, in the provider's own words.
    Limite { segundos: u32 },
    /// The provider's own failure: 500 to 599.
    Servidor(u16),
    /// The message goes out; half of the answer arrives, then the connection ends.
    Cortada,
    /// The answer arrives after so many milliseconds.
    Lenta(u64),
    /// Two hundred, but not what was promised.
    Ilegible,
    /// The webhooks of this message come twice.
    Duplicado,
    /// The webhooks of this message come in reverse order.
    Desorden,
}

/// A request as it arrived.
#[derive(Debug, Clone, Serialize)]
pub struct Recibido {
    pub metodo: String,
    pub ruta: String,
    pub cabeceras: BTreeMap<String, String>,
    pub cuerpo: String,
}

impl Recibido {
    pub(crate) fn new(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Self {
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            metodo: method.to_string(),
            ruta: uri.to_string(),
            cabeceras: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            cuerpo: String::from_utf8_lossy(body).into_owned(),
        }
    }
}

/// The script of one server.
#[derive(Debug, Default)]
pub struct Guion {
    fallas: Mutex<VecDeque<Falla>>,
    recibidos: Mutex<Vec<Recibido>>,
}

impl Guion {
    /// These go wrong next, one after the other.
    pub fn fallar(&self, fallas: impl IntoIterator<Item = Falla>) {
        lock(&self.fallas).extend(fallas);
    }

    /// All that arrived, in order.
    pub fn recibidos(&self) -> Vec<Recibido> {
        lock(&self.recibidos).clone()
    }

    pub(crate) fn anotar(&self, recibido: Recibido) {
        lock(&self.recibidos).push(recibido);
    }

    pub(crate) fn siguiente(&self) -> Option<Falla> {
        lock(&self.fallas).pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
