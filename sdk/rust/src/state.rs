//! Small values that outlive a call, per chain and plugin.
pub use crate::bindings::host::state::Error;
use crate::{PluginError, backend};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    backend::state::get(key)
}

pub fn set(key: &str, value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
    backend::state::set(key, value, ttl.map(|ttl| u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX)))
}

pub fn delete(key: &str) -> Result<(), Error> {
    backend::state::delete(key)
}

/// Whether it was `old` (`None`: nothing there) and is `new` now.
pub fn compare_and_swap(key: &str, old: Option<&[u8]>, new: &[u8]) -> Result<bool, Error> {
    backend::state::compare_and_swap(key, old, new)
}

/// A value that is no longer understood counts as none: an older version may have left it.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, PluginError> {
    Ok(get(key)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

pub fn set_json(key: &str, value: &impl Serialize, ttl: Option<Duration>) -> Result<(), PluginError> {
    let bytes = serde_json::to_vec(value).map_err(|error| PluginError::Internal(error.to_string()))?;
    Ok(set(key, &bytes, ttl)?)
}
