//! What the host gives to guests and does not have itself. Whoever embeds it brings these.
use crate::bindings::io::huella::plugin::crypto::SignatureAlg;
use async_trait::async_trait;
use plugin_manifest::Digest;
use serde_json::Value;
use std::{fmt, sync::Arc, time::Duration};
use uuid::Uuid;

/// For whom a port is asked. The guest chooses no part of it, so it never reaches what is another's.
#[derive(Debug, Clone)]
pub struct Scope {
    pub tenant: Uuid,
    pub plugin: Arc<str>,
    pub version: Arc<str>,
    pub digest: Digest,
    pub sandbox: bool,
}

/// Out of order for now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no disponible: {0}")]
pub struct Unavailable(pub String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    #[error("no queda espacio")]
    Quota,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Small values that outlive a call. `quota`: bytes of all values together.
#[async_trait]
pub trait State: Send + Sync {
    async fn get(&self, scope: &Scope, key: &str) -> Result<Option<Vec<u8>>, StateError>;
    async fn set(&self, scope: &Scope, key: &str, value: Vec<u8>, ttl: Option<Duration>, quota: u64) -> Result<(), StateError>;
    async fn delete(&self, scope: &Scope, key: &str) -> Result<(), StateError>;
    /// Whether it was `old`, and is `new` now.
    async fn swap(&self, scope: &Scope, key: &str, old: Option<&[u8]>, new: Vec<u8>, quota: u64) -> Result<bool, StateError>;
}

/// A text that is not shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// The secrets of a plugin's configuration, by the name of their property.
#[async_trait]
pub trait Secrets: Send + Sync {
    async fn secret(&self, scope: &Scope, name: &str) -> Result<Option<Secret>, Unavailable>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("no hay tal clave")]
    Missing,
    #[error("la clave no firma así")]
    Unfit,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Keys that no guest sees. Whoever signs writes it down.
#[async_trait]
pub trait Keys: Send + Sync {
    async fn sign(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8]) -> Result<Vec<u8>, KeyError>;
    async fn verify(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8], signature: &[u8]) -> Result<bool, KeyError>;
    async fn certificate_der(&self, scope: &Scope, slot: &str) -> Result<Vec<u8>, KeyError>;
}

#[async_trait]
pub trait Events: Send + Sync {
    async fn emit(&self, scope: &Scope, topic: &str, document: Value) -> Result<(), Unavailable>;
}

/// All of it.
#[derive(Clone)]
pub struct Ports {
    pub state: Arc<dyn State>,
    pub secrets: Arc<dyn Secrets>,
    pub keys: Arc<dyn Keys>,
    pub events: Arc<dyn Events>,
}
