//! What one chain's plugins cost another chain.
use crate::{
    codigo::{calls, check},
    mundo::{CUSCO, LIMA, Mundo, options, packaged},
    servidores::server,
};
use plugin_host::{Corrida, Egress, Options, Outcome, Places, Tiempos, v0_1::NotificationPlugin};
use rstest::rstest;
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, task::JoinHandle};

/// Computes for some tens of milliseconds, and works.
const BUSY: &str = "(local $n i32) (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 60000000)))) (call $ok)";

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_of_one_chain_leave_another_its_turn() {
    let world = Mundo::with_places(Places { waiting: 256, ..Places::default() });
    let busy =
        world.load(&packaged("notification", &check("", BUSY), json!({ "id": "pe.prueba.mucho", "limits": { "cpu": "2s" } }), None)).await;
    let small = world.load(&packaged("notification", &check("", "(call $ok)"), json!({ "id": "pe.prueba.poco" }), None)).await;
    let channel = world.install(&small, CUSCO, json!({})).notifications().expect("a channel");
    let calls = async |go_on: &dyn Fn(usize) -> bool| {
        let mut times = Vec::new();
        while go_on(times.len()) {
            let began = Instant::now();
            assert_eq!(channel.check().await.corrida.resultado, Outcome::Ok);
            times.push(began.elapsed());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        times
    };
    let alone = p99(calls(&|made| made < 200).await);
    let flood = world.install(&busy, LIMA, json!({})).notifications().expect("a channel");
    let running: Vec<_> = (0..200)
        .map(|_| {
            let flood = flood.clone();
            tokio::spawn(async move { flood.check().await.corrida.resultado })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let beside = calls(&|_| running.iter().any(|call| !call.is_finished())).await;
    let made = beside.len();
    let beside = p99(beside);
    println!("p99 alone {alone:?}, {made} calls beside 200 at once {beside:?}: {:.1} times", beside.as_secs_f64() / alone.as_secs_f64());
    assert!(made > 20, "{made}: the others were done too soon to say anything");
    for call in running {
        let outcome = call.await.expect("no panic");
        assert!(matches!(outcome, Outcome::Ok | Outcome::RetryLater), "{outcome:?}");
    }
    // One or two guests before it, each for a tick; without turns it would wait for all two hundred.
    assert!(beside < Duration::from_millis(100), "{beside:?}");
}

#[tokio::test]
async fn a_full_line_is_told_to_come_back() {
    let world = Mundo::with_places(Places { per_tenant_and_plugin: 1, waiting: 2, ..Places::default() });
    let plugin = world.load(&packaged("notification", &check("", BUSY), json!({ "limits": { "cpu": "2s" } }), None)).await;
    let channel = world.install(&plugin, LIMA, json!({})).notifications().expect("a channel");
    let calls = (0..5).map(|_| {
        let channel = channel.clone();
        tokio::spawn(async move { channel.check().await.corrida.resultado })
    });
    let mut outcomes = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        outcomes.push(call.await.expect("no panic"));
    }
    let count = |wanted: Outcome| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(Outcome::Ok), count(Outcome::RetryLater)), (3, 2), "{outcomes:?}");
}

/// How long the provider of [`slow`] takes.
const SLOW: Duration = Duration::from_millis(400);

/// A host with so much room, and a provider that takes its time.
async fn slow(at_once: u32, places: Places) -> Mundo {
    let (addr, _) = server(|mut stream, _| async move {
        tokio::time::sleep(SLOW).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await
    })
    .await;
    let egress = Egress { loopback: true, stand_ins: [("api.example.pe".to_owned(), addr)].into(), ..Egress::default() };
    Mundo::with(Options { at_once, places, egress, ..options() })
}

/// A channel that asks that provider; `more` is in its module too.
fn asking(name: &str, more: &str, limits: serde_json::Value) -> Vec<u8> {
    let (id, http) = (format!("pe.prueba.{name}"), json!([{ "host": "api.example.pe", "reason": { "es": "Probar" } }]));
    let memory = "(memory (export \"memory\") 2)";
    let module = calls("https://api.example.pe/", 1, 0, None).replacen(memory, &format!("{memory} {more}"), 1);
    packaged("notification", &module, json!({ "id": id, "http": http, "limits": limits }), None)
}

/// So many calls at once.
fn many(channel: &Arc<dyn NotificationPlugin>, calls: usize) -> Vec<JoinHandle<Corrida>> {
    let one = || {
        let channel = channel.clone();
        tokio::spawn(async move { channel.check().await.corrida })
    };
    (0..calls).map(|_| one()).collect()
}

async fn all_heard(calls: Vec<JoinHandle<Corrida>>) -> Vec<Corrida> {
    let mut runs = Vec::new();
    for call in calls {
        let run = call.await.expect("no panic");
        assert_eq!(run.detalle.as_deref(), Some("ok"), "{run:?}");
        runs.push(run);
    }
    runs
}

