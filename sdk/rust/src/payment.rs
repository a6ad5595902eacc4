//! World `payment`: charging and giving back.
pub use crate::bindings::payment::payment_provider::{
    Attempt, Intent, NextAction, PaymentCode, RefundRequest, Status, WebhookKind, WebhookOutcome,
};
use crate::{CallContext, HttpMessage, Money, Plugin, PluginError};

pub trait Payment: Plugin {
    fn create(&self, call: &CallContext, intent: &Intent) -> Result<Attempt, PluginError>;

    /// The truth after any time-out, crash or webhook; without a reference, by the payment's own id.
    fn sync(&self, call: &CallContext, provider_ref: Option<&str>, payment_id: &str) -> Result<Attempt, PluginError>;

    fn capture(&self, _call: &CallContext, _provider_ref: &str, _amount: &Money) -> Result<Attempt, PluginError> {
        Err(unsupported("capturar"))
    }

    fn cancel(&self, _call: &CallContext, _provider_ref: &str) -> Result<Attempt, PluginError> {
        Err(unsupported("anular"))
    }

    fn refund(&self, _call: &CallContext, _refund: &RefundRequest) -> Result<Attempt, PluginError> {
        Err(unsupported("devolver"))
    }

    /// Verifies and classifies only; the host then asks with `sync`.
    fn handle_webhook(&self, _call: &CallContext, _request: &HttpMessage) -> Result<WebhookOutcome, PluginError> {
        Err(unsupported("avisar"))
    }
}

fn unsupported(verb: &str) -> PluginError {
    PluginError::Unsupported(format!("este medio de pago no puede {verb}"))
}
