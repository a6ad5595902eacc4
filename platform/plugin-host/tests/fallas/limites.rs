//! Guests that take what they can get.
use crate::{
    codigo::{NO_ALERTS, check, data, rule, traps_everywhere},
    mundo::{LIMA, Mundo, evaluate},
};
use plugin_host::{
    Limit, Outcome, Refusal, Run,
    v0_1::{CallContext, HttpMessage, Message},
};
use rstest::rstest;
use serde_json::json;
use std::time::{Duration, Instant};

const LOG: &str = r#"(import "huella:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const RANDOM: &str = r#"(import "huella:plugin/random@0.1.0" "bytes" (func $random (param i32 i32)))"#;
const EVENTS: &str = r#"(import "huella:plugin/events@0.1.0" "emit" (func $emit (param i32 i32 i32 i32 i32)))"#;

fn is<T>(run: &Run<T>, outcome: Outcome) {
    let found = run.result.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Ok);
    assert_eq!(found, outcome, "{:?}", run.corrida.detalle);
}

#[rstest]
#[case::loop_without_end("(loop $l (br $l)) unreachable", Limit::Cpu)]
#[case::memory_bit_by_bit("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable", Limit::Memoria)]
#[case::memory_at_once("(drop (memory.grow (i32.const 60000))) unreachable", Limit::Memoria)]
#[case::recursion("(call $deep (i32.const 0))", Limit::Pila)]
#[case::a_text_of_gibibytes("(call $say (i32.const 0) (i32.const 0x7fffffff))", Limit::Entrega)]
#[case::more_chance_than_there_is("(call $random (i32.const 1000000) (i32.const 8)) (call $ok)", Limit::Entrega)]
#[tokio::test]
async fn what_a_guest_takes_ends_at_its_limit(#[case] body: &str, #[case] limit: Limit) {
    let deep = "(func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
    let entrega = limit == Limit::Entrega;
    let module = check(RANDOM, body).replacen("(memory (export", &format!("{deep} (memory (export"), 1);
    // More than the limit of what is handed over has to exist, or it is out of bounds instead.
    let module = if entrega { module.replacen("(memory (export \"memory\") 2)", "(memory (export \"memory\") 200)", 1) } else { module };
    let module = module.replace("0x7fffffff", &(5 << 20).to_string());
    let channel = Mundo::new().channel(&module, json!({}), None).await;
    let began = Instant::now();
    let run = channel.check().await;
    is(&run, Outcome::Limit(limit));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(run.corrida.tiempos.cpu < 400_000, "{:?}", run.corrida.tiempos);
}

#[tokio::test]
async fn a_table_ends_at_its_limit() {
    let table = "(table $t 1 funcref)";
    let module = check("", "(drop (table.grow $t (ref.null func) (i32.const 1000000))) unreachable");
    let module = module.replacen("(memory (export", &format!("{table} (memory (export"), 1);
    let run = Mundo::new().channel(&module, json!({}), None).await.check().await;
    is(&run, Outcome::Limit(Limit::Tablas));
}

#[tokio::test]
async fn memory_that_is_too_large_from_the_start_is_refused_at_the_start() {
    let module = check("", "(call $ok)").replacen("(memory (export \"memory\") 2)", "(memory (export \"memory\") 2000)", 1);
    let run = Mundo::new().channel(&module, json!({}), None).await.check().await;
    is(&run, Outcome::Limit(Limit::Memoria));
}

#[tokio::test]
async fn a_rule_is_counted_in_instructions() {
    let world = Mundo::new();
    let endless = world.rule(&rule("", "(loop $l (br $l)) unreachable")).await;
    let run = evaluate(&*endless, json!({})).await;
    assert!(matches!(run.corrida.resultado, Outcome::Limit(Limit::Combustible | Limit::Cpu)), "{:?}", run.corrida);
    let quiet = world.rule(&rule("", NO_ALERTS)).await;
    let (one, two) = (evaluate(&*quiet, json!({ "mascota": 1 })).await, evaluate(&*quiet, json!({ "mascota": 1 })).await);
    is(&one, Outcome::Ok);
    let fuel = one.corrida.uso.combustible.expect("counted");
    assert!(fuel < 1.0 && one.corrida.uso.combustible == two.corrida.uso.combustible);
}

#[tokio::test]
async fn a_flood_of_lines_is_cut_and_counted() {
    let body = "(local $n i32) (loop $l (call $log (i32.const 1) (i32.const 64) (i32.const 10) (i32.const 0) (i32.const 0))
        (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 5000)))) (call $ok)";
    let module = check(&format!("{LOG} "), body).replacen("(global $top", &format!("{} (global $top", data(64, "diluvio...")), 1);
    let run = Mundo::new().channel(&module, json!({}), None).await.check().await;
    is(&run, Outcome::Ok);
    assert_eq!((run.corrida.registro.len(), run.corrida.lineas_perdidas), (100, 4_900));
    assert_eq!(run.corrida.registro[0].texto, "diluvio...");
    // Few and long.
    let long = module.replace("(i32.const 10) (i32.const 0) (i32.const 0))", "(i32.const 20000) (i32.const 0) (i32.const 0))");
    let run = Mundo::new().channel(&long, json!({}), None).await.check().await;
    assert_eq!(run.corrida.registro.len(), 1);
    assert!(run.corrida.lineas_perdidas > 0);
}

