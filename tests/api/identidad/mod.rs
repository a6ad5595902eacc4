//! Who is who: signing in, staying in, being thrown out.
mod ataque;
mod claves;
mod cuenta;
mod freno;
mod gate;
mod registro;
mod segundo_factor;
mod sesiones;

use huella_tests::{CLAVE, Cliente, Huella, Respuesta};
use reqwest::Method;
use serde_json::{Value, json};

pub fn ingreso(correo: &str) -> Value {
    let cadena = correo.split('@').nth(1).and_then(|domain| domain.split('.').next()).expect("an address");
    json!({ "cadena": cadena, "correo": correo, "contrasena": CLAVE })
}

/// The same with one more field, or another value for it.
pub fn con(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

pub async fn ingresar(huella: &Huella, body: Value) -> Respuesta {
    huella.nadie().post("/sesiones", body).await
}

/// A client whose requests come from another address of this machine.
pub fn desde(huella: &Huella, ip: &str) -> Cliente {
    let local: std::net::IpAddr = ip.parse().expect("an address");
    let http = reqwest::Client::builder().local_address(local).build().expect("a client");
    Cliente { http, ..huella.nadie() }
}

/// A client that calls itself so.
pub fn con_programa(huella: &Huella, agent: &str) -> Cliente {
    let http = reqwest::Client::builder().user_agent(agent).build().expect("a client");
    Cliente { http, ..huella.nadie() }
}

pub fn token(body: &Value) -> &str {
    body["token"].as_str().expect("a token")
}

/// Whether somebody with this token is let in.
pub async fn entra(huella: &Huella, token: &str) -> u16 {
    huella.nadie().with_token(token).get("/sesiones").await.status.as_u16()
}

/// Lets the outbox do its work: mails leave.
pub async fn relevar(huella: &Huella) {
    server::trabajos::relay(&huella.parts).await.expect("relayed");
    while server::trabajos::worker::work_once(&huella.parts).await.expect("worked").done > 0 {}
}

pub async fn usuario_id(huella: &Huella, correo: &str) -> String {
    let body = ingresar(huella, ingreso(correo)).await.ok();
    body["usuario"]["id"].as_str().expect("an id").to_owned()
}

/// How many lines of the log of tries end so, for one person.
pub async fn accesos(huella: &Huella, usuario: &str, resultado: &str) -> i64 {
    huella.scalar(&format!("select count(*) from accesos where usuario_id = '{usuario}' and resultado = '{resultado}'")).await
}

pub async fn auditado(huella: &Huella, accion: &str, entidad: &str) -> i64 {
    huella.scalar(&format!("select count(*) from auditoria where accion = '{accion}' and entidad = '{entidad}'")).await
}

/// A POST without a body.
pub async fn post(cliente: &Cliente, path: &str) -> Respuesta {
    huella_tests::cliente::send(cliente.request(Method::POST, path)).await
}
