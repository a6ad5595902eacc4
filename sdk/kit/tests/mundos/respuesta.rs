//! What an answer of a provider means, for all three.
use huella_plugin_sdk::{
    PluginError,
    http::{Error, Response},
};
use serde::de::DeserializeOwned;

/// What it says, if it did what it was asked.
pub fn read<T: DeserializeOwned>(sent: Result<Response, Error>) -> Result<T, PluginError> {
    let response = sent?;
    match response.status {
        200..=299 => response.json().map_err(|_| PluginError::Indeterminate("respondió algo que no se entiende".into())),
        401 | 403 => Err(PluginError::NotAuthorized("el token no sirve".into())),
        429 => Err(PluginError::RetryLater(response.retry_after_ms())),
        // A gateway's 502 may come after it was done: nobody knows.
        500..=599 => Err(PluginError::Indeterminate(response.status.to_string())),
        status => Err(PluginError::rejected(status.to_string(), "no lo aceptó")),
    }
}
