//! Webhooks: signed over their raw bytes with the app's secret, which only the host knows.
use huella_plugin_sdk::{
    HttpMessage, PluginError,
    crypto::{self, SignatureAlg},
    notification::{DeliveryStatus, DeliveryUpdate, arrived},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Aviso {
    #[serde(default)]
    entry: Vec<Entrada>,
}

#[derive(Deserialize)]
struct Entrada {
    #[serde(default)]
    changes: Vec<Cambio>,
}

#[derive(Deserialize)]
struct Cambio {
    value: Valor,
}

#[derive(Deserialize)]
struct Valor {
    metadata: Option<Metadatos>,
    #[serde(default)]
    statuses: Vec<Estado>,
}

#[derive(Deserialize)]
struct Metadatos {
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Estado {
    id: String,
    status: String,
    timestamp: String,
    biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    errors: Vec<Falla>,
}

#[derive(Deserialize)]
struct Falla {
    code: u32,
}

/// The states of messages of this number; an app may have several.
pub fn read(request: &HttpMessage, numero_id: &str) -> Result<Vec<DeliveryUpdate>, PluginError> {
    verify(request)?;
    let aviso: Aviso = serde_json::from_slice(&request.body).map_err(|error| PluginError::InvalidInput(error.to_string()))?;
    let values = aviso.entry.into_iter().flat_map(|entry| entry.changes).map(|change| change.value);
    let ours = values.filter(|value| value.metadata.as_ref().is_none_or(|metadata| metadata.phone_number_id == numero_id));
    ours.flat_map(|value| value.statuses).map(update).collect()
}

fn verify(request: &HttpMessage) -> Result<(), PluginError> {
    let bad = || PluginError::InvalidInput("la firma del aviso no corresponde".into());
    let signature = request.header("x-hub-signature-256").and_then(|text| text.strip_prefix("sha256=")).and_then(crypto::from_hex);
    let good = crypto::verify("app", SignatureAlg::HmacSha256, &request.body, &signature.ok_or_else(bad)?)?;
    if good { Ok(()) } else { Err(bad()) }
}

fn update(estado: Estado) -> Result<DeliveryUpdate, PluginError> {
    if let Some(key) = &estado.biz_opaque_callback_data {
        arrived(key, &estado.id)?;
    }
    let status = match estado.status.as_str() {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" => DeliveryStatus::Failed,
        _ => DeliveryStatus::Other,
    };
    let seconds: u64 = estado.timestamp.parse().map_err(|_| PluginError::InvalidInput("la hora del aviso no es un número".into()))?;
    let code = estado.errors.first().map(|error| error.code.to_string());
    Ok(DeliveryUpdate { provider_ref: estado.id, status, code, at_unix_ms: seconds.saturating_mul(1000) })
}
