//! The doors of `huella serve` as its environment sets them: TLS, limits on size and time.
use super::{Programa, serve::Servicio};
use huella_tests::{Casa, andina::ADMIN};
use rcgen::{CertifiedKey, KeyPair};
use reqwest::tls::Version;
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

// --- TLS -----------------------------------------------------------------------------------------------------

/// A certificate in files, as an operator has it.
struct Certificado {
    casa: Casa,
    made: CertifiedKey<KeyPair>,
}

impl Certificado {
    fn new() -> Self {
        let certificado = Self { casa: Casa::new(), made: Self::made() };
        certificado.write();
        certificado
    }
    fn made() -> CertifiedKey<KeyPair> {
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate")
    }
    fn write(&self) {
        self.casa.put("c.pem", self.made.cert.pem().as_bytes());
        self.casa.put("k.pem", self.made.signing_key.serialize_pem().as_bytes());
    }
    fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [("HUELLA_TLS_CERTIFICADO", self.casa.path().join("c.pem")), ("HUELLA_TLS_CLAVE", self.casa.path().join("k.pem"))]
    }
    /// Somebody who trusts this certificate alone.
    async fn asks(&self, address: &str, most: Version) -> reqwest::Result<reqwest::Response> {
        let root = reqwest::Certificate::from_pem(self.made.cert.pem().as_bytes()).expect("a root");
        let client = reqwest::Client::builder().tls_certs_only([root]).tls_version_max(most).build().expect("a client");
        client.get(format!("https://{}/healthz", address.replace("127.0.0.1", "localhost"))).send().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_serves_tls_1_3_alone_and_takes_a_renewed_certificate() {
    let servicio = Servicio::new().await;
    let (address, mut certificado) = (servicio.address(), Certificado::new());
    let mut command = servicio.huella();
    command.arg("serve").envs(certificado.variables()).env("HUELLA_LOG", "info").env("HUELLA_LOG_FORMATO", "json");
    let mut server = Programa::start(command);
    server.until("listening").await;
    let answer = certificado.asks(&address, Version::TLS_1_3).await.expect("served");
    assert!(answer.status() == 200 && answer.headers().contains_key("strict-transport-security"), "{answer:?}");
    assert!(certificado.asks(&address, Version::TLS_1_2).await.is_err(), "TLS 1.2 was accepted");
    assert!(reqwest::get(format!("http://{address}/healthz")).await.is_err(), "answered without TLS");

    // One that does not fit its key changes nothing;
    let old = std::mem::replace(&mut certificado.made, Certificado::made());
    certificado.casa.put("c.pem", certificado.made.cert.pem().as_bytes());
    server.signal("HUP").await;
    server.until("the old certificate stays").await;
    let before = Certificado { casa: Casa::new(), made: old };
    before.asks(&address, Version::TLS_1_3).await.expect("still the old one");
    // a renewed one is shown to whoever comes next.
    certificado.write();
    server.signal("HUP").await;
    server.until("certificate reloaded").await;
    certificado.asks(&address, Version::TLS_1_3).await.expect("the new one");
    assert!(before.asks(&address, Version::TLS_1_3).await.is_err(), "the old one is still shown");
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));

    // At the start it is a mistake like any other.
    certificado.casa.put("k.pem", before.made.signing_key.serialize_pem().as_bytes());
    let mut command = servicio.huella();
    command.arg("serve").envs(certificado.variables());
    let (code, error) = Programa::start(command).ended().await;
    assert!(code == Some(1) && error.contains("tls: certificado y clave no sirven"), "{code:?} {error}");
    servicio.gone().await;
}

// --- Size and time -------------------------------------------------------------------------------------------

/// What came back, whole.
async fn says(address: &str, text: &[u8]) -> (String, Duration) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(text).await.expect("sent");
    let mut answer = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("it is let go").expect("read");
    (String::from_utf8(answer).expect("text"), start.elapsed())
}

fn problem(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    assert!(head.to_lowercase().contains("content-type: application/problem+json"), "{head}");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_the_environment() {
    let servicio = Servicio::new().await;
    let limits = [("HUELLA_CUERPO_MAX", "2000"), ("HUELLA_PLAZO_MS", "900"), ("HUELLA_ENCABEZADO_MS", "400")];
    let server = servicio.serve_with(&limits).await;
    let address = servicio.address();
    let post = |length: usize| {
        format!(
            "POST /api/v1/sesiones HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    // Too big, by one byte;
    let (big, fits) = (format!("{}{}", post(2_001), " ".repeat(2_001)), format!("{}{}", post(2_000), " ".repeat(2_000)));
    assert_eq!(problem(&says(&address, big.as_bytes()).await.0)["type"], "/problemas/solicitud-muy-grande");
    assert_eq!(problem(&says(&address, fits.as_bytes()).await.0)["status"], 400);
    // a body that stops half way;
    let (answer, took) = says(&address, format!("{}{{\"cadena\":", post(500)).as_bytes()).await;
    assert_eq!((&problem(&answer)["status"], &problem(&answer)["type"]), (&json!(408), &json!("/problemas/tiempo-agotado")));
    assert!((Duration::from_millis(800)..Duration::from_secs(5)).contains(&took), "{took:?}");
    // headers that never end, and a connection that says nothing.
    for start in [&b"GET /healthz HTTP/1.1\r\nhost: x\r\n"[..], b""] {
        let (answer, took) = says(&address, start).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
        assert!((Duration::from_millis(300)..Duration::from_secs(5)).contains(&took), "{took:?}");
    }
    drop(server);
    servicio.gone().await;
}

/// One at a time waits for the database, which is busy: the others do not, and nobody waits forever.
#[rstest]
#[case::longer_than_a_request_may_last("HUELLA_PLAZO_MS", "1000")]
#[case::longer_than_a_lock_may_be_waited_for("HUELLA_DB_BLOQUEO_MS", "1000")]
#[case::longer_than_a_statement_may_take("HUELLA_DB_SENTENCIA_MS", "1000")]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_told_to_come_back(#[case] name: &str, #[case] value: &str) {
    let servicio = Servicio::new().await;
    // Signing in takes its time; whoever is signed in stays so.
    let before = servicio.serve(false).await;
    let admin = servicio.como("andina", ADMIN).await;
    before.signal("TERM").await;
    assert_eq!(before.ended().await.0, Some(0));
    let server = servicio.serve_with(&[(name, value), ("HUELLA_TRABAJOS", "false")]).await;
    admin.get("/feriados?desde=2026-03-01").await.ok();
    let busy = servicio.locks("feriados").await;
    let start = Instant::now();
    let answer = admin.get("/feriados?desde=2026-03-01").await;
    let took = start.elapsed();
    assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
    answer.problem(503, "no-disponible");
    assert!((Duration::from_millis(900)..Duration::from_millis(2_900)).contains(&took), "{took:?}");
    admin.get("/yo").await.ok();
    drop(busy);
    admin.get("/feriados?desde=2026-03-01").await.ok();
    drop(server);
    servicio.gone().await;
}
