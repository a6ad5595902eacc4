//! Text messages by the Vonage Messages API, what its webhooks say became of them, and what people answer.
//!
//! The API knows no idempotency key, so a message goes out at most once by [`once`]; the key travels along as `client_ref`,
//! and a webhook that brings it back settles what a lost answer left open.
mod avisos;
mod texto;

use huella_plugin_sdk::{
    CallContext, HttpMessage, Notification, Plugin, PluginError, export_notification,
    http::{self, Response},
    log,
    notification::{Message, Update, once},
};
use serde::{Deserialize, Serialize};

/// An account of a clinic.
#[derive(Debug, Deserialize)]
pub struct Sms {
    clave: String,
    remitente: String,
    #[serde(default = "yes")]
    sin_tildes: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
struct Mensaje<'a> {
    message_type: &'static str,
    channel: &'static str,
    to: &'a str,
    from: &'a str,
    text: &'a str,
    client_ref: &'a str,
}

#[derive(Deserialize)]
struct Aceptado {
    message_uuid: String,
}

/// `type` ends in the number by which the provider documents the failure.
#[derive(Deserialize)]
struct Fallo {
    #[serde(rename = "type")]
    tipo: String,
    title: String,
    detail: Option<String>,
}

impl Plugin for Sms {}

impl Notification for Sms {
    fn send(&self, call: &CallContext, message: &Message) -> Result<String, PluginError> {
        let to = message.to.strip_prefix('+').unwrap_or(&message.to);
        if !(7..=15).contains(&to.len()) || !to.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PluginError::InvalidInput("el destino no es un teléfono en E.164".into()));
        }
        let text = if self.sin_tildes { texto::plain(&message.text) } else { message.text.clone() };
        if text.is_empty() || text.chars().count() > texto::MOST {
            return Err(PluginError::InvalidInput(format!("el texto debe tener entre 1 y {} caracteres", texto::MOST)));
        }
        let from = &self.remitente;
        let body = Mensaje { message_type: "text", channel: "sms", to, from, text: &text, client_ref: &call.idempotency_key };
        once(call, || {
            let response = http::post("https://api.nexmo.com/v1/messages").basic(&self.clave, "secreto").json(&body)?.send()?;
            if !response.is_success() {
                return Err(refused(&response));
            }
            log::info("enviado", &[("partes", &texto::parts(&text).to_string())]);
            let accepted = response.json::<Aceptado>().map(|accepted| accepted.message_uuid);
            accepted.map_err(|_| PluginError::Indeterminate("Vonage respondió algo que no se entiende".into()))
        })
    }

    fn handle_webhook(&self, _call: &CallContext, request: &HttpMessage) -> Result<Vec<Update>, PluginError> {
        avisos::read(request, &self.clave)
    }
}

/// What an answer that is no success means for the message.
fn refused(response: &Response) -> PluginError {
    let failure = response.json::<Fallo>().ok();
    let said = failure.as_ref().map(|failure| failure.detail.clone().unwrap_or_else(|| failure.title.clone()));
    match response.status {
        401 | 403 => PluginError::NotAuthorized("Vonage no aceptó la clave o el secreto".into()),
        402 => PluginError::NotAuthorized("la cuenta de Vonage no tiene saldo".into()),
        429 => PluginError::RetryLater(response.retry_after_ms()),
        500..=599 if failure.is_some() => PluginError::RetryLater(response.retry_after_ms()),
        // A gateway's answer, not the API's: what is behind it may have sent the message.
        500..=599 => PluginError::Indeterminate(format!("Vonage respondió {}", response.status)),
        status => {
            let number = failure.as_ref().and_then(|failure| failure.tipo.rsplit_once('#')).map(|(_, number)| number.to_owned());
            PluginError::rejected(number.unwrap_or_else(|| status.to_string()), said.unwrap_or_else(|| "Vonage no lo aceptó".into()))
        }
    }
}

export_notification!(Sms);

#[cfg(test)]
mod tests;
