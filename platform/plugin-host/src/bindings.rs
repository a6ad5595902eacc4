//! What the contract looks like in Rust. Each world is generated apart; what they share is the same types in all.

/// The host's interfaces and the shared types.
pub mod io {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit",
        world: "io-base",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
    });
}

macro_rules! world {
    ($module:ident, $name:literal) => {
        pub mod $module {
            wasmtime::component::bindgen!({
                path: "../../sdk/wit",
                world: $name,
                imports: { default: async | trappable },
                exports: { default: async },
                additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
                with: {
                    "huella:plugin/types": super::io::huella::plugin::types,
                    "huella:plugin/http": super::io::huella::plugin::http,
                    "huella:plugin/state": super::io::huella::plugin::state,
                    "huella:plugin/config": super::io::huella::plugin::config,
                    "huella:plugin/crypto": super::io::huella::plugin::crypto,
                    "huella:plugin/log": super::io::huella::plugin::log,
                    "huella:plugin/clock": super::io::huella::plugin::clock,
                    "huella:plugin/random": super::io::huella::plugin::random,
                    "huella:plugin/events": super::io::huella::plugin::events,
                },
            });
        }
    };
}

world!(payment, "payment");
world!(fiscal, "fiscal");
world!(delivery, "delivery");
world!(notification, "notification");

pub mod alerts {
    wasmtime::component::bindgen!({
        path: "../../sdk/wit",
        world: "alerts",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "huella:plugin/types": super::io::huella::plugin::types,
            "huella:plugin/log": super::io::huella::plugin::log,
        },
    });
}
