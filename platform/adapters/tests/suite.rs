//! One suite for both forms of cache and bus, against a real Redis, and what happens when Redis goes away.
use adapters::{MemoryBus, MemoryCache, RedisBus, RedisCache, RedisConfig};
use bytes::Bytes;
use kernel::ports::{Bus, Cache, Message, PortError};
use rstest::rstest;
use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(60);

fn redis() -> RedisConfig {
    let url = std::env::var("REDIS_URL").expect("REDIS_URL is missing: run the tests with `cargo xtask test`");
    // Tests run at the same time and share one Redis.
    RedisConfig::from_url(&url).expect("an address").with_prefix(format!("prueba-{}:", Uuid::now_v7()))
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Memory,
    Redis,
}

fn cache(form: Form) -> Arc<dyn Cache> {
    match form {
        Form::Memory => Arc::new(MemoryCache::default()),
        Form::Redis => Arc::new(RedisCache::new(&redis()).expect("a cache")),
    }
}

async fn bus(form: Form) -> Arc<dyn Bus> {
    match form {
        Form::Memory => Arc::new(MemoryBus::default()),
        Form::Redis => Arc::new(listening(&redis()).await),
    }
}

async fn listening(config: &RedisConfig) -> RedisBus {
    let bus = RedisBus::new(config).expect("a bus");
    let deadline = Instant::now() + Duration::from_secs(5);
    while bus.ready().await.is_err() {
        assert!(Instant::now() < deadline, "the bus never listened");
    }
    bus
}

fn message(topic: &str, body: &'static [u8]) -> Message {
    Message { topic: topic.into(), body: Bytes::from_static(body) }
}

async fn next(ear: &mut tokio::sync::broadcast::Receiver<Message>) -> Message {
    timeout(Duration::from_secs(5), ear.recv()).await.expect("in time").expect("a message")
}

#[rstest]
#[tokio::test]
async fn a_value_is_kept_replaced_and_deleted(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    assert_eq!(cache.get("a").await.expect("asked"), None);
    cache.put("a", Bytes::from_static(b"uno\0\xff"), LONG).await.expect("kept");
    assert_eq!(cache.get("a").await.expect("asked").as_deref(), Some(b"uno\0\xff".as_slice()));
    cache.put("a", Bytes::new(), LONG).await.expect("replaced");
    assert_eq!(cache.get("a").await.expect("asked"), Some(Bytes::new()));
    assert_eq!(cache.get("b").await.expect("asked"), None);
    cache.delete("a").await.expect("deleted");
    cache.delete("a").await.expect("deleting nothing is no error");
    assert_eq!(cache.get("a").await.expect("asked"), None);
}

#[rstest]
#[tokio::test]
async fn a_value_dies_at_its_time_and_a_new_one_has_a_new_time(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    cache.put("breve", Bytes::from_static(b"x"), Duration::from_millis(150)).await.expect("kept");
    cache.put("largo", Bytes::from_static(b"x"), Duration::from_millis(150)).await.expect("kept");
    cache.put("largo", Bytes::from_static(b"y"), LONG).await.expect("replaced");
    assert!(cache.get("breve").await.expect("asked").is_some());
    sleep(Duration::from_millis(300)).await;
    assert_eq!(cache.get("breve").await.expect("asked"), None);
    assert_eq!(cache.get("largo").await.expect("asked"), Some(Bytes::from_static(b"y")));
}

#[rstest]
#[tokio::test]
async fn a_counter_starts_at_zero_and_counts_down_too(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    assert_eq!(cache.add("n", 3, LONG).await.expect("added"), 3);
    assert_eq!(cache.add("n", -1, LONG).await.expect("added"), 2);
    assert_eq!(cache.get("n").await.expect("asked"), Some(Bytes::from_static(b"2")));
    cache.delete("n").await.expect("deleted");
    assert_eq!(cache.add("n", 1, LONG).await.expect("added"), 1);
}

#[rstest]
#[tokio::test]
async fn a_counter_dies_after_its_first_time_however_often_it_is_used(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    let born = Instant::now();
    assert_eq!(cache.add("n", 1, Duration::from_millis(400)).await.expect("added"), 1);
    while born.elapsed() < Duration::from_millis(300) {
        sleep(Duration::from_millis(50)).await;
        cache.add("n", 1, LONG).await.expect("added");
    }
    sleep(Duration::from_millis(250)).await;
    assert_eq!(cache.add("n", 1, LONG).await.expect("added"), 1, "the window must not be extended by use");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_count_is_lost_when_many_count_at_once(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..50 {
                    seen.push(cache.add("n", 1, LONG).await.expect("added"));
                }
                seen
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await.expect("done"));
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=1000).collect::<Vec<i64>>(), "every caller sees a number of its own");
}

