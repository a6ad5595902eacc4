//! What a plugin is before it runs: one component that carries its manifest and its signatures inside.
//!
//! [`Manifest`] says who made it and what it wants to touch, [`Limits`] what it may use up. [`Package`] reads and writes
//! both in the component's custom sections; [`audit`] looks at the bytes without running them; [`Trust`] says whose
//! signature is enough. Nothing here starts a virtual machine, so that the server, the compiler and the developers'
//! tool can all use it.
mod audit;
mod faults;
mod limits;
mod manifest;
mod package;
mod signature;
mod units;
mod world;

pub use audit::{Audit, FEATURES, MAX_MEMORIES, audit};
pub use faults::{Fault, faults};
pub use limits::{Asked, Limits};
pub use manifest::{ConfigFiles, CryptoUse, Environment, EventsUse, HttpRule, Localized, Manifest, Permissions, StateUse, Webhook};
pub use package::{Digest, MAX_COMPONENT, Package, SecretUse, Unreadable, identity};
pub use signature::{PublicKey, Signature, Signatures, Signers, SigningKey, Trust, Untrusted, counter_sign, sign};
pub use units::{Size, Span};
pub use world::{CONTRACT, World, WorldRef, is_wasi, oldest_contract};

#[cfg(test)]
mod tests;
