//! World `notification`: a channel that reaches people.
pub use crate::bindings::notification::notification_channel::{DeliveryStatus, DeliveryUpdate, Message, Reply, Update};
use crate::{CallContext, HttpMessage, Plugin, PluginError, state};
use std::time::Duration;

pub trait Notification: Plugin {
    /// Sends one message and returns the provider's reference.
    fn send(&self, call: &CallContext, message: &Message) -> Result<String, PluginError>;

    /// Verifies a webhook and says what became of which message, and what people answered.
    fn handle_webhook(&self, _call: &CallContext, _request: &HttpMessage) -> Result<Vec<Update>, PluginError> {
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

/// How long an attempt is remembered.
const REMEMBERED: Duration = Duration::from_secs(7 * 86_400);
const SENDING: &[u8] = b"?";

fn attempt_key(idempotency_key: &str) -> String {
    format!("envio:{idempotency_key}")
}

/// For providers that know no idempotency: sends at most once for a key. Whoever asks again gets the first reference, whether the
/// host knows it or the plugin itself, and if nobody knows whether the first one arrived, is told so. Needs state.
pub fn once(call: &CallContext, send: impl FnOnce() -> Result<String, PluginError>) -> Result<String, PluginError> {
    if let Some(known) = &call.previous_ref {
        return Ok(known.clone());
    }
    let key = attempt_key(&call.idempotency_key);
    match state::get(&key)? {
        Some(known) if known != SENDING => return Ok(String::from_utf8_lossy(&known).into_owned()),
        Some(_) => return Err(PluginError::Indeterminate("no se sabe si el intento anterior llegó".into())),
        None => state::set(&key, SENDING, Some(REMEMBERED))?,
    }
    let sent = send();
    match &sent {
        Ok(provider_ref) => state::set(&key, provider_ref.as_bytes(), Some(REMEMBERED))?,
        Err(PluginError::Indeterminate(_)) => {}
        Err(_) => state::delete(&key)?,
    }
    sent
}

/// A webhook tells the reference of a message whose sending nobody was sure of.
pub fn arrived(idempotency_key: &str, provider_ref: &str) -> Result<(), PluginError> {
    let key = attempt_key(idempotency_key);
    if state::get(&key)?.as_deref() == Some(SENDING) {
        state::set(&key, provider_ref.as_bytes(), Some(REMEMBERED))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MockHost, call};

    #[test]
    fn a_message_is_sent_once_however_often_it_is_asked_for() {
        let host = MockHost::new();
        assert_eq!(host.run(|| once(&call(), || Ok("a".into()))), Ok("a".into()));
        assert_eq!(host.run(|| once(&call(), || panic!("sent twice"))), Ok("a".into()));
    }

    #[test]
    fn what_the_host_knows_the_reference_of_is_not_sent_again() {
        let known = CallContext { attempt: 1, previous_ref: Some("z".into()), ..call() };
        assert_eq!(MockHost::new().run(|| once(&known, || panic!("sent twice"))), Ok("z".into()));
    }

    #[test]
    fn what_was_refused_may_be_tried_again() {
        let host = MockHost::new();
        assert_eq!(host.run(|| once(&call(), || Err(PluginError::RetryLater(None)))), Err(PluginError::RetryLater(None)));
        assert_eq!(host.run(|| once(&call(), || Ok("b".into()))), Ok("b".into()));
    }

    #[test]
    fn what_nobody_knows_is_not_sent_again_until_a_webhook_tells() {
        let host = MockHost::new();
        let unknown = || Err(PluginError::Indeterminate("x".into()));
        assert!(host.run(|| once(&call(), unknown)).is_err());
        assert!(matches!(host.run(|| once(&call(), || panic!("sent twice"))), Err(PluginError::Indeterminate(_))));
        host.run(|| arrived(&call().idempotency_key, "c")).expect("state");
        assert_eq!(host.run(|| once(&call(), || panic!("sent twice"))), Ok("c".into()));
    }
}
