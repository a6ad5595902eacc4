//! Webhooks: signed over their raw bytes with the app's secret, which only the host knows.
use huella_plugin_sdk::{
    HttpMessage, PluginError,
    crypto::{self, SignatureAlg},
    notification::{DeliveryStatus, DeliveryUpdate, Reply, Update, arrived},
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
    #[serde(default)]
    messages: Vec<Entrante>,
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

/// What somebody wrote to this number.
#[derive(Deserialize)]
struct Entrante {
    from: String,
    timestamp: String,
    context: Option<Contexto>,
    #[serde(flatten)]
    contenido: Contenido,
}

/// The message that it answers.
#[derive(Deserialize)]
struct Contexto {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Contenido {
    Text {
        text: Texto,
    },
    /// The button of a template.
    Button {
        button: Boton,
    },
    Interactive {
        interactive: Interactivo,
    },
    /// Pictures, voices, reactions: nothing to read in words.
    #[serde(other)]
    Otro,
}

#[derive(Deserialize)]
struct Texto {
    body: String,
}

#[derive(Deserialize)]
struct Boton {
    payload: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Interactivo {
    button_reply: Option<Elegido>,
}

#[derive(Deserialize)]
struct Elegido {
    id: String,
    title: String,
}

/// The states of this number's messages and what was answered to it; an app may have several numbers.
pub fn read(request: &HttpMessage, numero_id: &str) -> Result<Vec<Update>, PluginError> {
    verify(request)?;
    let aviso: Aviso = serde_json::from_slice(&request.body).map_err(|error| PluginError::InvalidInput(error.to_string()))?;
    let values = aviso.entry.into_iter().flat_map(|entry| entry.changes).map(|change| change.value);
    let ours = values.filter(|value| value.metadata.as_ref().is_none_or(|metadata| metadata.phone_number_id == numero_id));
    let mut updates = Vec::new();
    for value in ours {
        for estado in value.statuses {
            updates.push(Update::Delivery(update(estado)?));
        }
        for entrante in value.messages {
            updates.extend(reply(entrante)?.map(Update::Reply));
        }
    }
    Ok(updates)
}

/// `None`: nothing that can be read.
fn reply(entrante: Entrante) -> Result<Option<Reply>, PluginError> {
    let (text, payload) = match entrante.contenido {
        Contenido::Text { text } => (text.body, None),
        Contenido::Button { button } => (button.text, button.payload),
        Contenido::Interactive { interactive: Interactivo { button_reply: Some(chosen) } } => (chosen.title, Some(chosen.id)),
        Contenido::Interactive { .. } | Contenido::Otro => return Ok(None),
    };
    let at_unix_ms = millis(&entrante.timestamp)?;
    let provider_ref = entrante.context.and_then(|context| context.id);
    Ok(Some(Reply { sender: format!("+{}", entrante.from), text, payload, provider_ref, at_unix_ms }))
}

fn millis(timestamp: &str) -> Result<u64, PluginError> {
    let seconds: u64 = timestamp.parse().map_err(|_| PluginError::InvalidInput("la hora del aviso no es un número".into()))?;
    Ok(seconds.saturating_mul(1000))
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
    let at_unix_ms = millis(&estado.timestamp)?;
    let code = estado.errors.first().map(|error| error.code.to_string());
    Ok(DeliveryUpdate { provider_ref: estado.id, status, code, idempotency_key: estado.biz_opaque_callback_data, at_unix_ms })
}
