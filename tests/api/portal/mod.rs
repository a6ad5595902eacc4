//! The portal's side of the server: the cookie, the lock, the app's files, and what its first screens ask.
mod archivos;
mod buscar;
mod hoy;
mod pin;
mod sesion;

use huella_tests::{CLAVE, Cliente, Huella, Respuesta, cliente::send};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

/// A browser that signed in: what it sends along by itself, and what the app adds.
#[derive(Clone)]
pub struct Navegador {
    pub cliente: Cliente,
    /// As `Cookie` sends them.
    pub cookies: String,
    pub host: Option<&'static str>,
}

impl Navegador {
    pub fn nuevo(huella: &Huella) -> Self {
        Self { cliente: huella.nadie(), cookies: String::new(), host: None }
    }

    /// Without what the app adds.
    pub fn crudo(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.cliente.request(method, path);
        let request = if self.cookies.is_empty() { request } else { request.header(header::COOKIE, &self.cookies) };
        match self.host {
            Some(host) => request.header(header::HOST, host),
            None => request,
        }
    }
    pub fn pide(&self, method: Method, path: &str) -> RequestBuilder {
        self.crudo(method, path).header("x-portal", "1").header("sec-fetch-site", "same-origin")
    }
    pub async fn get(&self, path: &str) -> Respuesta {
        send(self.pide(Method::GET, path)).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Respuesta {
        send(self.pide(Method::POST, path).json(&body)).await
    }
    pub async fn delete(&self, path: &str) -> Respuesta {
        send(self.pide(Method::DELETE, path)).await
    }

    /// Signs in and keeps what it is given.
    pub async fn ingresa(&mut self, correo: &str) -> Value {
        let answer = self.post("/portal/sesion", ingreso(correo)).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().expect("ASCII").split(';').next().expect("a pair");
            let (name, _) = pair.split_once('=').expect("a name and a value");
            let kept = self.cookies.split("; ").filter(|old| !old.is_empty() && old.split_once('=').is_none_or(|(known, _)| known != name));
            self.cookies = kept.chain([pair]).collect::<Vec<_>>().join("; ");
        }
        answer.ok()
    }

    pub async fn como(huella: &Huella, correo: &str) -> Self {
        let mut navegador = Self::nuevo(huella);
        navegador.ingresa(correo).await;
        navegador
    }
}

pub fn ingreso(correo: &str) -> Value {
    let cadena = correo.split('@').nth(1).and_then(|domain| domain.split('.').next()).expect("an address");
    json!({ "cadena": cadena, "correo": correo, "contrasena": CLAVE })
}
