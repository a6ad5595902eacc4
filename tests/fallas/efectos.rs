//! What a plugin does to the world outside: a second try is the same as the first for whoever is on the other side, and what
//! it tells the chain is what it may.
use crate::{
    codigo::{SEND, check, data},
    huespedes::tranquilo,
    mundo::{Mundo, Pieza},
    servidores::server,
};
use huella_tests::andina;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

const API: &str = "api.example.pe";
const EVENTS: &str = r#"(import "huella:plugin/events@0.1.0" "emit" (func $emit (param i32 i32 i32 i32 i32)))"#;

/// A channel that sends its key along as a header, waits three tenths of a second, and asks to be called again if nobody said
/// anything; else the reference is what was answered.
fn insistente() -> String {
    let url = "https://api.example.pe/mensajes";
    let body = format!(
        "(i32.store (i32.const 400) (i32.const 128)) (i32.store (i32.const 404) (i32.const 15))
        (i32.store (i32.const 408) (i32.load (local.get 0))) (i32.store (i32.const 412) (i32.load (i32.add (local.get 0) (i32.const 4))))
        (call $send (i32.const 64) (i32.const 4) (i32.const 1024) (i32.const {}) (i32.const 400) (i32.const 1) (i32.const 0) (i32.const 0)
            (i32.const 1) (i32.const 300) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))
        (if (result i32) (i32.load8_u (i32.const 256))
            (then (i32.store8 (i32.const 8) (i32.const 1)) (i32.store8 (i32.const 12) (i32.const 2)) (i32.store8 (i32.const 16) (i32.const 0)) (i32.const 8))
            (else (i32.store8 (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.load (i32.const 272)))
                (i32.store (i32.const 16) (i32.load (i32.const 276))) (i32.const 8)))",
        url.len()
    );
    let module = tranquilo(&check(SEND, "(call $ok)"));
    let send = "#send\") (param i32) (result i32) unreachable)";
    assert!(module.contains(send));
    let module = module.replacen(send, &format!("#send\") (param i32) (result i32) {body})"), 1);
    let text = format!("{}{}{}", data(64, "POST"), data(128, "idempotency-key"), data(1024, url));
    module.replacen("(global $top", &format!("{text} (global $top"), 1)
}

#[tokio::test]
async fn a_call_of_which_nobody_knows_is_made_again_under_the_same_key() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let heard = heads.clone();
    // The first time it acts, and its answer is lost.
    let (addr, _) = server(move |mut stream: TcpStream, head| {
        let count = {
            let mut heads = heard.lock().expect("heads");
            heads.push(head);
            heads.len()
        };
        async move {
            if count == 1 {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nref-1").await
        }
    })
    .await;
    let mundo = Mundo::online(API, addr).await;
    let andina = &mundo.andina;
    let more =
        json!({ "capabilities": { "channels": ["sms"] }, "http": [{ "host": API, "methods": ["POST"], "reason": { "es": "Enviar" } }] });
    let pieza = Pieza::new("notification", "insistente", &insistente(), more, None);
    mundo.published(&pieza).await;
    mundo.installed(andina, &pieza.id).await;
    mundo.switched_on(andina, &pieza.id).await;
    andina.put("/ajustes/correos", json!({ "confirmaciones": true, "canales": ["sms"] })).await.ok();
    let luna = mundo.mascota(andina, "Luna").await;
    mundo.reservar(&luna).await;
    for _ in 0..6 {
        mundo.work().await;
        mundo.avanzar(120);
    }
    // The time that passed ended the session.
    let andina = &mundo.huella.como(andina::ADMIN).await;
    let mut sent = Vec::new();
    for run in mundo.runs(andina, &pieza.id).await.into_iter().rev().filter(|run| run["operacion"] == "send") {
        sent.push(mundo.whole(andina, run).await);
    }
    let told: Vec<(&Value, &Value)> = sent.iter().map(|(listed, _)| (&listed["intento"], &listed["resultado"])).collect();
    assert_eq!(told, [(&json!(0), &json!("retry_later")), (&json!(1), &json!("ok"))], "{sent:#?}");
    let of = |at: usize, pointer: &str| sent[at].1["documento"].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!((of(0, "/llamadas/0/error"), of(1, "/llamadas/0/estado")), (json!("timeout"), json!(200)));
    for same in ["/pedido/context/idempotency_key", "/llamadas/0/huella", "/configuracion"] {
        assert!(of(0, same).as_str().is_some_and(|text| text.len() >= 36) && of(0, same) == of(1, same), "{same}: {sent:#?}");
    }
    // What the other side got says so too.
    let heads = heads.lock().expect("heads").clone();
    let key = |head: &String| head.lines().find_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned)).expect("a key");
    let keys: Vec<String> = heads.iter().map(key).collect();
    let expected = of(0, "/pedido/context/idempotency_key");
    assert!(keys.len() == 2 && keys.iter().all(|key| expected == **key), "{keys:?}");
    let message = andina.get("/mensajes").await.ok()["items"][0].clone();
    let sending = (&message["envios"][0]["estado"], &message["envios"][0]["intentos"]);
    assert_eq!(sending, (&json!("enviado"), &json!(2)), "{message:#}");
}

#[tokio::test]
async fn what_a_plugin_tells_its_chain_is_of_the_topics_that_were_agreed_to() {
    let mundo = Mundo::start().await;
    let text = format!("{}{}", data(64, "aviso.uno"), data(128, "{\"a\":1}"));
    let body = "(call $emit (i32.const 64) (i32.const 9) (i32.const 128) (i32.const 7) (i32.const 256))
        (if (result i32) (i32.load8_u (i32.const 256)) (then (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264)))) (else (call $ok)))";
    let module = tranquilo(&check(EVENTS, body)).replacen("(global $top", &format!("{text} (global $top"), 1);
    let asked = json!({ "permissions": { "events": { "topics": ["aviso.uno"], "reason": { "es": "Avisar" } } } });
    let (may, may_not) = (
        Pieza::new("notification", "avisa", &module, asked, None),
        Pieza::new("notification", "avisa-sin-permiso", &module, json!({}), None),
    );
    for pieza in [&may, &may_not] {
        mundo.published(pieza).await;
        mundo.installed(&mundo.andina, &pieza.id).await;
    }
    mundo.huella.execute("delete from outbox").await;
    let refused = mundo.probar(&mundo.andina, &may_not.id).await;
    assert_eq!(refused["ok"], false, "{refused}");
    let (_, whole) = mundo.last_run(&mundo.andina, &may_not.id).await;
    let why = "el manifiesto no pide el tema «aviso.uno» en [permissions] events";
    assert_eq!(whole["detalle"], why);
    let emitted = "select count(*) from outbox where tema = 'complemento.aviso'";
    assert_eq!(mundo.huella.scalar::<i64>(emitted).await, 0);
    assert_eq!(mundo.probar(&mundo.andina, &may.id).await["ok"], true);
    let told: String = mundo.huella.scalar("select cuerpo::text from outbox where tema = 'complemento.aviso'").await;
    let told: Value = serde_json::from_str(&told).expect("a document");
    assert_eq!(told, json!({ "complemento": may.id, "tema": "aviso.uno", "documento": { "a": 1 } }));
    let whose = "select t.clave from outbox o join tenants t on t.id = o.tenant_id where o.tema = 'complemento.aviso'";
    assert_eq!(mundo.huella.scalar::<String>(whose).await, "andina", "of the chain that runs it");
}
