//! Sends messages by a provider that takes JSON and answers with a reference.
use huella_plugin_sdk::{
    CallContext, Notification, Plugin, PluginError, export_notification, http,
    notification::Message,
};
use serde::{Deserialize, Serialize};

/// The channel is its configuration; secrets stay with the host.
#[derive(Deserialize)]
pub struct {{Tipo}} {
    remitente: String,
}

#[derive(Serialize)]
struct Body<'a> {
    from: &'a str,
    to: &'a str,
    text: &'a str,
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

impl Plugin for {{Tipo}} {}

impl Notification for {{Tipo}} {
    fn send(&self, call: &CallContext, message: &Message) -> Result<String, PluginError> {
        let response = http::post("https://api.example.pe/mensajes")
            .bearer("token")
            .header("idempotency-key", &call.idempotency_key)
            .json(&Body { from: &self.remitente, to: &message.to, text: &message.text })?
            .send()?;
        match response.status {
            200..=299 => {
                let accepted: Accepted = response.json().map_err(|error| PluginError::Indeterminate(error.to_string()))?;
                Ok(accepted.id)
            }
            401 | 403 => Err(PluginError::NotAuthorized("el token no sirve".into())),
            429 => Err(PluginError::RetryLater(response.retry_after_ms())),
            // A gateway's 502 may come after the message left: nobody knows.
            500..=599 => Err(PluginError::Indeterminate(response.status.to_string())),
            status => Err(PluginError::rejected(status.to_string(), "el proveedor no lo aceptó")),
        }
    }
}

export_notification!({{Tipo}});

#[cfg(test)]
mod tests {
    use super::*;
    use huella_plugin_sdk::testing::{self, MockHost};
    use serde_json::json;

    fn host() -> MockHost {
        MockHost::new().config(json!({"remitente": "Clínica"}))
    }

    #[test]
    fn the_providers_reference_comes_back() {
        let host = host().reply(200, &json!({"id": "abc"}));
        let sent = testing::send::<{{Tipo}}>(&host, testing::message("+51987654321", "", &[], "Hola"));
        assert_eq!(sent, Ok("abc".into()));
        assert_eq!(host.requests()[0].url, "https://api.example.pe/mensajes");
    }

    #[test]
    fn too_many_is_tried_again_when_the_provider_says() {
        let host = host().reply_with(429, &[("retry-after", "3")], "");
        let sent = testing::send::<{{Tipo}}>(&host, testing::message("+51987654321", "", &[], "Hola"));
        assert_eq!(sent, Err(PluginError::RetryLater(Some(3_000))));
    }
}
