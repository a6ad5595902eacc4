//! A host for tests that need no WebAssembly: scripted answers, and all that the plugin did.
pub(crate) mod backend;

use crate::{
    Alerts, CallContext, Date, HttpMessage, Kv, Notification,
    alerts::{self, Alert, RuleError},
    bindings::{self, host},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

pub use host::http::Request;

/// What the host is told, and what it saw.
#[derive(Default)]
struct World {
    config: Option<Value>,
    secrets: BTreeMap<String, String>,
    keys: BTreeMap<String, Vec<u8>>,
    now_unix_ms: u64,
    replies: VecDeque<Result<host::http::Response, host::http::Error>>,
    requests: Vec<Request>,
    state: BTreeMap<String, Vec<u8>>,
    lines: Vec<String>,
    events: Vec<(String, String)>,
}

/// Cheap to clone; all clones are one host.
#[derive(Clone, Default)]
pub struct MockHost(Rc<RefCell<World>>);

thread_local! {
    static CURRENT: RefCell<Option<MockHost>> = const { RefCell::new(None) };
}

impl MockHost {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn config(self, config: Value) -> Self {
        self.0.borrow_mut().config = Some(config);
        self
    }

    /// A secret that the plugin may read.
    pub fn secret(self, name: &str, value: &str) -> Self {
        self.0.borrow_mut().secrets.insert(name.into(), value.into());
        self
    }

    /// A key for HMAC, which the plugin may only name.
    pub fn key(self, slot: &str, key: impl Into<Vec<u8>>) -> Self {
        self.0.borrow_mut().keys.insert(slot.into(), key.into());
        self
    }

    pub fn at(self, unix_ms: u64) -> Self {
        self.0.borrow_mut().now_unix_ms = unix_ms;
        self
    }

    /// Answers the next request that has no answer yet.
    pub fn reply(self, status: u16, body: &Value) -> Self {
        self.reply_with(status, &[], body.to_string())
    }

    pub fn reply_with(self, status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let response = host::http::Response { status, headers: kv(headers), body: body.into() };
        self.0.borrow_mut().replies.push_back(Ok(response));
        self
    }

    /// Fails it.
    pub fn fail(self, error: host::http::Error) -> Self {
        self.0.borrow_mut().replies.push_back(Err(error));
        self
    }

    /// Runs something with this host.
    pub fn run<R>(&self, act: impl FnOnce() -> R) -> R {
        struct Restore(Option<MockHost>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        act()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.0.borrow().requests.clone()
    }

    /// `info: message clave=valor`, a line each.
    pub fn lines(&self) -> Vec<String> {
        self.0.borrow().lines.clone()
    }

    pub fn state(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.borrow().state.clone()
    }

    /// Topic and document.
    pub fn events(&self) -> Vec<(String, String)> {
        self.0.borrow().events.clone()
    }
}

fn kv(pairs: &[(&str, &str)]) -> Vec<Kv> {
    pairs.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

/// A plugin as the host makes it from its configuration.
///
/// # Panics
/// If the configuration does not fit.
pub fn plugin<T: DeserializeOwned>(config: Value) -> T {
    serde_json::from_value(config).unwrap_or_else(|error| panic!("configuration: {error}"))
}

/// Facts as the platform writes them.
///
/// # Panics
/// If they do not fit the schema.
pub fn hechos(document: Value) -> alerts::Hechos {
    serde_json::from_value(document).unwrap_or_else(|error| panic!("facts: {error}"))
}

/// Runs a rule the whole way, from documents to alerts, as the host does.
pub fn evaluate<T: Alerts>(trigger: &str, facts: &Value, today: Date, config: &Value) -> Result<Vec<Alert>, RuleError> {
    let at = bindings::alerts::alert_rules::Moment { unix_ms: 0, today: today.to_string() };
    alerts::evaluate::<T>(trigger, &facts.to_string(), &at, &config.to_string())
}

/// A first attempt in the sandbox.
pub fn call() -> CallContext {
    CallContext {
        idempotency_key: "01890000-0000-7000-8000-000000000001".into(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 15_000,
        sandbox: true,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

/// A message to send.
pub fn message(to: &str, template: &str, vars: &[(&str, &str)], text: &str) -> crate::notification::Message {
    crate::notification::Message { to: to.into(), template: template.into(), vars: kv(vars), text: text.into() }
}

/// A webhook as it comes in.
pub fn webhook(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> HttpMessage {
    HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers: kv(headers), body: body.into() }
}

/// Sends one message the whole way, configuration included.
pub fn send<T: Notification>(host: &MockHost, message: crate::notification::Message) -> Result<String, crate::PluginError> {
    use bindings::notification::notification_channel::Guest;
    host.run(|| <crate::bridge::Bridge<T> as Guest>::send(call(), message))
}
