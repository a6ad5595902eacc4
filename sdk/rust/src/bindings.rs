//! What wit-bindgen makes of the contract. Nothing here is named outside of this crate but through `__private`.
//!
//! The host's interfaces are made once and shared by all worlds, so that an answer of `http` is one type everywhere.

pub mod host {
    wit_bindgen::generate!({
        inline: "package huella:sdk;
            world host {
                import huella:plugin/types@0.1.0;
                import huella:plugin/http@0.1.0;
                import huella:plugin/state@0.1.0;
                import huella:plugin/config@0.1.0;
                import huella:plugin/crypto@0.1.0;
                import huella:plugin/log@0.1.0;
                import huella:plugin/clock@0.1.0;
                import huella:plugin/random@0.1.0;
                import huella:plugin/events@0.1.0;
            }",
        path: "../wit",
        world: "huella:sdk/host",
        additional_derives: [PartialEq],
        generate_all,
    });
    #[cfg(target_arch = "wasm32")]
    pub use huella::plugin::{clock, config, events, random};
    pub use huella::plugin::{crypto, http, log, state, types};
}

/// One module an interface that plugins export. A plugin of a world exports its interface and `lifecycle`; the linker puts
/// the descriptions of both together.
macro_rules! export {
    ($module:ident, $inline:literal, { $($with:tt)* }) => {
        pub mod $module {
            wit_bindgen::generate!({
                inline: $inline,
                path: "../wit",
                with: { $($with)* },
                additional_derives: [PartialEq],
                pub_export_macro: true,
            });
            pub use exports::huella::plugin::*;
        }
    };
    ($module:ident, $inline:literal) => {
        export!($module, $inline, { "huella:plugin/types@0.1.0": crate::bindings::host::types });
    };
}

export!(lifecycle, "package huella:sdk; world lifecycle { export huella:plugin/lifecycle@0.1.0; }");
export!(alerts, "package huella:sdk; world alerts { export huella:plugin/alert-rules@0.1.0; }", {});
export!(notification, "package huella:sdk; world notification { export huella:plugin/notification-channel@0.1.0; }");
export!(payment, "package huella:sdk; world payment { export huella:plugin/payment-provider@0.1.0; }");
export!(fiscal, "package huella:sdk; world fiscal { export huella:plugin/fiscal-issuer@0.1.0; }");
export!(delivery, "package huella:sdk; world delivery { export huella:plugin/delivery-provider@0.1.0; }");
