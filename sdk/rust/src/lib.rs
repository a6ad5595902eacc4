//! Write a plugin for Huella in Rust.
//!
//! A plugin is a type that is its own configuration: it implements [`serde::Deserialize`] and the trait of its world
//! ([`Alerts`], [`Notification`], [`Payment`], [`Fiscal`], [`Delivery`]), and is exported by the macro of that world. It is
//! made anew for every call and keeps nothing between two but what it puts into [`state`]. Outside of WebAssembly the same
//! code runs against [`testing::MockHost`], so its rules are tested like any other Rust.
mod bindings;
mod bridge;
mod date;
mod error;
mod money;

pub mod alerts;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod delivery;
pub mod events;
pub mod fiscal;
pub mod http;
pub mod log;
pub mod notification;
pub mod payment;
pub mod random;
pub mod state;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use alerts::Alerts;
pub use bindings::host::types::{CallContext, HttpMessage, Kv, Money, PluginError, Rejection};
pub use date::Months;
pub use delivery::Delivery;
pub use fiscal::Fiscal;
pub use jiff::civil::Date;
pub use notification::Notification;
pub use payment::Payment;

/// Where calls to the host go.
#[cfg(target_arch = "wasm32")]
use bindings::host as backend;
#[cfg(not(target_arch = "wasm32"))]
use testing::backend;

/// What the worlds that talk to other systems have in common.
pub trait Plugin: serde::de::DeserializeOwned {
    /// When it is switched on or configured: are the credentials good?
    fn check(&self) -> Result<(), PluginError> {
        Ok(())
    }

    /// This version meets the state that `from` left.
    fn migrate(&self, _from: &str) -> Result<(), PluginError> {
        Ok(())
    }
}

/// For the export macros alone.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        bindings::{alerts, delivery, fiscal, lifecycle, notification, payment},
        bridge::Bridge,
    };
}

/// Makes a type the plugin of world `alerts`.
#[macro_export]
macro_rules! export_alerts {
    ($plugin:ty) => {
        $crate::__export!($plugin, Alerts, alerts);
    };
}

/// Makes a type the plugin of world `notification`.
#[macro_export]
macro_rules! export_notification {
    ($plugin:ty) => {
        $crate::__export!($plugin, Notification, notification, lifecycle);
    };
}

/// Makes a type the plugin of world `payment`.
#[macro_export]
macro_rules! export_payment {
    ($plugin:ty) => {
        $crate::__export!($plugin, Payment, payment, lifecycle);
    };
}

/// Makes a type the plugin of world `fiscal`.
#[macro_export]
macro_rules! export_fiscal {
    ($plugin:ty) => {
        $crate::__export!($plugin, Fiscal, fiscal, lifecycle);
    };
}

/// Makes a type the plugin of world `delivery`.
#[macro_export]
macro_rules! export_delivery {
    ($plugin:ty) => {
        $crate::__export!($plugin, Delivery, delivery, lifecycle);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($plugin:ty, $trait:ident, $($module:ident),+) => {
        // Said in the plugin's own words before the generated code says it in others.
        const _: fn() = || {
            fn implements<T: $crate::$trait>() {}
            implements::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::__private::Bridge<$plugin>;
            $($crate::__private::$module::export!(Exported with_types_in $crate::__private::$module);)+
        };
    };
}
