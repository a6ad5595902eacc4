//! To the topics of the manifest.
use crate::{PluginError, backend};
use serde::Serialize;

pub fn emit(topic: &str, document: &impl Serialize) -> Result<(), PluginError> {
    let json = serde_json::to_string(document).map_err(|error| PluginError::Internal(error.to_string()))?;
    backend::events::emit(topic, &json).map_err(PluginError::Internal)
}
