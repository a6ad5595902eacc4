//! Guests of languages whose runtimes want WASI: they get what they need to run, and nothing of this machine.
use crate::{
    codigo::{NO_ALERTS, check, component_of, data, manifest, package, rule},
    mundo::{LIMA, Mundo},
};
use plugin_host::{
    Limit, Outcome, Profile, Run,
    manifest::{World, audit},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wit_parser::Resolve;

const IMPORTS: &str = r#"
    (import "wasi:cli/environment@0.2.3" "get-environment" (func $environment (param i32)))
    (import "wasi:cli/environment@0.2.3" "get-arguments" (func $arguments (param i32)))
    (import "wasi:cli/environment@0.2.3" "initial-cwd" (func $cwd (param i32)))
    (import "wasi:cli/exit@0.2.3" "exit" (func $exit (param i32)))
    (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $stdout (result i32)))
    (import "wasi:cli/stderr@0.2.3" "get-stderr" (func $stderr (result i32)))
    (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
    (import "wasi:clocks/monotonic-clock@0.2.3" "now" (func $now (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.3" "subscribe-duration" (func $after (param i64) (result i32)))
    (import "wasi:io/poll@0.2.3" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:io/poll@0.2.3" "[resource-drop]pollable" (func $drop (param i32)))
    (import "wasi:filesystem/preopens@0.2.3" "get-directories" (func $directories (param i32)))
    (import "wasi:sockets/instance-network@0.2.3" "instance-network" (func $network (result i32)))
    (import "wasi:sockets/ip-name-lookup@0.2.3" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))
    (import "wasi:sockets/tcp-create-socket@0.2.3" "create-tcp-socket" (func $tcp (param i32 i32)))"#;

fn with_wasi(world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/wit")).expect("the contract");
    let ours = resolve.push_str("wasi.wit", include_str!("wasi.wit")).expect("WASI");
    let world = resolve.select_world(&[ours], Some(world)).expect("a world");
    component_of(&resolve, world, module)
}

async fn ran(body: &str, more: Value) -> Run<()> {
    let text = format!("{}{}", data(1024, "uno\ndos\nsin fin"), data(2048, "huella.pe"));
    let module = check(IMPORTS, body).replacen("(global $top", &format!("{text} (global $top"), 1);
    let packaged = package(&with_wasi("canal", &module), manifest("notification", more), None);
    audit(&packaged, World::Notification).expect("a channel that may have WASI");
    let world = Mundo::new();
    world.install(&world.load(&packaged).await, LIMA, json!({})).notifications().expect("a channel").check().await
}

/// `ok` if the word at 256 is nought, else it says what was there.
const NOTHING_AT_260: &str =
    "(if (result i32) (i32.load (i32.const 260)) (then (call $say (i32.const 2048) (i32.const 9))) (else (call $ok)))";
/// `ok` if the result at 256 is the second word of its error, `access-denied`.
const DENIED: &str =
    "(if (result i32) (i32.and (i32.eq (i32.load8_u (i32.const 256)) (i32.const 1)) (i32.eq (i32.load8_u (i32.const 260)) (i32.const 1)))
    (then (call $ok)) (else (call $say (i32.const 2048) (i32.const 9))))";

#[rstest]
#[case::variables("(call $environment (i32.const 256))", NOTHING_AT_260)]
#[case::arguments("(call $arguments (i32.const 256))", NOTHING_AT_260)]
#[case::a_working_folder("(call $cwd (i32.const 260))", NOTHING_AT_260)]
#[case::folders("(call $directories (i32.const 256))", NOTHING_AT_260)]
#[case::a_socket("(call $tcp (i32.const 0) (i32.const 256))", DENIED)]
#[case::a_name("(call $resolve (call $network) (i32.const 2048) (i32.const 9) (i32.const 256))", DENIED)]
#[tokio::test]
async fn nothing_of_this_machine_is_there(#[case] asked: &str, #[case] then: &str) {
    // Something is there to be found.
    assert!(std::env::vars().next().is_some());
    let seed = "(i32.store (i32.const 260) (i32.const 7))";
    let run = ran(&format!("{seed} {asked} {then}"), json!({})).await;
    assert_eq!(run.corrida.resultado, Outcome::Ok, "{:?}", run.corrida.detalle);
}

#[tokio::test]
async fn what_it_writes_is_lines_of_the_run() {
    let write = |stream: &str, len: u32| format!("(call $write (call {stream}) (i32.const 1024) (i32.const {len}) (i32.const 256))");
    let run = ran(&format!("{} {} (call $ok)", write("$stdout", 15), write("$stderr", 4)), json!({})).await;
    let lines: Vec<_> = run.corrida.registro.iter().map(|line| (line.nivel, line.texto.as_str())).collect();
    assert_eq!(lines, [("info", "uno"), ("info", "dos"), ("warn", "uno"), ("info", "sin fin")]);
}

#[tokio::test]
async fn lines_of_a_standard_stream_count_as_all_lines_do() {
    let body = "(local $n i32) (loop $l (call $write (call $stdout) (i32.const 1024) (i32.const 4) (i32.const 256))
        (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 500)))) (call $ok)";
    let run = ran(body, json!({})).await;
    assert_eq!((run.corrida.registro.len(), run.corrida.lineas_perdidas), (100, 400), "{:?}", run.corrida.detalle);
}

