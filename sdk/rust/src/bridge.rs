//! From the generated traits to the plugin's own.
use crate::{
    Alerts, CallContext, Delivery, Fiscal, HttpMessage, Money, Notification, Payment, Plugin, PluginError, alerts, bindings, config,
};
use std::marker::PhantomData;

/// Carries a plugin through the generated exports.
pub struct Bridge<T>(PhantomData<T>);

/// A panic ends the call as a trap, which has no words; they go to the run's log first.
fn listen_to_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| crate::log::error(&panic.to_string(), &[])));
}

/// Made from its configuration, for this call only.
fn open<T: Plugin>() -> Result<T, PluginError> {
    listen_to_panics();
    config::load()
}

impl<T: Plugin> bindings::lifecycle::lifecycle::Guest for Bridge<T> {
    fn check() -> Result<(), PluginError> {
        open::<T>()?.check()
    }
    fn migrate(from: String) -> Result<(), PluginError> {
        open::<T>()?.migrate(&from)
    }
}

impl<T: Alerts> bindings::alerts::alert_rules::Guest for Bridge<T> {
    fn describe() -> Vec<alerts::Subscription> {
        listen_to_panics();
        T::describe()
    }
    fn evaluate(
        trigger: String,
        facts: String,
        at: bindings::alerts::alert_rules::Moment,
        config: String,
    ) -> Result<Vec<bindings::alerts::alert_rules::Alert>, alerts::RuleError> {
        listen_to_panics();
        alerts::evaluate::<T>(&trigger, &facts, &at, &config).map(|alerts| alerts.into_iter().map(Into::into).collect())
    }
}

impl<T: Notification> bindings::notification::notification_channel::Guest for Bridge<T> {
    fn send(call: CallContext, message: crate::notification::Message) -> Result<String, PluginError> {
        open::<T>()?.send(&call, &message)
    }
    fn handle_webhook(call: CallContext, request: HttpMessage) -> Result<Vec<crate::notification::Update>, PluginError> {
        open::<T>()?.handle_webhook(&call, &request)
    }
}

impl<T: Payment> bindings::payment::payment_provider::Guest for Bridge<T> {
    fn create(call: CallContext, intent: crate::payment::Intent) -> Result<crate::payment::Attempt, PluginError> {
        open::<T>()?.create(&call, &intent)
    }
    fn capture(call: CallContext, provider_ref: String, amount: Money) -> Result<crate::payment::Attempt, PluginError> {
        open::<T>()?.capture(&call, &provider_ref, &amount)
    }
    fn cancel(call: CallContext, provider_ref: String) -> Result<crate::payment::Attempt, PluginError> {
        open::<T>()?.cancel(&call, &provider_ref)
    }
    fn refund(call: CallContext, refund: crate::payment::RefundRequest) -> Result<crate::payment::Attempt, PluginError> {
        open::<T>()?.refund(&call, &refund)
    }
    fn sync(call: CallContext, provider_ref: Option<String>, payment_id: String) -> Result<crate::payment::Attempt, PluginError> {
        open::<T>()?.sync(&call, provider_ref.as_deref(), &payment_id)
    }
    fn handle_webhook(call: CallContext, request: HttpMessage) -> Result<crate::payment::WebhookOutcome, PluginError> {
        open::<T>()?.handle_webhook(&call, &request)
    }
}

impl<T: Fiscal> bindings::fiscal::fiscal_issuer::Guest for Bridge<T> {
    fn validate(call: CallContext, document: crate::fiscal::Document) -> Result<Vec<String>, PluginError> {
        open::<T>()?.validate(&call, &document)
    }
    fn issue(call: CallContext, document: crate::fiscal::Document) -> Result<crate::fiscal::IssueResult, PluginError> {
        open::<T>()?.issue(&call, &document)
    }
    fn poll(call: CallContext, ticket: String) -> Result<crate::fiscal::IssueResult, PluginError> {
        open::<T>()?.poll(&call, &ticket)
    }
    fn void_documents(call: CallContext, ids: Vec<String>, reason: String) -> Result<crate::fiscal::IssueResult, PluginError> {
        open::<T>()?.void_documents(&call, &ids, &reason)
    }
}

impl<T: Delivery> bindings::delivery::delivery_provider::Guest for Bridge<T> {
    fn estimate(
        call: CallContext,
        origin: crate::delivery::Place,
        dest: crate::delivery::Place,
        parcel: crate::delivery::Parcel,
    ) -> Result<Vec<crate::delivery::Quote>, PluginError> {
        open::<T>()?.estimate(&call, &origin, &dest, &parcel)
    }
    fn create(
        call: CallContext,
        quote_id: String,
        origin: crate::delivery::Place,
        dest: crate::delivery::Place,
        parcel: crate::delivery::Parcel,
    ) -> Result<crate::delivery::Job, PluginError> {
        open::<T>()?.create(&call, &quote_id, &origin, &dest, &parcel)
    }
    fn cancel(call: CallContext, job_ref: String) -> Result<crate::delivery::Job, PluginError> {
        open::<T>()?.cancel(&call, &job_ref)
    }
    fn sync(call: CallContext, job_ref: String) -> Result<crate::delivery::Job, PluginError> {
        open::<T>()?.sync(&call, &job_ref)
    }
    fn handle_webhook(call: CallContext, request: HttpMessage) -> Result<Option<String>, PluginError> {
        open::<T>()?.handle_webhook(&call, &request)
    }
}
