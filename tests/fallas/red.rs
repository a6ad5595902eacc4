//! Guests that call where they should not, and servers that answer as they should not.
use crate::{
    codigo::{SEND, calls, check, data},
    huespedes::tranquilo,
    mundo::{Mundo, Pieza},
    servidores::{Turning, server},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

const API: &str = "api.example.pe";
const GOOD: &str = "https://api.example.pe/";

fn may(hosts: &[Value]) -> Value {
    let all: Vec<Value> = hosts
        .iter()
        .map(|host| match host {
            Value::String(name) => json!({ "host": name, "reason": { "es": "Probar" } }),
            other => other.clone(),
        })
        .collect();
    json!({ "http": all })
}

/// Published, installed by `andina`, tried once: its run in the list, and whole.
async fn one(mundo: &Mundo, name: &str, module: &str, more: Value) -> (Value, Value) {
    let pieza = Pieza::new("notification", name, &tranquilo(module), more, None);
    mundo.published(&pieza).await;
    mundo.installed(&mundo.andina, &pieza.id).await;
    mundo.probar(&mundo.andina, &pieza.id).await;
    mundo.last_run(&mundo.andina, &pieza.id).await
}

/// How its last call ended.
fn error(whole: &Value) -> &str {
    let calls = whole["documento"]["llamadas"].as_array().expect("a list");
    calls.last().unwrap_or_else(|| panic!("it did not call: {whole:#}"))["error"].as_str().unwrap_or("ninguno")
}

/// Why its last call did not leave.
fn reason(whole: &Value) -> &str {
    let calls = whole["documento"]["llamadas"].as_array().expect("a list");
    calls.last().and_then(|call| call["motivo"].as_str()).unwrap_or_else(|| panic!("no reason: {whole:#}"))
}

#[tokio::test]
async fn an_address_of_our_own_network_is_not_called() {
    const INTERNA: &str = "la dirección es interna";
    let mundo = Mundo::start().await;
    let with_ports = |host: &str| may(&[80, 443].map(|port| json!({ "host": host, "port": port, "reason": { "es": "Probar" } })));
    for (name, url, host, why) in [
        ("loopback", "https://127.0.0.1/", "127.0.0.1", INTERNA),
        ("decimal", "https://2130706433/", "127.0.0.1", INTERNA),
        ("privada", "https://10.0.0.8/", "10.0.0.8", INTERNA),
        ("enlace", "https://169.254.1.1/", "169.254.1.1", INTERNA),
        ("metadatos", "https://169.254.169.254/latest/meta-data", "169.254.169.254", INTERNA),
        ("sin-tls", "http://api.example.pe/", API, "debe empezar con https://"),
        ("con-usuario", "https://ana:clave@api.example.pe/", API, "la URL no puede llevar usuario ni contraseña"),
        ("archivo", "file:///etc/passwd", API, "la URL no tiene host"),
        ("v4-en-v6", "https://[::ffff:127.0.0.1]/", "localhost", "falta en el manifiesto: [[http]] host = \"[::ffff:7f00:1]\""),
        ("este-servidor", "https://localhost/", "localhost", "localhost lleva a una dirección interna"),
        ("otro-puerto", "https://api.example.pe:8443/", API, "el manifiesto pide api.example.pe en el puerto 80 o 443, no en el 8443"),
        ("otro-host", "https://otro.example.pe/", API, "falta en el manifiesto: [[http]] host = \"otro.example.pe\", port = 443"),
    ] {
        let (listed, whole) = one(&mundo, name, &calls(url, 1, 0, None), with_ports(host)).await;
        assert_eq!(error(&whole), "denied", "{name}: {whole:#}");
        assert_eq!(listed["resultado"], "invalid_input", "{name}: it was told and went on: {listed}");
        assert!(reason(&whole).starts_with(why), "{name}: {}", reason(&whole));
        assert!(whole["detalle"].as_str().is_some_and(|said| said.starts_with(why)), "{name}: {whole:#}");
    }
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn a_name_that_stands_for_an_address_of_ours_is_not_called_either() {
    for (name, answers) in [
        ("dentro", &["127.0.0.1"][..]),
        ("una-de-dos", &["190.12.3.4", "10.0.0.1"]),
        ("v4-mapeada", &["::ffff:169.254.169.254"]),
        ("nat64", &["64:ff9b::7f00:1"]),
        ("seis-a-cuatro", &["2002:7f00:1::"]),
        ("local-unica", &["fd00:ec2::254"]),
    ] {
        let answers = vec![answers.iter().map(|ip| ip.parse().expect("an address")).collect()];
        let mundo = Mundo::naming(Arc::new(Turning { answers, asked: AtomicUsize::new(0) })).await;
        let (_, whole) = one(&mundo, name, &calls(GOOD, 1, 0, None), may(&[json!(API)])).await;
        assert_eq!((error(&whole), &whole["detalle"]), ("denied", &json!("api.example.pe lleva a una dirección interna")), "{name}");
        assert_eq!(reason(&whole), "api.example.pe lleva a una dirección interna", "{name}");
    }
}

/// The first answer is public, and nobody is there; the second is this machine.
#[tokio::test]
async fn a_name_that_turns_inside_after_it_was_looked_at_gains_nothing() {
    let answers = ["203.0.114.1", "127.0.0.1"].map(|ip| vec![ip.parse().expect("an address")]).to_vec();
    // The examination has names of its own: it asks for none.
    let names = Arc::new(Turning { answers, asked: AtomicUsize::new(0) });
    let mundo = Mundo::naming(names.clone()).await;
    let (_, whole) = one(&mundo, "cambiante", &calls(GOOD, 2, 300, None), may(&[json!(API)])).await;
    let calls = whole["documento"]["llamadas"].as_array().expect("a list");
    assert!(matches!(calls[0]["error"].as_str(), Some("timeout" | "connect")), "{calls:?}");
    assert_eq!(calls[1]["error"], "denied");
    assert_eq!(reason(&whole), "api.example.pe llevaba a internet y ahora lleva a una dirección interna");
    assert_eq!(names.asked.load(Ordering::SeqCst), 2, "once for each call: what was looked at is what is connected to");
}

/// Calls one address and then the other.
fn calls_both(first: &str, second: &str) -> String {
    let text = format!("{}{}{}", data(64, "GET"), data(1024, first), data(1536, second));
    let send = |at: u32, len: usize| {
        format!(
            "(call $send (i32.const 64) (i32.const 3) (i32.const {at}) (i32.const {len}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))"
        )
    };
    let body = format!("{} {} (call $ok)", send(1024, first.len()), send(1536, second.len()));
    check(SEND, &body).replacen("(global $top", &format!("{text} (global $top"), 1)
}

#[tokio::test]
async fn a_redirection_is_not_followed_and_leads_nowhere_that_was_not_agreed_to() {
    let (addr, count) = server(|mut stream: TcpStream, _| async move {
        stream
            .write_all(b"HTTP/1.1 302 Found\r\nlocation: https://otro.example.pe/robar\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
            .await
    })
    .await;
    let mundo = Mundo::online(API, addr).await;
    let (_, whole) = one(&mundo, "redirigido", &calls_both(GOOD, "https://otro.example.pe/robar"), may(&[json!(API)])).await;
    let calls = whole["documento"]["llamadas"].as_array().expect("a list");
    assert_eq!((&calls[0]["estado"], &calls[1]["error"], calls.len()), (&json!(302), &json!("denied"), 2), "{calls:?}");
    assert_eq!(calls[0]["motivo"], "redirige a otro.example.pe, y no se sigue");
    let why = "api.example.pe redirige ahí, y falta en el manifiesto: [[http]] host = \"otro.example.pe\", port = 443, methods = [\"GET\"]";
    assert_eq!(calls[1]["motivo"], why);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// Also where the manifest names it, and somebody agreed: the guard is on for all that is not this machine.
#[tokio::test]
async fn a_redirection_inside_leads_nowhere() {
    for inside in ["169.254.169.254", "10.0.0.8"] {
        let (addr, count) = server(move |mut stream: TcpStream, _| async move {
            let answer =
                format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: https://{inside}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await
        })
        .await;
        let mundo = Mundo::online(API, addr).await;
        let agreed = may(&[json!(API), json!(inside)]);
        let (_, whole) = one(&mundo, "hacia-dentro", &calls_both(GOOD, &format!("https://{inside}/")), agreed).await;
        let calls = whole["documento"]["llamadas"].as_array().expect("a list");
        assert_eq!((&calls[0]["estado"], &calls[1]["error"], calls.len()), (&json!(307), &json!("denied"), 2), "{calls:?}");
        assert_eq!(calls[0]["motivo"], format!("redirige a {inside}, y no se sigue"));
        assert_eq!(calls[1]["motivo"], "la dirección es interna");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{inside}");
    }
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time() {
    let (addr, _) = server(|mut stream: TcpStream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
        loop {
            stream.write_all(b".").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let mundo = Mundo::online(API, addr).await;
    let mut more = may(&[json!(API)]);
    more["limits"] = json!({ "wall": "1s" });
    let began = Instant::now();
    let (listed, whole) = one(&mundo, "goteo", &calls(GOOD, 1, 0, None), more).await;
    assert_eq!(error(&whole), "timeout");
    assert!(matches!(listed["resultado"].as_str(), Some("ok" | "timeout")), "{listed}");
    let took = whole["documento"]["tiempos"]["total"].as_u64().expect("a time");
    assert!((900_000..1_800_000).contains(&took), "{took} µs; {:?} with its examination", began.elapsed());
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn a_body_of_a_gigabyte_is_not_read() {
    for (name, header) in [("anunciado", "content-length: 1073741824\r\n"), ("callado", "connection: close\r\n")] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = sent.clone();
        let (addr, _) = server(move |mut stream: TcpStream, _| {
            let counted = counted.clone();
            async move {
                stream.write_all(format!("HTTP/1.1 200 OK\r\n{header}\r\n").as_bytes()).await?;
                let piece = vec![b'x'; 1 << 20];
                for _ in 0..1_024 {
                    stream.write_all(&piece).await?;
                    counted.fetch_add(piece.len(), Ordering::SeqCst);
                }
                Ok(())
            }
        })
        .await;
        let mundo = Mundo::online(API, addr).await;
        let (_, whole) = one(&mundo, name, &calls(GOOD, 1, 0, None), may(&[json!(API)])).await;
        assert_eq!(error(&whole), "too-large", "{name}");
        assert!(sent.load(Ordering::SeqCst) < 64 << 20, "{name}: {}", sent.load(Ordering::SeqCst));
    }
}

#[tokio::test]
async fn headers_without_number_are_too_many() {
    let (addr, _) = server(|mut stream: TcpStream, _| async move {
        let headers: String = (0..100_000).map(|n| format!("x-{n}: {n}\r\n")).collect();
        stream.write_all(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n").as_bytes()).await
    })
    .await;
    let mundo = Mundo::online(API, addr).await;
    let (listed, whole) = one(&mundo, "cabeceras", &calls(GOOD, 1, 0, None), may(&[json!(API)])).await;
    assert_eq!((error(&whole), &listed["resultado"]), ("too-large", &json!("ok")));
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn the_ninth_call_does_not_leave_and_a_host_that_nobody_agreed_to_is_named() {
    let (addr, count) = server(|mut stream: TcpStream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await
    })
    .await;
    let mundo = Mundo::online(API, addr).await;
    let (_, whole) = one(&mundo, "llamador", &calls(GOOD, 9, 0, None), may(&[json!(API)])).await;
    assert_eq!((count.load(Ordering::SeqCst), &whole["documento"]["uso"]["llamadas"]), (8, &json!(100.0)), "{whole:#}");
    let (_, whole) = one(&mundo, "sin-permiso", &calls(GOOD, 1, 0, None), json!({})).await;
    assert_eq!(error(&whole), "denied");
    assert!(whole["detalle"].as_str().is_some_and(|why| why.contains("[[http]] host = \"api.example.pe\"")), "{whole:#}");
    assert_eq!(count.load(Ordering::SeqCst), 8);
}