/// Six plugins with eight calls each are three times what there is room for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_with_many_plugins_leaves_room_for_another() {
    let world = slow(16, Places::default()).await;
    let quick = world.load(&packaged("notification", &check("", "(call $ok)"), json!({ "id": "pe.prueba.rapido" }), None)).await;
    let other = world.install(&quick, CUSCO, json!({})).notifications().expect("a channel");
    let mut channels = Vec::new();
    for n in 0..6 {
        let plugin = world.load(&asking(&format!("lento-{n}"), "", json!({}))).await;
        channels.push(world.install(&plugin, LIMA, json!({})).notifications().expect("a channel"));
    }
    let flood: Vec<_> = channels.iter().flat_map(|channel| many(channel, 8)).collect();
    tokio::time::sleep(SLOW / 4).await;
    let mut waited = Vec::new();
    while flood.iter().any(|call| !call.is_finished()) {
        let run = other.check().await.corrida;
        assert_eq!(run.resultado, Outcome::Ok, "{run:?}");
        waited.push(Duration::from_micros(run.tiempos.espera));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let longest = waited.iter().max().expect("some calls beside the flood");
    println!("{} calls beside the flood, the longest waited {longest:?} for its turn", waited.len());
    assert!(*longest < SLOW / 4, "{longest:?}: it waited for one of the other chain's to end");
    // None of them heard of an engine that is full: they waited for their turn.
    let runs = all_heard(flood).await;
    assert!(runs.iter().any(|run| run.tiempos.espera > 1_000_000), "there was room for all of them");
}

/// Whatever a component is made of, the engine has room for as many as are let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_room_for_as_many_as_are_let_in_whatever_they_are_made_of() {
    let world = slow(16, Places::default()).await;
    let plugin = world.load(&asking("grande", &format!("(memory 1) {}", "(table 1 funcref)".repeat(20)), json!({}))).await;
    let channels = [LIMA, CUSCO].map(|tenant| world.install(&plugin, tenant, json!({})).notifications().expect("a channel"));
    let began = Instant::now();
    let runs = all_heard(channels.iter().flat_map(|channel| many(channel, 8)).collect()).await;
    assert!(runs.len() == 16 && began.elapsed() < SLOW * 2, "{:?}: they were not alive at once", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_takes_its_part_of_the_memory_and_not_more() {
    // An eighth of it: two that may take 64 MiB.
    let world = slow(16, Places::default().with_memory(1 << 30)).await;
    let plugin = world.load(&asking("pesado", "", json!({ "memory": "64MiB" }))).await;
    let of = |tenant| world.install(&plugin, tenant, json!({})).notifications().expect("a channel");
    let (channel, other) = (of(LIMA), of(CUSCO));
    let (began, flood) = (Instant::now(), many(&channel, 6));
    tokio::time::sleep(SLOW / 4).await;
    let beside = all_heard(many(&other, 1)).await;
    assert!(beside[0].tiempos.espera < 100_000, "{:?}", beside[0].tiempos);
    all_heard(flood).await;
    assert!(began.elapsed() >= SLOW * 3, "{:?}: more than two were alive at once", began.elapsed());
}

/// Two cores and two that compute for long: the other core is for those who do not.
#[rstest]
#[case::the_only_one(1)]
#[case::one_of_two(2)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_compute_for_long_share_a_core_and_waiting_for_it_is_not_computing(#[case] cores: usize) {
    let world = Mundo::with(Options { cores, ..options() });
    // For so long that the first tick, in which nobody is known to compute for long, counts for little.
    let long = BUSY.replace("60000000", "240000000");
    let plugin = world.load(&packaged("notification", &check("", &long), json!({ "limits": { "cpu": "2s" } }), None)).await;
    // Both are ready before either begins: who had to be installed meanwhile would come late to the other's core.
    let channels = [LIMA, CUSCO].map(|tenant| world.install(&plugin, tenant, json!({})).notifications().expect("a channel"));
    let both = channels.map(|channel| tokio::spawn(async move { channel.check().await.corrida }));
    for one in both {
        let corrida = one.await.expect("no panic");
        assert_eq!(corrida.resultado, Outcome::Ok);
        let Tiempos { total, cpu, .. } = corrida.tiempos;
        assert!(cpu > 10_000 && total * 2 > cpu * 3, "{:?}: each had a core", corrida.tiempos);
    }
}

/// Name and nice value of a thread, as the kernel tells them.
fn weight(task: &Path) -> Option<(String, i32)> {
    let stat = std::fs::read_to_string(task.join("stat")).ok()?;
    let (head, rest) = stat.rsplit_once(") ")?;
    Some((head.split_once('(')?.1.to_owned(), rest.split(' ').nth(16)?.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_computes_for_long_gives_way_to_those_who_serve() {
    let (_, own) = weight(Path::new("/proc/thread-self")).expect("Linux");
    let world = Mundo::new();
    let plugin = world.load(&packaged("notification", &check("", BUSY), json!({ "limits": { "cpu": "2s" } }), None)).await;
    let channel = world.install(&plugin, LIMA, json!({})).notifications().expect("a channel");
    let call = tokio::spawn(async move { channel.check().await.corrida.resultado });
    let mut seen = BTreeSet::new();
    while !call.is_finished() {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux").flatten().filter_map(|task| weight(&task.path()));
        seen.extend(tasks.filter(|(name, _)| name == "huella-huesped").map(|(_, nice)| nice));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(call.await.expect("no panic"), Outcome::Ok);
    assert!(seen.contains(&own.max(10)), "no guest on a thread of its own that gives way: {seen:?}, and we have {own}");
}
