//! Runs plugins: WebAssembly components under limits, with what their manifest asks for and nothing else.
//!
//! Every call has a fresh instance, which is thrown away afterwards. Time, memory, the network, secrets and keys are the
//! host's. It knows no domain and no database: what it does not have itself comes in through [`Ports`], and domains
//! see the traits of [`v0_1`]. The server links no compiler; [`Compiler`] runs one beside it.
mod aside;
#[cfg(feature = "medir")]
pub mod bare;
mod bindings;
mod breaker;
mod compile;
pub mod conformance;
mod cores;
mod corrida;
mod engine;
mod guest;
mod host;
mod installed;
mod keys;
mod load;
pub mod memory;
mod net;
mod outcome;
mod ports;
mod queue;
mod redact;
mod run;
mod sealed;
mod smoke;
pub mod v0_1;

pub use bindings::io::huella::plugin::crypto::SignatureAlg;
pub use breaker::Refusal;
#[cfg(feature = "compilar")]
pub use compile::compile;
pub use compile::{CompileError, Compiler};
pub use corrida::{Corrida, Linea, Llamada, Registro, Run, Tiempos, Uso};
pub use engine::Profile;
pub use installed::{Host, Installation, Installed, Options, check_config};
pub use keys::LocalKey;
pub use load::{Admission, LoadError, Plugin};
pub use net::{Egress, Names, SystemNames};
pub use outcome::{Failure, Limit, Outcome};
pub use plugin_manifest as manifest;
pub use ports::{Events, KeyError, Keys, Ports, Scope, Secret, Secrets, State, StateError, Unavailable};
pub use queue::{Full, Need, Place, Places, Queue};
pub use sealed::{Forged, SealKey};
pub use smoke::{FACTS, Smoke, smoke};

use breaker::Breaker;
use guest::Guest;
