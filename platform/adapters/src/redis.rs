//! Cache and bus shared by all instances through one Redis.
use crate::{BadSetting, Secret, memory::BACKLOG};
use async_trait::async_trait;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::StreamExt;
use kernel::ports::{Bus, Cache, Message, PortError};
use redis::{
    Client, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubSink, PubSubStream},
};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
    time::timeout,
};
use uuid::Uuid;

/// The longest that any call waits.
const LIMIT: Duration = Duration::from_millis(300);
/// Each of the two parts of a call, to connect and to answer, a little sooner.
const PART: Duration = Duration::from_millis(250);
/// A silent connection may be a dead one.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// In one step: a counter must not lose its end between the addition and the expiry.
static ADD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local n = redis.call('INCRBY', KEYS[1], ARGV[1])
         if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
         return n",
    )
});

/// Where Redis is, and with which prefix its keys and channels start.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    url: Secret,
    prefix: String,
}

impl RedisConfig {
    /// `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS.
    pub fn from_url(url: &str) -> Result<Self, BadSetting> {
        Client::open(url).map_err(|error| BadSetting(format!("REDIS_URL no es una dirección de Redis: {}", error.category())))?;
        Ok(Self { url: Secret::new(url), prefix: "huella:".into() })
    }

    /// For several installations on one Redis.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn client(&self) -> Result<Client, BadSetting> {
        Client::open(self.url.expose()).map_err(|error| BadSetting(format!("REDIS_URL: {}", error.category())))
    }

    /// Connects at the first use and reconnects by itself, so that a server starts without Redis, too.
    fn manager(&self) -> Result<ConnectionManager, BadSetting> {
        let config =
            ConnectionManagerConfig::new().set_number_of_retries(0).set_connection_timeout(Some(PART)).set_response_timeout(Some(PART));
        self.client()?.get_connection_manager_lazy(config).map_err(|error| BadSetting(format!("REDIS_URL: {}", error.category())))
    }
}

fn failed(error: &RedisError) -> PortError {
    // Never the whole error: it may quote what was sent.
    let what = format!("redis: {}", error.category());
    match error.kind() {
        redis::ErrorKind::Server(redis::ServerErrorKind::ResponseError) => PortError::Rejected(what),
        redis::ErrorKind::UnexpectedReturnType => PortError::Rejected(what),
        _ => PortError::Unavailable(what),
    }
}

