//! Guests that call where they should not, and servers that answer as they should not.
use crate::{
    codigo::calls,
    mundo::{LIMA, Mundo},
    servidores::{Turning, server},
};
use plugin_host::{Corrida, Outcome};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::io::AsyncWriteExt;

fn may(host: &str) -> Value {
    json!({ "http": [{ "host": host, "reason": { "es": "Probar" } }] })
}

/// What became of one call.
async fn one(world: &Mundo, url: &str, more: Value) -> Corrida {
    world.channel(&calls(url, 1, 0, None), more, None).await.check().await.corrida
}

fn error(corrida: &Corrida) -> Option<&str> {
    corrida.llamadas.last().and_then(|call| call.error.as_deref())
}

const GOOD: &str = "https://api.example.pe/";

#[tokio::test]
async fn a_host_of_the_manifest_is_called_and_nobody_else() {
    let (addr, count) = server(|mut stream, head| async move {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await
    })
    .await;
    let world = Mundo::online(addr);
    let run = one(&world, GOOD, may("api.example.pe")).await;
    assert!(run.detalle.as_deref().is_some_and(|said| said.starts_with("GET / HTTP/1.1")), "{run:?}");
    assert_eq!((run.llamadas[0].estado, count.load(Ordering::SeqCst)), (Some(200), 1));
    let refused = one(&world, GOOD, json!({})).await;
    assert_eq!(error(&refused), Some("denied"));
    assert!(refused.detalle.as_deref().is_some_and(|said| said.contains("[[http]] host = \"api.example.pe\"")), "{refused:?}");
    let sandbox = json!({ "http": [{ "host": "api.example.pe", "environment": "sandbox", "reason": { "es": "Probar" } }] });
    assert_eq!(error(&one(&world, GOOD, sandbox).await), Some("denied"), "not in production");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_secret_reaches_the_server_and_not_the_guest() {
    let (addr, _) = server(|mut stream, head| async move {
        let known = head.contains("authorization: Bearer s3creto-de-lima\r\n");
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", if known { "si" } else { "no" });
        stream.write_all(answer.as_bytes()).await
    })
    .await;
    let world = Mundo::online(addr);
    world.memory.put_secret(LIMA, "clave", "s3creto-de-lima");
    let schema = json!({ "type": "object", "properties": { "clave": { "type": "string", "x-secret": "host" } } });
    let run = |name: &'static str| {
        let (world, schema) = (&world, schema.clone());
        async move { world.channel(&calls(GOOD, 1, 0, Some(name)), may("api.example.pe"), Some(schema)).await.check().await.corrida }
    };
    let good = run("clave").await;
    assert_eq!(good.detalle.as_deref(), Some("si"));
    assert!(!serde_json::to_string(&good).expect("a record").contains("s3creto"));
    let undeclared = run("otra").await;
    assert_eq!(error(&undeclared), Some("denied"));
}

#[rstest]
#[case::loopback("https://127.0.0.1/", "127.0.0.1")]
#[case::decimal("https://2130706433/", "127.0.0.1")]
#[case::private("https://10.0.0.8/", "10.0.0.8")]
#[case::link_local("https://169.254.1.1/", "169.254.1.1")]
#[case::metadata("https://169.254.169.254/latest/meta-data", "169.254.169.254")]
#[case::plain("http://api.example.pe/", "api.example.pe")]
#[case::user("https://ana:clave@api.example.pe/", "api.example.pe")]
#[case::file("file:///etc/passwd", "api.example.pe")]
#[case::mapped("https://[::ffff:127.0.0.1]/", "localhost")]
#[tokio::test]
async fn an_address_of_our_own_network_is_not_called(#[case] url: &str, #[case] host: &str) {
    let mut more = may(host);
    more["http"] = json!([80, 443].map(|port| json!({ "host": host, "port": port, "reason": { "es": "Probar" } })));
    let run = one(&Mundo::new(), url, more).await;
    assert_eq!(error(&run), Some("denied"), "{run:?}");
}

#[rstest]
#[case::inside(&["127.0.0.1"])]
#[case::one_of_two(&["190.12.3.4", "10.0.0.1"])]
#[case::mapped(&["::ffff:169.254.169.254"])]
#[case::translated(&["64:ff9b::7f00:1"])]
#[case::tunnelled(&["2002:7f00:1::"])]
#[case::unique_local(&["fd00:ec2::254"])]
#[tokio::test]
async fn a_name_that_stands_for_one_is_not_called_either(#[case] answers: &[&str]) {
    let answers = vec![answers.iter().map(|ip| ip.parse().expect("an address")).collect()];
    let world = Mundo::naming(Arc::new(Turning { answers, asked: AtomicUsize::new(0) }));
    let run = one(&world, GOOD, may("api.example.pe")).await;
    assert_eq!((error(&run), run.detalle.as_deref()), (Some("denied"), Some("api.example.pe lleva a una dirección interna")));
    assert_eq!(run.llamadas[0].motivo, run.detalle);
}

