//! Messages by the WhatsApp Cloud API, what its webhooks say became of them, and what people answer.
//!
//! The API knows no idempotency key, so a message goes out at most once by [`once`]; the key travels along as
//! `biz_opaque_callback_data`, and a webhook that brings it back settles what a lost answer left open.
mod avisos;
mod cuerpo;

use cuerpo::{Aceptado, Fallo, Mensaje};
use huella_plugin_sdk::{
    CallContext, HttpMessage, Notification, Plugin, PluginError, export_notification,
    http::{self, Response},
    log,
    notification::{Message, Update, once},
};
use serde::Deserialize;

/// A number of a clinic.
#[derive(Debug, Deserialize)]
pub struct Whatsapp {
    numero_id: String,
    #[serde(default = "spanish")]
    idioma: String,
    #[serde(default = "current")]
    version: String,
}

fn spanish() -> String {
    "es".into()
}
fn current() -> String {
    "v23.0".into()
}

impl Whatsapp {
    fn address(&self) -> String {
        format!("https://graph.facebook.com/{}/{}", self.version, self.numero_id)
    }
}

impl Plugin for Whatsapp {
    fn check(&self) -> Result<(), PluginError> {
        let response = http::get(format!("{}?fields=verified_name", self.address())).bearer("token").send()?;
        if response.is_success() { Ok(()) } else { Err(refused(&response)) }
    }
}

impl Notification for Whatsapp {
    fn send(&self, call: &CallContext, message: &Message) -> Result<String, PluginError> {
        let body = Mensaje::new(message, &self.idioma, &call.idempotency_key)?;
        once(call, || {
            let response = http::post(format!("{}/messages", self.address())).bearer("token").json(&body)?.send()?;
            if !response.is_success() {
                return Err(refused(&response));
            }
            let accepted = response.json::<Aceptado>().ok().and_then(Aceptado::id);
            accepted.ok_or_else(|| PluginError::Indeterminate("WhatsApp respondió algo que no se entiende".into()))
        })
    }

    fn handle_webhook(&self, _call: &CallContext, request: &HttpMessage) -> Result<Vec<Update>, PluginError> {
        avisos::read(request, &self.numero_id)
    }
}

/// What an answer that is no success means for the message.
fn refused(response: &Response) -> PluginError {
    let Ok(Fallo { error }) = response.json::<Fallo>() else {
        return match response.status {
            401 | 403 => PluginError::NotAuthorized("WhatsApp no aceptó el token".into()),
            429 => PluginError::RetryLater(response.retry_after_ms()),
            // A gateway's answer, not the API's: what is behind it may have sent the message.
            500..=599 => PluginError::Indeterminate(format!("WhatsApp respondió {}", response.status)),
            status => PluginError::rejected(status.to_string(), "WhatsApp no lo aceptó"),
        };
    };
    log::warn("WhatsApp no lo aceptó", &[("codigo", &error.code.to_string()), ("traza", error.fbtrace_id.as_deref().unwrap_or_default())]);
    match error.code {
        0 | 10 | 190 | 200..=299 => PluginError::NotAuthorized(error.message),
        // Too many calls, for the app, the account, the number or the pair of numbers; and the service's own trouble.
        1 | 2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_048 | 131_056 | 131_057 => {
            PluginError::RetryLater(response.retry_after_ms())
        }
        code => PluginError::rejected(code.to_string(), error.detail()),
    }
}

export_notification!(Whatsapp);

#[cfg(test)]
mod tests;
