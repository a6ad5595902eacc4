//! Cache and bus of one process, for the demo and for a single instance.
use async_trait::async_trait;
use bytes::Bytes;
use kernel::ports::{Bus, Cache, Message, PortError};
use moka::Expiry;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::broadcast;

/// How many messages a slow listener may be behind.
pub(crate) const BACKLOG: usize = 1024;

/// What lives as long as it was told when it was written.
#[derive(Clone)]
struct Lasting<V> {
    value: V,
    ttl: Duration,
}

struct OwnTtl;

impl<V> Expiry<String, Lasting<V>> for OwnTtl {
    fn expire_after_create(&self, _: &String, entry: &Lasting<V>, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }
    fn expire_after_update(&self, _: &String, entry: &Lasting<V>, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl)
    }
}

/// Counters lie apart from values: a flood of values must not push out the counters that throttle the flood.
#[derive(Clone)]
pub struct MemoryCache {
    values: moka::future::Cache<String, Lasting<Bytes>>,
    counters: moka::future::Cache<String, Lasting<Arc<AtomicI64>>>,
}

impl MemoryCache {
    /// At most `bytes` of values; what is used least goes first.
    pub fn new(bytes: u64) -> Self {
        let size = |key: &String, entry: &Lasting<Bytes>| u32::try_from(key.len() + entry.value.len() + 64).unwrap_or(u32::MAX);
        Self {
            values: moka::future::Cache::builder().max_capacity(bytes).weigher(size).expire_after(OwnTtl).build(),
            counters: moka::future::Cache::builder().max_capacity(500_000).expire_after(OwnTtl).build(),
        }
    }
}

impl Default for MemoryCache {
    fn default() -> Self {
        Self::new(32 << 20)
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, PortError> {
        if let Some(entry) = self.values.get(key).await {
            return Ok(Some(entry.value));
        }
        Ok(self.counters.get(key).await.map(|counter| Bytes::from(counter.value.load(Ordering::Relaxed).to_string())))
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), PortError> {
        self.counters.invalidate(key).await;
        self.values.insert(key.to_owned(), Lasting { value, ttl }).await;
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        self.values.invalidate(key).await;
        self.counters.invalidate(key).await;
        Ok(())
    }

    async fn add(&self, key: &str, by: i64, ttl: Duration) -> Result<i64, PortError> {
        if self.values.contains_key(key) {
            return Err(PortError::Rejected("no es un contador".into()));
        }
        // One insertion wins, so that no count is lost between two first calls.
        let fresh = async { Lasting { value: Arc::new(AtomicI64::new(0)), ttl } };
        let counter = self.counters.entry_by_ref(key).or_insert_with(fresh).await.into_value().value;
        Ok(counter.fetch_add(by, Ordering::Relaxed) + by)
    }
}

/// Messages within this process.
#[derive(Clone)]
pub struct MemoryBus {
    sender: broadcast::Sender<Message>,
}

impl Default for MemoryBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0 }
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn publish(&self, message: Message) -> Result<(), PortError> {
        // An error only says that nobody listens.
        let _ = self.sender.send(message);
        Ok(())
    }
    fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.sender.subscribe()
    }
}
