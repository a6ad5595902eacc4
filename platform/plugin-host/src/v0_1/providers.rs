//! The worlds that talk to another system. Each operation is the same three steps: record what was asked, instantiate,
//! call.
use super::{
    Attempt, Body, CallContext, Called, Document, HttpMessage, Intent, IssueResult, Job, Message, Money, Parcel, Place, Quote,
    RefundRequest, Update, WebhookOutcome, call, run,
};
use crate::{
    Failure, Guest, Run,
    bindings::{delivery::DeliveryPre, fiscal::FiscalPre, notification::NotificationPre, payment::PaymentPre},
    run::Call,
};
use async_trait::async_trait;
use serde_json::json;
use std::{sync::Arc, time::Duration};

macro_rules! provider {
    ($(#[$doc:meta])* $trait:ident by $pre:ident, $interface:ident;
     $($operation:ident = $call:ident($($name:ident: $type:ty => $pass:expr),*) -> $answer:ty;)*) => {
        $(#[$doc])*
        #[async_trait]
        pub trait $trait: Send + Sync {
            $(async fn $operation(&self, context: CallContext, $($name: $type),*) -> Run<$answer>;)*
            /// After it was switched on or configured: whether it can work.
            async fn check(&self) -> Run<()>;
            /// A new version meets what an older one left behind.
            async fn migrate(&self, from_version: String) -> Run<()>;
        }

        #[async_trait]
        impl $trait for Called<$pre<Guest>> {
            $(async fn $operation(&self, context: CallContext, $($name: $type),*) -> Run<$answer> {
                // The guest reads it, and whoever makes the record.
                let asked = Arc::new((context, $($name),*));
                let (pre, kept) = (self.pre.clone(), asked.clone());
                let pedido = move || {
                    let (context, $($name),*) = &*kept;
                    json!({ "context": context, $(stringify!($name): $name),* })
                };
                let call = call(stringify!($operation), &asked.0, Box::new(pedido));
                let body: Body<$answer> = Box::new(move |store, left| Box::pin(async move {
                    let (context, $($name),*) = &*asked;
                    let context = CallContext { deadline_ms: left, ..context.clone() };
                    let guest = pre.instantiate_async(&mut *store).await?;
                    let answer = guest.$interface().$call(&mut *store, &context, $($pass),*).await?;
                    Ok(answer.map_err(Failure::from))
                }));
                run(&self.installed, call, body).await
            })*

            async fn check(&self) -> Run<()> {
                let asked = Call { operation: "check", attempt: 0, wall: Duration::MAX, pedido: Box::new(|| json!({})) };
                let pre = self.pre.clone();
                let body: Body<()> = Box::new(move |store, _| Box::pin(async move {
                    let guest = pre.instantiate_async(&mut *store).await?;
                    Ok(guest.huella_plugin_lifecycle().call_check(&mut *store).await?.map_err(Failure::from))
                }));
                run(&self.installed, asked, body).await
            }

            async fn migrate(&self, from_version: String) -> Run<()> {
                let (pre, kept) = (self.pre.clone(), from_version.clone());
                let pedido = move || json!({ "from_version": kept });
                let asked = Call { operation: "migrate", attempt: 0, wall: Duration::MAX, pedido: Box::new(pedido) };
                let body: Body<()> = Box::new(move |store, _| Box::pin(async move {
                    let guest = pre.instantiate_async(&mut *store).await?;
                    Ok(guest.huella_plugin_lifecycle().call_migrate(&mut *store, &from_version).await?.map_err(Failure::from))
                }));
                run(&self.installed, asked, body).await
            }
        }
    };
}

provider! {
    /// Takes money. After any doubt, `sync` tells the truth.
    PaymentPlugin by PaymentPre, huella_plugin_payment_provider;
    create = call_create(intent: Intent => intent) -> Attempt;
    capture = call_capture(provider_ref: String => provider_ref, amount: Money => amount) -> Attempt;
    cancel = call_cancel(provider_ref: String => provider_ref) -> Attempt;
    refund = call_refund(request: RefundRequest => request) -> Attempt;
    sync = call_sync(provider_ref: Option<String> => provider_ref.as_deref(), payment_id: String => payment_id) -> Attempt;
    handle_webhook = call_handle_webhook(message: HttpMessage => message) -> WebhookOutcome;
}

provider! {
    /// Tells the tax authority.
    FiscalPlugin by FiscalPre, huella_plugin_fiscal_issuer;
    validate = call_validate(document: Document => document) -> Vec<String>;
    issue = call_issue(document: Document => document) -> IssueResult;
    poll = call_poll(ticket: String => ticket) -> IssueResult;
    void_documents = call_void_documents(ids: Vec<String> => ids, reason: String => reason) -> IssueResult;
}

provider! {
    /// Brings things.
    DeliveryPlugin by DeliveryPre, huella_plugin_delivery_provider;
    estimate = call_estimate(origin: Place => origin, dest: Place => dest, parcel: Parcel => parcel) -> Vec<Quote>;
    create = call_create(quote_id: String => quote_id, origin: Place => origin, dest: Place => dest, parcel: Parcel => parcel) -> Job;
    cancel = call_cancel(job_ref: String => job_ref) -> Job;
    sync = call_sync(job_ref: String => job_ref) -> Job;
    handle_webhook = call_handle_webhook(message: HttpMessage => message) -> Option<String>;
}

provider! {
    /// Writes to people; the answer of `send` is the provider's reference.
    NotificationPlugin by NotificationPre, huella_plugin_notification_channel;
    send = call_send(message: Message => message) -> String;
    handle_webhook = call_handle_webhook(message: HttpMessage => message) -> Vec<Update>;
}