#[tokio::test]
async fn a_name_that_turns_inside_after_it_was_looked_at_gains_nothing() {
    // Nobody answers at the first address.
    let answers = ["203.0.114.1", "127.0.0.1"].map(|ip| vec![ip.parse().expect("an address")]).to_vec();
    let names = Arc::new(Turning { answers, asked: AtomicUsize::new(0) });
    let world = Mundo::naming(names.clone());
    let run = world.channel(&calls(GOOD, 2, 300, None), may("api.example.pe"), None).await.check().await.corrida;
    let errors: Vec<_> = run.llamadas.iter().map(|call| call.error.as_deref()).collect();
    assert!(matches!(errors[0], Some("timeout" | "connect")), "{errors:?}");
    assert_eq!(errors[1], Some("denied"));
    assert_eq!(run.llamadas[1].motivo.as_deref(), Some("api.example.pe llevaba a internet y ahora lleva a una dirección interna"));
    assert_eq!(names.asked.load(Ordering::SeqCst), 2, "once for each call: what was looked at is what is connected to");
}

#[tokio::test]
async fn a_redirection_comes_back_and_is_not_followed() {
    let (addr, count) = server(|mut stream, _| async move {
        stream
            .write_all(b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
            .await
    })
    .await;
    let run = one(&Mundo::online(addr), GOOD, may("api.example.pe")).await;
    assert_eq!((run.llamadas.len(), run.llamadas[0].estado, run.detalle.as_deref()), (1, Some(302), Some("no")));
    assert_eq!(run.llamadas[0].motivo.as_deref(), Some("redirige a 169.254.169.254, y no se sigue"));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time() {
    let (addr, _) = server(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
        loop {
            stream.write_all(b".").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let world = Mundo::online(addr);
    let more = json!({ "http": may("api.example.pe")["http"], "limits": { "wall": "1s" } });
    let began = Instant::now();
    let run = one(&world, GOOD, more.clone()).await;
    assert_eq!(error(&run), Some("timeout"));
    // The guest heard of it and ended by itself within its tick, or was ended.
    assert!(matches!(run.resultado, Outcome::Ok | Outcome::Timeout), "{run:?}");
    assert!((900..1_800).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    let began = Instant::now();
    let brief = world.channel(&calls(GOOD, 1, 200, None), more, None).await.check().await.corrida;
    assert_eq!((error(&brief), brief.resultado), (Some("timeout"), Outcome::Ok), "as the guest wished");
    assert!(brief.llamadas[0].ms < 600 && began.elapsed() < Duration::from_secs(3));
}

#[rstest]
#[case::it_says_so("content-length: 1073741824\r\n")]
#[case::it_does_not("connection: close\r\n")]
#[tokio::test]
async fn a_body_of_a_gigabyte_is_not_read(#[case] header: &'static str) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let (addr, _) = server(move |mut stream, _| {
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
    let run = one(&Mundo::online(addr), GOOD, may("api.example.pe")).await;
    assert_eq!((error(&run), run.resultado), (Some("too-large"), Outcome::Ok));
    assert!(sent.load(Ordering::SeqCst) < 64 << 20, "{}", sent.load(Ordering::SeqCst));
}

#[rstest]
#[case::some(70)]
#[case::many(100_000)]
#[tokio::test]
async fn headers_without_number_are_too_many(#[case] count: usize) {
    let (addr, _) = server(move |mut stream, _| async move {
        let headers: String = (0..count).map(|n| format!("x-{n}: {n}\r\n")).collect();
        stream.write_all(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n").as_bytes()).await
    })
    .await;
    let run = one(&Mundo::online(addr), GOOD, may("api.example.pe")).await;
    assert_eq!((error(&run), run.resultado), (Some("too-large"), Outcome::Ok));
}

#[tokio::test]
async fn half_an_answer_is_no_answer_and_the_ninth_call_does_not_leave() {
    let (addr, count) =
        server(|mut stream, _| async move { stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhola").await }).await;
    let run = Mundo::online(addr).channel(&calls(GOOD, 9, 0, None), may("api.example.pe"), None).await.check().await;
    let errors: Vec<_> = run.corrida.llamadas.iter().filter_map(|call| call.error.as_deref()).collect();
    assert_eq!(errors, ["indeterminate"; 8]);
    assert_eq!((count.load(Ordering::SeqCst), run.corrida.uso.llamadas), (8, 100.0));
}

#[tokio::test]
async fn a_guest_that_dies_after_it_called_may_have_done_something() {
    let (addr, _) =
        server(
            |mut stream, _| async move { stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await },
        )
        .await;
    let module = calls(GOOD, 1, 0, None).replacen(
        "(if (result i32) (i32.load8_u (i32.const 256))",
        "unreachable (if (result i32) (i32.load8_u (i32.const 256))",
        1,
    );
    let run = Mundo::online(addr).channel(&module, may("api.example.pe"), None).await.check().await;
    assert_eq!(run.corrida.resultado, Outcome::Trap);
    assert!(run.may_have_happened());
}
