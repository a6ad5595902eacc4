//! World `notification`: a channel that reaches people.
pub use crate::bindings::notification::notification_channel::{DeliveryStatus, DeliveryUpdate, Message};
use crate::{CallContext, HttpMessage, Plugin, PluginError};

pub trait Notification: Plugin {
    /// Sends one message and returns the provider's reference.
    fn send(&self, call: &CallContext, message: &Message) -> Result<String, PluginError>;

    /// Verifies a webhook and says what became of which message.
    fn handle_webhook(&self, _call: &CallContext, _request: &HttpMessage) -> Result<Vec<DeliveryUpdate>, PluginError> {
        Err(PluginError::Unsupported("este canal no avisa".into()))
    }
}

impl Message {
    /// The value of a variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.iter().find(|var| var.key == name).map(|var| var.value.as_str())
    }
}

impl HttpMessage {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.key.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }
}