async fn within<T>(call: impl Future<Output = Result<T, RedisError>>) -> Result<T, PortError> {
    match timeout(LIMIT, call).await {
        Ok(answer) => answer.map_err(|error| failed(&error)),
        Err(_) => Err(PortError::Unavailable("redis: sin respuesta".into())),
    }
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[derive(Clone)]
pub struct RedisCache {
    manager: ConnectionManager,
    prefix: String,
}

impl RedisCache {
    /// Inside a tokio runtime.
    pub fn new(config: &RedisConfig) -> Result<Self, BadSetting> {
        Ok(Self { manager: config.manager()?, prefix: config.prefix.clone() })
    }

    /// Whether Redis answers now.
    pub async fn ready(&self) -> Result<(), PortError> {
        within(redis::cmd("PING").exec_async(&mut self.manager.clone())).await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, PortError> {
        let found: Option<Vec<u8>> = within(redis::cmd("GET").arg(self.key(key)).query_async(&mut self.manager.clone())).await?;
        Ok(found.map(Bytes::from))
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), PortError> {
        let mut command = redis::cmd("SET");
        command.arg(self.key(key)).arg(value.as_ref()).arg("PX").arg(millis(ttl));
        within(command.exec_async(&mut self.manager.clone())).await
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        within(redis::cmd("DEL").arg(self.key(key)).exec_async(&mut self.manager.clone())).await
    }

    async fn add(&self, key: &str, by: i64, ttl: Duration) -> Result<i64, PortError> {
        let mut call = ADD.key(self.key(key));
        call.arg(by).arg(millis(ttl));
        within(call.invoke_async(&mut self.manager.clone())).await
    }
}

/// Delivers to this process at once and to the others through a Redis channel, so that an instance that lost
/// Redis still hears itself. What the others said while it was lost is gone: at most once.
pub struct RedisBus {
    manager: ConnectionManager,
    channel: String,
    /// Marks our own messages, which come back through the channel and were delivered already.
    own: Uuid,
    local: broadcast::Sender<Message>,
    listening: watch::Receiver<bool>,
    listener: JoinHandle<()>,
}

impl RedisBus {
    /// Inside a tokio runtime. Starts listening in the background, and goes on trying while Redis is away.
    pub fn new(config: &RedisConfig) -> Result<Self, BadSetting> {
        let local = broadcast::channel(BACKLOG).0;
        let (state, listening) = watch::channel(false);
        let channel = format!("{}bus", config.prefix);
        let own = Uuid::now_v7();
        let ears = Arc::new(Ears { client: config.client()?, channel: channel.clone(), own, local: local.clone(), state });
        let listener = tokio::spawn(async move { ears.listen_forever().await });
        Ok(Self { manager: config.manager()?, channel, own, local, listening, listener })
    }

    /// Waits until messages of other instances arrive here.
    pub async fn ready(&self) -> Result<(), PortError> {
        let mut listening = self.listening.clone();
        let heard = timeout(LIMIT, listening.wait_for(|up| *up)).await;
        match heard {
            Ok(Ok(_)) => Ok(()),
            _ => Err(PortError::Unavailable("redis: sin suscripción".into())),
        }
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish(&self, message: Message) -> Result<(), PortError> {
        let packed = pack(self.own, &message)?;
        let _ = self.local.send(message);
        within(redis::cmd("PUBLISH").arg(&self.channel).arg(packed.as_ref()).exec_async(&mut self.manager.clone())).await
    }
    fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.local.subscribe()
    }
}

struct Ears {
    client: Client,
    channel: String,
    own: Uuid,
    local: broadcast::Sender<Message>,
    state: watch::Sender<bool>,
}

impl Ears {
    async fn listen_forever(&self) {
        let mut pause = Duration::from_millis(50);
        loop {
            match timeout(Duration::from_secs(2), self.connect()).await {
                Ok(Ok((sink, stream))) => {
                    self.state.send_replace(true);
                    pause = Duration::from_millis(50);
                    tokio::select! { () = self.read(stream) => {}, () = beat(sink) => {} }
                    self.state.send_replace(false);
                    tracing::warn!("bus: connection to Redis lost");
                }
                Ok(Err(error)) => tracing::debug!(error = error.category(), "bus: no connection to Redis"),
                Err(_) => tracing::debug!("bus: Redis does not answer"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn connect(&self) -> Result<(PubSubSink, PubSubStream), RedisError> {
        let (mut sink, stream) = self.client.get_async_pubsub().await?.split();
        sink.subscribe(&self.channel).await?;
        Ok((sink, stream))
    }

    /// Until the connection ends.
    async fn read(&self, mut stream: PubSubStream) {
        while let Some(packed) = stream.next().await {
            match unpack(Bytes::copy_from_slice(packed.get_payload_bytes())) {
                Some((from, message)) if from != self.own => {
                    let _ = self.local.send(message);
                }
                Some(_) => {}
                None => tracing::warn!("bus: unreadable message"),
            }
        }
    }
}

/// Until Redis no longer answers.
async fn beat(mut sink: PubSubSink) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if !matches!(timeout(Duration::from_secs(1), sink.ping::<redis::Value>()).await, Ok(Ok(_))) {
            return;
        }
    }
}

/// Sender, length of the topic, topic, body.
fn pack(from: Uuid, message: &Message) -> Result<Bytes, PortError> {
    let topic = u16::try_from(message.topic.len()).map_err(|_| PortError::Rejected("tema demasiado largo".into()))?;
    let mut packed = BytesMut::with_capacity(18 + message.topic.len() + message.body.len());
    packed.put_slice(from.as_bytes());
    packed.put_u16(topic);
    packed.put_slice(message.topic.as_bytes());
    packed.put_slice(&message.body);
    Ok(packed.freeze())
}

fn unpack(mut packed: Bytes) -> Option<(Uuid, Message)> {
    if packed.len() < 18 {
        return None;
    }
    let from = Uuid::from_slice(&packed.split_to(16)).ok()?;
    let topic = usize::from(packed.get_u16());
    if packed.len() < topic {
        return None;
    }
    let topic = String::from_utf8(packed.split_to(topic).to_vec()).ok()?;
    Some((from, Message { topic, body: packed }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_packing_and_rubbish_is_refused() {
        let message = Message { topic: "acceso".into(), body: Bytes::from_static(b"\0\xff") };
        let from = Uuid::now_v7();
        let packed = pack(from, &message).expect("short");
        assert_eq!(unpack(packed.clone()), Some((from, message)));
        assert_eq!(unpack(packed.slice(..20)), None);
        assert_eq!(unpack(Bytes::from_static(b"hola")), None);
    }

    #[test]
    fn the_password_of_an_address_is_not_shown() {
        let config = RedisConfig::from_url("redis://ana:secreto@127.0.0.1:6379/2").expect("an address");
        assert!(!format!("{config:?}").contains("secreto"));
        let error = RedisConfig::from_url("http://ana:secreto@127.0.0.1").expect_err("not Redis");
        assert!(!error.to_string().contains("secreto") && error.to_string().contains("REDIS_URL"), "{error}");
    }
}
