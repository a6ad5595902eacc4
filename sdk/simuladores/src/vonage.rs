//! The Vonage Messages API for SMS: sending, and webhooks about states and about what people write, signed by a JWT that is bound to their body.
use crate::{
    Destino, Entrante, Guion, Simulador,
    avisos::{Aviso, Destinos, enviar},
    firma::{ahora, hmac, sha256},
    servidor::{Buzon, Palabras, antes, despues},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io, sync::Arc, time::Duration};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// An account and its secrets.
#[derive(Debug, Clone)]
pub struct Cuenta {
    pub clave: String,
    pub secreto: String,
    /// Signs the webhooks.
    pub secreto_firma: String,
    pub destinos: BTreeMap<String, Destino>,
    pub webhook: Option<String>,
    pub pausa: Duration,
}

impl Default for Cuenta {
    fn default() -> Self {
        Self {
            clave: "a1b2c3d4".into(),
            secreto: "secreto-simulado".into(),
            secreto_firma: "secreto-de-firma-simulado-de-32-letras".into(),
            destinos: Destinos::new(),
            webhook: None,
            pausa: Duration::from_millis(20),
        }
    }
}

struct Servicio {
    cuenta: Cuenta,
    guion: Arc<Guion>,
}

/// Serves one account.
pub async fn servir(port: u16, cuenta: Cuenta) -> io::Result<Simulador> {
    let guion = Arc::new(Guion::default());
    let servicio = Arc::new(Servicio { cuenta: cuenta.clone(), guion: guion.clone() });
    let routes = Router::new().route("/v1/messages", post(recibir)).with_state(servicio);
    let webhook = cuenta.webhook.clone();
    let buzon = Buzon { avisar: Box::new(move |entrante| cuenta.aviso(&cuenta.entrante(entrante))), webhook };
    Simulador::start(port, guion, buzon, routes).await
}

fn problem(anchor: &str, title: &str, detail: &str) -> Value {
    json!({"type": format!("https://developer.vonage.com/api-errors{anchor}"), "title": title, "detail": detail,
           "instance": Uuid::now_v7().to_string()})
}

const PALABRAS: Palabras = Palabras {
    limite: || {
        let body = problem("/messages#1010", "Rate Limit Hit", "Please wait, then retry your request");
        (StatusCode::TOO_MANY_REQUESTS, body)
    },
    servidor: || problem("#internal-error", "Internal error", "There was an error processing your request in the Platform."),
};

#[derive(Debug, Clone, Deserialize)]
struct Mensaje {
    message_type: Option<String>,
    channel: Option<String>,
    to: Option<String>,
    from: Option<String>,
    text: Option<String>,
    client_ref: Option<String>,
}

