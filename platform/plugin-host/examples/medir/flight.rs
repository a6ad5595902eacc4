//! A thousand calls at once that all wait for the other side.
use crate::{Compiled, round};
use anyhow::{Context, Result, ensure};
use plugin_host::{
    Egress, Host, Installation, LocalKey, Options, Places, SealKey,
    memory::Memory,
    v0_1::{CallContext, Kv, Message},
};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use uuid::Uuid;

const CALLS: usize = 1_000;

/// MiB that they take beyond what was there before the first.
pub async fn run() -> Result<f64> {
    let channel = Compiled::of("whatsapp").await?;
    let silent = Silent::start().await?;
    let places = Places {
        total: CALLS,
        rules: 0,
        per_tenant: CALLS,
        per_plugin: CALLS,
        per_tenant_and_plugin: CALLS,
        waiting: CALLS,
        memory: u64::MAX,
        memory_per_tenant: u64::MAX,
    };
    let egress = Egress { loopback: true, stand_ins: [("graph.facebook.com".to_owned(), silent.address)].into(), ..Egress::default() };
    let host = Host::new(Options { at_once: 2 * CALLS as u32, places, egress, ..Options::new(SealKey::new(&[7; 32])) })?;
    let plugin = channel.load(&host, &channel.seal(&host)?)?;
    let (tenant, memory) = (Uuid::now_v7(), Arc::new(Memory::default()));
    memory.put_secret(tenant, "token", "t");
    memory.put_key(tenant, "app", LocalKey::Shared(b"s".to_vec()));
    let installation = Installation { tenant, sandbox: false, config: json!({ "numero_id": "106540352242922" }) };
    let installed = host.install(plugin, installation, memory.ports()).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let notifications = installed.notifications()?;
    let before = resident()?;
    let mut calls = JoinSet::new();
    for n in 0..CALLS {
        let channel = notifications.clone();
        calls.spawn(async move { channel.send(context(), message(n)).await.result.is_ok() });
    }
    let all = || silent.asked.load(Ordering::Relaxed) >= CALLS;
    let began = std::time::Instant::now();
    while !all() {
        ensure!(began.elapsed() < Duration::from_secs(14), "no llegaron todas: {}", silent.asked.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let peak = resident()?;
    silent.speak.send_replace(true);
    let answered = calls.join_all().await.into_iter().filter(|good| *good).count();
    ensure!(answered == CALLS, "solo {answered} de {CALLS} terminaron bien");
    Ok(round((peak - before) / 1024.0))
}

/// KiB of this process in memory, as the kernel counts them.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("sin VmRSS")?;
    Ok(line.split_whitespace().next().context("sin número")?.parse()?)
}

/// A provider that takes requests and says nothing until it is told to.
struct Silent {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    speak: watch::Sender<bool>,
}

impl Silent {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, asked) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let (speak, told) = watch::channel(false);
        let counter = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hold(stream, counter.clone(), told.clone()));
            }
        });
        Ok(Self { address, asked, speak })
    }
}

async fn hold(mut stream: TcpStream, asked: Arc<AtomicUsize>, mut told: watch::Receiver<bool>) -> std::io::Result<()> {
    let mut head = vec![0; 4 << 10];
    if stream.read(&mut head).await? == 0 {
        return Ok(());
    }
    asked.fetch_add(1, Ordering::Relaxed);
    drop(head);
    let _ = told.wait_for(|now| *now).await;
    let body = r#"{"messages":[{"id":"wamid.1"}]}"#;
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await
}

fn context() -> CallContext {
    CallContext {
        idempotency_key: Uuid::now_v7().to_string(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 15_000,
        sandbox: false,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

fn message(n: usize) -> Message {
    let vars = [("nombre", "Rosa"), ("mascota", "Luna"), ("hora", "10:30")];
    Message {
        to: format!("+519{n:08}"),
        template: "recordatorio_cita".into(),
        vars: vars.map(|(key, value)| Kv { key: key.into(), value: value.into() }).into(),
        text: "Mañana a las 10:30".into(),
    }
}
