//! The contract 0.1 as domains call it: one trait per world, so that they hold an `Arc<dyn …>` and know of no engine.
mod alerts;
mod providers;

pub use crate::bindings::{
    alerts::exports::huella::plugin::alert_rules::{Alert, Moment, Severity, Subscription},
    delivery::exports::huella::plugin::delivery_provider::{Job, JobStatus, Parcel, Place, Quote},
    fiscal::exports::huella::plugin::fiscal_issuer::{Artifact, DocStatus, Document, IssueResult},
    io::huella::plugin::types::{CallContext, HttpMessage, Kv, Money},
    notification::exports::huella::plugin::notification_channel::{DeliveryStatus, DeliveryUpdate, Message, Reply, Update},
    payment::exports::huella::plugin::payment_provider::{
        Attempt, Intent, NextAction, PaymentCode, RefundRequest, Status, WebhookKind, WebhookOutcome,
    },
};
pub use alerts::AlertPlugin;
pub use providers::{DeliveryPlugin, FiscalPlugin, NotificationPlugin, PaymentPlugin};

use crate::{
    Installed,
    corrida::Pedido,
    load::Pre,
    run::{Body, Call, run},
};
use plugin_manifest::World;
use std::{sync::Arc, time::Duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("el complemento es del mundo {0}")]
pub struct WrongWorld(pub World);

macro_rules! as_world {
    ($($name:ident -> $trait:ident, $world:ident;)*) => {
        impl Installed {
            $(pub fn $name(self) -> Result<Arc<dyn $trait>, WrongWorld> {
                match &self.plugin.pre {
                    Pre::$world(pre) => Ok(Arc::new(Called { pre: pre.clone(), installed: self })),
                    _ => Err(WrongWorld(self.plugin.world())),
                }
            })*
        }
    };
}

as_world! {
    payments -> PaymentPlugin, Payment;
    fiscal -> FiscalPlugin, Fiscal;
    deliveries -> DeliveryPlugin, Delivery;
    notifications -> NotificationPlugin, Notification;
    alerts -> AlertPlugin, Alerts;
}

/// An installed plugin and the way into its world.
struct Called<P> {
    pre: P,
    installed: Installed,
}

fn call(operation: &'static str, context: &CallContext, pedido: Pedido) -> Call {
    Call { operation, attempt: context.attempt, wall: Duration::from_millis(context.deadline_ms.into()), pedido }
}
