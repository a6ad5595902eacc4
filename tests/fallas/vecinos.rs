//! Two hundred hostile calls at once, and what another chain feels of them.
use crate::{
    codigo::check,
    huespedes::tranquilo,
    mundo::{Mundo, Pieza, ajustes},
};
use huella_tests::Cliente;
use serde_json::json;
use server::complementos::Ajustes;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Computes for some tens of milliseconds, and answers: one that is ended at its limit is put away after the third time.
const BUSY: &str = "(local $n i32) (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $n) (i32.const 30000000)))) (call $ok)";
const AT_ONCE: usize = 200;
/// Calls of the neighbour before each flood.
const ROUND: usize = 40;
/// Floods go on until the neighbour has called this often beside them: how many that takes is the machine's affair.
const BESIDE: usize = 60;
const ROUNDS_AT_MOST: usize = 60;

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

/// What it came to, and how long that took.
async fn tried(who: &Cliente, complemento: &str) -> (String, Duration) {
    let began = Instant::now();
    let said = who.post(&format!("/complementos/{complemento}/probar"), json!({})).await.ok();
    (said["resultado"].as_str().unwrap_or_default().to_owned(), began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_of_one_chain_leave_another_its_turn() {
    let mundo = Mundo::with(Ajustes { a_la_vez: 64, ..ajustes() }).await;
    let mucho = json!({ "limits": { "cpu": "2s" } });
    let busy = Pieza::new("notification", "mucho", &tranquilo(&check("", BUSY)), mucho, None);
    let small = Pieza::new("notification", "poco", &tranquilo(&check("", "(call $ok)")), json!({}), None);
    mundo.published(&busy).await;
    mundo.published(&small).await;
    mundo.installed(&mundo.andina, &busy.id).await;
    mundo.installed(&mundo.costera, &small.id).await;
    let (mut alone, mut beside, mut outcomes) = (Vec::new(), Vec::new(), BTreeMap::<String, usize>::new());
    let mut rounds = 0;
    while beside.len() < BESIDE && rounds < ROUNDS_AT_MOST {
        rounds += 1;
        for _ in 0..ROUND {
            let (said, took) = tried(&mundo.costera, &small.id).await;
            assert_eq!(said, "ok");
            alone.push(took);
        }
        let flood: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (who, id) = (mundo.andina.clone(), busy.id.clone());
                tokio::spawn(async move { tried(&who, &id).await.0 })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        while flood.iter().any(|call| !call.is_finished()) {
            let (said, took) = tried(&mundo.costera, &small.id).await;
            assert_eq!(said, "ok", "whatever the other chain does");
            beside.push(took);
        }
        for one in flood {
            *outcomes.entry(one.await.expect("no panic")).or_default() += 1;
        }
    }
    // Those that there was no room for were told so, and nothing else happened to any.
    assert!(outcomes.keys().all(|said| ["ok", "retry_later"].contains(&said.as_str())), "{outcomes:?}");
    assert!(outcomes["ok"] >= rounds * 72, "eight at work and sixty-four in line: {outcomes:?}");
    let made = beside.len();
    assert!(made >= BESIDE, "{made} in {rounds} floods: the others were done too soon to say anything");
    let (alone, beside) = (p99(alone), p99(beside));
    println!(
        "p99 of another chain: alone {alone:?}, {made} calls beside {rounds} times {AT_ONCE} hostile ones at once {beside:?}: {:.1} times",
        beside.as_secs_f64() / alone.as_secs_f64()
    );
    // Most of it are the two hundred requests themselves, unoptimised; `cargo xtask bench plugins` has the figure.
    assert!(beside < Duration::from_secs(10), "{beside:?}");
}