#[rstest]
#[tokio::test]
async fn a_text_is_no_counter(#[values(Form::Memory, Form::Redis)] form: Form) {
    let cache = cache(form);
    cache.put("a", Bytes::from_static(b"hola"), LONG).await.expect("kept");
    let refused = cache.add("a", 1, LONG).await;
    assert!(matches!(refused, Err(PortError::Rejected(_))), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn everybody_hears_a_message_once_and_in_order(#[values(Form::Memory, Form::Redis)] form: Form) {
    let bus = bus(form).await;
    bus.publish(message("antes", b"")).await.expect("nobody listening is no error");
    let (mut one, mut two) = (bus.subscribe(), bus.subscribe());
    for body in [b"1".as_slice(), b"2", b"\0\xff"] {
        bus.publish(Message { topic: "acceso".into(), body: Bytes::from_static(body) }).await.expect("published");
    }
    for ear in [&mut one, &mut two] {
        for body in [b"1".as_slice(), b"2", b"\0\xff"] {
            assert_eq!(next(ear).await, Message { topic: "acceso".into(), body: Bytes::from_static(body) });
        }
    }
    // Nothing comes twice: neither at once nor through Redis a moment later.
    assert!(timeout(Duration::from_millis(200), one.recv()).await.is_err());
}

#[rstest]
#[tokio::test]
async fn a_slow_listener_loses_the_oldest_and_is_told(#[values(Form::Memory, Form::Redis)] form: Form) {
    let bus = bus(form).await;
    let mut ear = bus.subscribe();
    for _ in 0..1200 {
        bus.publish(message("t", b"")).await.expect("published");
    }
    assert!(matches!(ear.recv().await, Err(tokio::sync::broadcast::error::RecvError::Lagged(_))));
    assert_eq!(next(&mut ear).await.topic, "t");
}

#[tokio::test]
async fn instances_hear_each_other_through_redis_and_strangers_do_not() {
    let config = redis();
    let (one, two, stranger) = (listening(&config).await, listening(&config).await, listening(&redis()).await);
    let (mut ear, mut other) = (two.subscribe(), stranger.subscribe());
    one.publish(message("acceso", b"v7")).await.expect("published");
    assert_eq!(next(&mut ear).await, message("acceso", b"v7"));
    assert!(timeout(Duration::from_millis(200), other.recv()).await.is_err());

    let (here, there) = (RedisCache::new(&config).expect("a cache"), RedisCache::new(&config).expect("a cache"));
    here.put("k", Bytes::from_static(b"v"), LONG).await.expect("kept");
    assert_eq!(there.get("k").await.expect("asked"), Some(Bytes::from_static(b"v")));
}

/// A Redis of our own, to take away.
struct OwnRedis {
    port: u16,
    server: Child,
}

impl OwnRedis {
    fn start(port: u16) -> Self {
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is missing: run the tests with `cargo xtask test`");
        Self { port, server }
    }
    fn config(&self) -> RedisConfig {
        RedisConfig::from_url(&format!("redis://127.0.0.1:{}", self.port)).expect("an address")
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

async fn quickly<T: std::fmt::Debug>(call: impl Future<Output = Result<T, PortError>>) {
    let start = Instant::now();
    let answer = call.await;
    assert!(matches!(answer, Err(PortError::Unavailable(_))), "{answer:?}");
    assert!(start.elapsed() < Duration::from_millis(400), "took {:?}", start.elapsed());
}

async fn soon(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_lost_redis_is_an_error_at_once_and_its_return_is_noticed() {
    let port = free_port();
    let mut redis = OwnRedis::start(port);
    let (cache, bus) = (RedisCache::new(&redis.config()).expect("a cache"), listening(&redis.config()).await);
    cache.put("a", Bytes::from_static(b"1"), LONG).await.expect("kept");

    redis.server.kill().expect("killed");
    redis.server.wait().expect("reaped");
    for _ in 0..3 {
        quickly(cache.get("a")).await;
        quickly(cache.add("n", 1, LONG)).await;
        quickly(cache.ready()).await;
    }
    // Without Redis an instance still hears itself, and the sender knows that nobody else did.
    let mut ear = bus.subscribe();
    quickly(bus.publish(message("acceso", b"solo"))).await;
    assert_eq!(next(&mut ear).await, message("acceso", b"solo"));

    let again = OwnRedis::start(port);
    soon("the cache answers again", async || cache.get("a").await.is_ok()).await;
    soon("the bus listens again", async || bus.ready().await.is_ok()).await;
    let other = listening(&again.config()).await;
    other.publish(message("acceso", b"juntos")).await.expect("published");
    assert_eq!(next(&mut ear).await, message("acceso", b"juntos"));
}

#[tokio::test]
async fn a_redis_that_accepts_and_never_answers_costs_no_more_than_one_that_is_gone() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let silent = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let config = RedisConfig::from_url(&format!("redis://127.0.0.1:{port}")).expect("an address");
    let (cache, bus) = (RedisCache::new(&config).expect("a cache"), RedisBus::new(&config).expect("a bus"));
    for _ in 0..3 {
        quickly(cache.get("a")).await;
        quickly(bus.publish(message("t", b""))).await;
        quickly(bus.ready()).await;
    }
    silent.abort();
}