#[tokio::test]
async fn an_event_that_nobody_agreed_to_is_refused() {
    let text = format!("{}{}", data(64, "aviso.uno"), data(128, "{\"a\":1}"));
    let body = "(call $emit (i32.const 64) (i32.const 9) (i32.const 128) (i32.const 7) (i32.const 256))
        (if (result i32) (i32.load8_u (i32.const 256)) (then (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264)))) (else (call $ok)))";
    let module = check(EVENTS, body).replacen("(global $top", &format!("{text} (global $top"), 1);
    let world = Mundo::new();
    let run = world.channel(&module, json!({}), None).await.check().await;
    assert!(run.corrida.detalle.as_deref().is_some_and(|detail| detail.contains("aviso.uno")), "{:?}", run.corrida);
    assert!(world.memory.events().is_empty());
    let asked = json!({ "permissions": { "events": { "topics": ["aviso.uno"], "reason": { "es": "Avisar" } } } });
    is(&world.channel(&module, asked, None).await.check().await, Outcome::Ok);
    assert_eq!(world.memory.events(), [(LIMA, "aviso.uno".to_owned(), json!({ "a": 1 }))]);
}

pub fn context() -> CallContext {
    CallContext {
        idempotency_key: "1".into(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 5_000,
        sandbox: false,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

fn message() -> Message {
    Message { to: "+51987654321".into(), template: "cita".into(), vars: Vec::new(), text: "Hola".into() }
}

#[tokio::test]
async fn a_trap_in_each_export_is_a_trap_and_the_third_puts_the_code_away() {
    let world = Mundo::new();
    let packaged = crate::codigo::package(&traps_everywhere("notification"), crate::codigo::manifest("notification", json!({})), None);
    let plugin = world.load(&packaged).await;
    let channel = world.install(&plugin, LIMA, json!({})).notifications().expect("a channel");
    let sent = channel.send(context(), message()).await;
    is(&sent, Outcome::Trap);
    assert!(!sent.may_have_happened(), "nothing left");
    let raw = HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers: Vec::new(), body: Vec::new() };
    is(&channel.handle_webhook(context(), raw).await, Outcome::Trap);
    let third = channel.migrate("0.9.0".into()).await;
    is(&third, Outcome::Trap);
    assert!(third.corrida.cuarentena);
    is(&channel.check().await, Outcome::Refused(Refusal::Cuarentena));
    let elsewhere = world.install(&plugin, crate::mundo::CUSCO, json!({})).notifications().expect("a channel");
    is(&elsewhere.check().await, Outcome::Trap);
    world.host.release(LIMA, plugin.digest);
    is(&channel.check().await, Outcome::Trap);
    let record = serde_json::to_string(&sent.registro()).expect("a record");
    assert!(record.contains("[telefono]") && !record.contains("987654321"), "{record}");
}

#[tokio::test]
async fn traps_in_the_other_worlds_are_traps() {
    let world = Mundo::new();
    for name in ["payment", "fiscal", "delivery"] {
        let packaged = crate::codigo::package(&traps_everywhere(name), crate::codigo::manifest(name, json!({})), None);
        let installed = world.install(&world.load(&packaged).await, LIMA, json!({}));
        assert!(installed.clone().alerts().is_err() && installed.clone().notifications().is_err());
        let outcome = match name {
            "payment" => installed.payments().expect("its world").check().await.corrida.resultado,
            "fiscal" => installed.fiscal().expect("its world").poll(context(), "1".into()).await.corrida.resultado,
            _ => installed.deliveries().expect("its world").sync(context(), "1".into()).await.corrida.resultado,
        };
        assert_eq!(outcome, Outcome::Trap, "{name}");
    }
    let packaged = crate::codigo::package(&traps_everywhere("alerts"), crate::codigo::manifest("alerts", json!({})), None);
    let rule = world.install(&world.load(&packaged).await, LIMA, json!({})).alerts().expect("its world");
    is(&evaluate(&*rule, json!({})).await, Outcome::Trap);
}

#[tokio::test]
async fn what_is_withdrawn_stops_in_the_middle() {
    let world = Mundo::new();
    let more = json!({ "limits": { "cpu": "2s" } });
    let packaged = crate::mundo::packaged("notification", &check("", "(loop $l (br $l)) unreachable"), more, None);
    let plugin = world.load(&packaged).await;
    let channel = world.install(&plugin, LIMA, json!({})).notifications().expect("a channel");
    let began = Instant::now();
    let (run, ()) = tokio::join!(channel.check(), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.host.withdraw(plugin.digest);
    });
    is(&run, Outcome::Refused(Refusal::Retirado));
    assert!(began.elapsed() < Duration::from_millis(1_500));
    is(&channel.check().await, Outcome::Refused(Refusal::Retirado));
}