async fn recibir(State(servicio): State<Arc<Servicio>>, headers: HeaderMap, body: String) -> Response {
    let cuenta = &servicio.cuenta;
    if !cuenta.conoce(&headers) {
        let body = problem("#unauthorized", "Unauthorized", "You did not provide correct credentials.");
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let falla = servicio.guion.siguiente();
    if let Some(response) = antes(falla.as_ref(), &PALABRAS).await {
        return response;
    }
    let mensaje = match revisar(&body) {
        Ok(mensaje) => mensaje,
        Err(faults) => return invalid(faults),
    };
    let id = Uuid::now_v7().to_string();
    let avisos = cuenta.estados(&id, &mensaje).iter().map(|estado| cuenta.aviso(estado)).collect();
    enviar(cuenta.webhook.clone(), avisos, falla.as_ref(), cuenta.pausa);
    despues(falla.as_ref(), StatusCode::ACCEPTED, json!({"message_uuid": id})).await
}

fn invalid(faults: Vec<(&str, &str)>) -> Response {
    let mut body = problem("/messages#1150", "Invalid params", "The value of one or more parameters is invalid.");
    let named: Vec<Value> = faults.iter().map(|(name, reason)| json!({"name": name, "reason": reason})).collect();
    body["invalid_parameters"] = named.into();
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

/// All that is wrong with it.
fn revisar(body: &str) -> Result<Mensaje, Vec<(&'static str, &'static str)>> {
    let mensaje: Mensaje = serde_json::from_str(body).map_err(|_| vec![("body", "must be valid JSON")])?;
    let phone = |text: &str| (7..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let checks = [
        (mensaje.message_type.as_deref() == Some("text"), "message_type", "must be text"),
        (mensaje.channel.as_deref() == Some("sms"), "channel", "must be sms"),
        (mensaje.to.as_deref().is_some_and(phone), "to", "must be a number in E.164 format without + or 00"),
        (mensaje.from.as_deref().is_some_and(|from| (1..=15).contains(&from.len())), "from", "length must be between 1 and 15"),
        (
            mensaje.text.as_deref().is_some_and(|text| (1..=1000).contains(&text.chars().count())),
            "text",
            "length must be between 1 and 1000",
        ),
        (mensaje.client_ref.as_deref().is_none_or(|text| text.len() <= 100), "client_ref", "length must be at most 100"),
    ];
    let faults: Vec<_> = checks.into_iter().filter(|(good, ..)| !good).map(|(_, name, reason)| (name, reason)).collect();
    if faults.is_empty() { Ok(mensaje) } else { Err(faults) }
}

impl Cuenta {
    fn conoce(&self, headers: &HeaderMap) -> bool {
        let wanted = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.clave, self.secreto)));
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        given.ct_eq(wanted.as_bytes()).into()
    }

    fn estados(&self, id: &str, mensaje: &Mensaje) -> Vec<Value> {
        let status = |name: &str| {
            json!({"message_uuid": id, "to": mensaje.to, "from": mensaje.from, "timestamp": format!("{:.3}", ahora()), "status": name,
                   "channel": "sms", "client_ref": mensaje.client_ref, "usage": {"currency": "EUR", "price": "0.0333"}})
        };
        let mut undeliverable = status("undeliverable");
        undeliverable["error"] = json!({"type": "https://developer.vonage.com/api-errors/messages#1320", "title": 1320,
            "detail": "Message already sent or unroutable", "instance": id});
        match self.destinos.get(mensaje.to.as_deref().unwrap_or_default()).copied().unwrap_or_default() {
            Destino::Leido | Destino::Entregado => ["submitted", "delivered"].map(status).into(),
            Destino::Apagado => vec![status("submitted")],
            Destino::NoEntregable => vec![status("submitted"), undeliverable],
        }
    }

    /// A text message knows of no buttons and does not say what it answers.
    fn entrante(&self, entrante: &Entrante) -> Value {
        json!({"channel": "sms", "message_uuid": Uuid::now_v7().to_string(), "to": "51970000001", "from": entrante.de,
               "timestamp": format!("{:.3}", ahora()), "message_type": "text", "text": entrante.texto,
               "sms": {"num_messages": "1", "keyword": entrante.texto.split_whitespace().next().unwrap_or_default().to_uppercase()},
               "origin": {"network_code": "71610"}, "usage": {"currency": "EUR", "price": "0.0000"}})
    }

    fn aviso(&self, estado: &Value) -> Aviso {
        let cuerpo = estado.to_string();
        Aviso { cabecera: ("authorization", format!("Bearer {}", firmar(self, cuerpo.as_bytes()))), cuerpo }
    }
}

/// A JWT (HS256) whose `payload_hash` is the SHA-256 of the body.
pub fn firmar(cuenta: &Cuenta, cuerpo: &[u8]) -> String {
    let claims = json!({"iat": ahora().as_second(), "jti": Uuid::now_v7().to_string(), "iss": "Vonage",
        "payload_hash": sha256(cuerpo), "api_key": cuenta.clave});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({"alg": "HS256", "typ": "JWT"})), encode(&claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(&cuenta.secreto_firma, signed.as_bytes()));
    format!("{signed}.{signature}")
}
