//! The ports without anything behind them: for the developers' tool, and for tests of the host itself.
use crate::{Events, KeyError, Keys, LocalKey, Ports, Scope, Secret, Secrets, SignatureAlg, State, StateError, Unavailable};
use async_trait::async_trait;
use serde_json::Value;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Whose, and under which name.
type Key = (Uuid, Arc<str>, String);

struct Kept {
    value: Vec<u8>,
    until: Option<Instant>,
}

/// Lives as long as the process.
#[derive(Default)]
pub struct Memory {
    state: Mutex<HashMap<Key, Kept>>,
    secrets: Mutex<HashMap<(Uuid, String), Secret>>,
    keys: Mutex<HashMap<(Uuid, String), Arc<LocalKey>>>,
    events: Mutex<Vec<(Uuid, String, Value)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    pub fn ports(self: &Arc<Self>) -> Ports {
        Ports { state: self.clone(), secrets: self.clone(), keys: self.clone(), events: self.clone() }
    }

    pub fn put_secret(&self, tenant: Uuid, name: &str, value: &str) {
        lock(&self.secrets).insert((tenant, name.to_owned()), Secret::new(value));
    }

    pub fn put_key(&self, tenant: Uuid, slot: &str, key: LocalKey) {
        lock(&self.keys).insert((tenant, slot.to_owned()), Arc::new(key));
    }

    /// What was emitted so far: chain, topic, document.
    pub fn events(&self) -> Vec<(Uuid, String, Value)> {
        lock(&self.events).clone()
    }

    fn key(&self, scope: &Scope, slot: &str) -> Result<Arc<LocalKey>, KeyError> {
        known(&self.keys, &(scope.tenant, slot.to_owned())).ok_or(KeyError::Missing)
    }
}

fn known<K: Hash + Eq, V: Clone>(values: &Mutex<HashMap<K, V>>, key: &K) -> Option<V> {
    lock(values).get(key).cloned()
}

fn at(scope: &Scope, key: &str) -> Key {
    (scope.tenant, scope.plugin.clone(), key.to_owned())
}

fn put(
    state: &mut HashMap<Key, Kept>,
    scope: &Scope,
    key: &str,
    value: Vec<u8>,
    ttl: Option<Duration>,
    quota: u64,
) -> Result<(), StateError> {
    let at = at(scope, key);
    let others = state.iter().filter(|(known, _)| known.0 == at.0 && known.1 == at.1 && **known != at);
    let used: usize = others.map(|(_, kept)| kept.value.len()).sum();
    if (used + value.len()) as u64 > quota {
        return Err(StateError::Quota);
    }
    state.insert(at, Kept { value, until: ttl.map(|ttl| Instant::now() + ttl) });
    Ok(())
}

fn live(state: &mut HashMap<Key, Kept>, scope: &Scope, key: &str) -> Option<Vec<u8>> {
    state.retain(|_, kept| kept.until.is_none_or(|until| until > Instant::now()));
    state.get(&at(scope, key)).map(|kept| kept.value.clone())
}

#[async_trait]
impl State for Memory {
    async fn get(&self, scope: &Scope, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        Ok(live(&mut lock(&self.state), scope, key))
    }

    async fn set(&self, scope: &Scope, key: &str, value: Vec<u8>, ttl: Option<Duration>, quota: u64) -> Result<(), StateError> {
        put(&mut lock(&self.state), scope, key, value, ttl, quota)
    }

    async fn delete(&self, scope: &Scope, key: &str) -> Result<(), StateError> {
        lock(&self.state).remove(&at(scope, key));
        Ok(())
    }

    async fn swap(&self, scope: &Scope, key: &str, old: Option<&[u8]>, new: Vec<u8>, quota: u64) -> Result<bool, StateError> {
        let mut state = lock(&self.state);
        if live(&mut state, scope, key).as_deref() != old {
            return Ok(false);
        }
        put(&mut state, scope, key, new, None, quota).map(|()| true)
    }
}

#[async_trait]
impl Secrets for Memory {
    async fn secret(&self, scope: &Scope, name: &str) -> Result<Option<Secret>, Unavailable> {
        Ok(known(&self.secrets, &(scope.tenant, name.to_owned())))
    }
}

#[async_trait]
impl Keys for Memory {
    async fn sign(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.key(scope, slot)?.sign(alg, data)
    }

    async fn verify(&self, scope: &Scope, slot: &str, alg: SignatureAlg, data: &[u8], signature: &[u8]) -> Result<bool, KeyError> {
        self.key(scope, slot)?.verify(alg, data, signature)
    }

    /// Keys in memory have no certificates.
    async fn certificate_der(&self, _: &Scope, _: &str) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Missing)
    }
}

#[async_trait]
impl Events for Memory {
    async fn emit(&self, scope: &Scope, topic: &str, document: Value) -> Result<(), Unavailable> {
        lock(&self.events).push((scope.tenant, topic.to_owned(), document));
        Ok(())
    }
}
