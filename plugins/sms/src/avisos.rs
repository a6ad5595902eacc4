//! Webhooks: a JWT signed with a secret that only the host knows, bound to the body by its hash.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use huella_plugin_sdk::{
    HttpMessage, PluginError,
    crypto::{self, Hash, SignatureAlg},
    notification::{DeliveryStatus, DeliveryUpdate, Reply, Update, arrived},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

#[derive(Deserialize)]
struct Cabecera {
    alg: String,
}

#[derive(Deserialize)]
struct Afirma {
    payload_hash: String,
    api_key: String,
}

/// States and what people write come to one address; what has a status is one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Aviso {
    Estado(Estado),
    Entrante(Entrante),
}

#[derive(Deserialize)]
struct Entrante {
    from: String,
    timestamp: Timestamp,
    message_type: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Estado {
    message_uuid: String,
    status: String,
    timestamp: Timestamp,
    client_ref: Option<String>,
    error: Option<Falla>,
}

#[derive(Deserialize)]
struct Falla {
    title: u32,
}

pub fn read(request: &HttpMessage, clave: &str) -> Result<Vec<Update>, PluginError> {
    verify(request, clave)?;
    match serde_json::from_slice(&request.body).map_err(|error| PluginError::InvalidInput(error.to_string()))? {
        Aviso::Estado(estado) => Ok(vec![Update::Delivery(update(estado)?)]),
        Aviso::Entrante(entrante) => Ok(reply(entrante).map(Update::Reply).into_iter().collect()),
    }
}

/// `None`: nothing that can be read. A text message does not say which one it answers.
fn reply(entrante: Entrante) -> Option<Reply> {
    let sender = format!("+{}", entrante.from);
    let reply = Reply { sender, text: entrante.text, payload: None, provider_ref: None, at_unix_ms: millis(entrante.timestamp) };
    (entrante.message_type == "text").then_some(reply)
}

fn millis(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.as_millisecond()).unwrap_or_default()
}

fn update(estado: Estado) -> Result<DeliveryUpdate, PluginError> {
    if let Some(key) = &estado.client_ref {
        arrived(key, &estado.message_uuid)?;
    }
    let status = match estado.status.as_str() {
        "submitted" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "rejected" | "undeliverable" => DeliveryStatus::Failed,
        _ => DeliveryStatus::Other,
    };
    let code = estado.error.map(|error| error.title.to_string());
    let at_unix_ms = millis(estado.timestamp);
    Ok(DeliveryUpdate { provider_ref: estado.message_uuid, status, code, idempotency_key: estado.client_ref, at_unix_ms })
}

fn verify(request: &HttpMessage, clave: &str) -> Result<(), PluginError> {
    let bad = || PluginError::InvalidInput("la firma del aviso no corresponde".into());
    let token = request.header("authorization").and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(bad)?;
    let (signed, signature) = token.rsplit_once('.').ok_or_else(bad)?;
    let (head, claims) = signed.split_once('.').ok_or_else(bad)?;
    let signature = B64.decode(signature).map_err(|_| bad())?;
    let is_signed = crypto::verify("firma", SignatureAlg::HmacSha256, signed.as_bytes(), &signature)?;
    // Only now is what it says worth reading; an algorithm of its own choice would be its own judge.
    let (head, claims) = (part::<Cabecera>(head).ok_or_else(bad)?, part::<Afirma>(claims).ok_or_else(bad)?);
    let hash = crypto::to_hex(&crypto::digest(Hash::Sha256, &request.body));
    let good = is_signed && head.alg == "HS256" && claims.payload_hash.eq_ignore_ascii_case(&hash) && claims.api_key == clave;
    if good { Ok(()) } else { Err(bad()) }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&B64.decode(text).ok()?).ok()
}
