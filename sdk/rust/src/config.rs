//! What the chain configured. A plugin rarely asks: it is made from it.
use crate::{PluginError, backend};
use serde::de::DeserializeOwned;

/// The configuration as a type of the plugin's own.
pub fn load<T: DeserializeOwned>() -> Result<T, PluginError> {
    serde_json::from_str(&backend::config::get_json()).map_err(|error| PluginError::InvalidInput(format!("configuración: {error}")))
}

/// Only secrets that the schema marks `"x-secret": "guest"`. Prefer a [`crate::http::CredentialRef`].
pub fn secret(name: &str) -> Option<String> {
    backend::config::secret(name)
}