#[tokio::test]
async fn to_exit_ends_the_call_and_says_so() {
    let run = ran("(call $exit (i32.const 0)) unreachable", json!({})).await;
    assert_eq!(run.corrida.resultado, Outcome::Trap);
    assert!(run.corrida.detalle.as_deref().is_some_and(|detail| detail.contains("exit")), "{:?}", run.corrida.detalle);
}

#[tokio::test]
async fn to_sleep_is_to_use_up_ones_time() {
    let began = Instant::now();
    let run = ran("(call $block (call $after (i64.const 50000000))) (call $ok)", json!({})).await;
    assert_eq!(run.corrida.resultado, Outcome::Ok, "{:?}", run.corrida.detalle);
    assert!(run.corrida.tiempos.total >= 50_000 && run.corrida.tiempos.cpu < 50_000, "{:?}", run.corrida.tiempos);
    let run = ran("(call $block (call $after (i64.const 3600000000000))) (call $ok)", json!({ "limits": { "wall": "1s" } })).await;
    assert_eq!(run.corrida.resultado, Outcome::Timeout, "{:?}", run.corrida.detalle);
    assert!(run.corrida.tiempos.total < 5_000_000 && began.elapsed() < Duration::from_secs(60), "{:?}", run.corrida.tiempos);
}

#[tokio::test]
async fn handles_without_end_are_refused_and_those_that_are_dropped_are_not() {
    let many = |more: &str| {
        format!(
            "(local $n i32) (loop $l {more} (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 3000)))) (call $ok)"
        )
    };
    let run = ran(&many("(drop (call $after (i64.const 0)))"), json!({})).await;
    assert_eq!(run.corrida.resultado, Outcome::Limit(Limit::Entrega), "{:?}", run.corrida.detalle);
    let run = ran(&many("(call $drop (call $after (i64.const 0)))"), json!({})).await;
    assert_eq!(run.corrida.resultado, Outcome::Ok, "{:?}", run.corrida.detalle);
}

#[tokio::test]
async fn a_rule_has_none_of_it() {
    let imports = r#"(import "wasi:cli/exit@0.2.3" "exit" (func $exit (param i32)))"#;
    let module = rule(imports, &format!("(call $exit (i32.const 0)) {NO_ALERTS}"));
    let packaged = package(&with_wasi("regla", &module), manifest("alerts", json!({})), None);
    let faults = audit(&packaged, World::Alerts).expect_err("refused");
    assert!(faults.len() == 1 && faults[0].detail.contains("wasi:cli/exit@0.2.3") && faults[0].detail.contains("regla"), "{faults:?}");
    let refused = crate::mundo::compiler().compile(&packaged, Profile::Pure).await.expect_err("the compiler asks too").to_string();
    assert!(refused.contains("wasi:cli/exit@0.2.3"), "{refused}");
}
