//! HTTP to the hosts that the manifest names.
use crate::{Kv, PluginError, backend, bindings::host::http as raw};
pub use raw::{CredentialRef, Error};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// A request in the making.
#[derive(Debug, Clone)]
#[must_use = "nothing leaves before `send`"]
pub struct Request(raw::Request);

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<Kv>,
    pub body: Vec<u8>,
}

pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

pub fn post(url: impl Into<String>) -> Request {
    Request::new("POST", url)
}

impl Request {
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        let empty = (Vec::new(), Vec::new());
        Self(raw::Request { method: method.into(), url: url.into(), headers: empty.0, body: empty.1, timeout_ms: None, auth: None })
    }

    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.headers.push(Kv { key: name.into(), value: value.into() });
        self
    }

    pub fn timeout(mut self, limit: Duration) -> Self {
        self.0.timeout_ms = Some(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX));
        self
    }

    /// The secret of the configuration with this name, as a bearer token; its value stays with the host.
    pub fn bearer(self, secret: &str) -> Self {
        self.auth(CredentialRef::Bearer(secret.into()))
    }

    /// A user, and the secret that is the password.
    pub fn basic(self, user: &str, secret: &str) -> Self {
        self.auth(CredentialRef::Basic((user.into(), secret.into())))
    }

    pub fn auth(mut self, credential: CredentialRef) -> Self {
        self.0.auth = Some(credential);
        self
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = body.into();
        self.header("content-type", content_type)
    }

    pub fn json(self, body: &impl Serialize) -> Result<Self, PluginError> {
        let body = serde_json::to_vec(body).map_err(|error| PluginError::Internal(error.to_string()))?;
        Ok(self.body("application/json", body))
    }

    pub fn send(self) -> Result<Response, Error> {
        let raw::Response { status, headers, body } = backend::http::send(&self.0)?;
        Ok(Response { status, headers, body })
    }
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.key.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }

    /// `retry-after` in milliseconds, where it is given in seconds.
    pub fn retry_after_ms(&self) -> Option<u32> {
        self.header("retry-after")?.trim().parse::<u32>().ok()?.checked_mul(1000)
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
