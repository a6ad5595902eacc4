//! What stands before every handler: headers for browsers, time, and the page of the documentation.
use huella_tests::{
    Huella, Modo, Respuesta,
    andina::{ADMIN, RECEPCION_LIMA},
    cliente::send,
};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use server::http::HttpSettings;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn line<'a>(answer: &'a Respuesta, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Good and bad, of the API and beside it, for people and for machines.
#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    let huella = Huella::start().await;
    let (nadie, admin) = (huella.nadie(), huella.como(ADMIN).await);
    let mut answers = Vec::new();
    for (path, status) in [
        ("//healthz", 200),
        ("//readyz", 200),
        ("/openapi.json", 200),
        ("//api/docs/", 200),
        ("//api/docs/swagger-ui.css", 200),
        ("//problemas", 200),
        ("//problemas/cita-traslape", 200),
        ("//.well-known/jwks.json", 200),
        ("/no-existe", 404),
        ("/roles", 401),
        ("/publico/nadie", 404),
    ] {
        answers.push((path, status, nadie.get(path).await));
    }
    answers.push(("/roles", 200, admin.get("/roles").await));
    answers.push(("/roles", 403, huella.como(RECEPCION_LIMA).await.post("/roles", json!({})).await));
    answers.push(("/roles", 422, admin.post("/roles", json!({})).await));
    answers.push(("/sesiones", 405, send(nadie.request(Method::PATCH, "/sesiones")).await));
    answers.push(("/sesiones", 413, nadie.post("/sesiones", json!({ "cadena": "x".repeat(2 << 20) })).await));
    answers.push(("/tutores", 200, admin.get("/tutores?formato=csv").await));
    for (path, status, answer) in &answers {
        assert_eq!(answer.status.as_u16(), *status, "{path}: {}", answer.body);
        assert_eq!(line(answer, "x-content-type-options"), "nosniff", "{path} {status}");
        assert_eq!(line(answer, "referrer-policy"), "no-referrer", "{path} {status}");
        assert_eq!(line(answer, "x-frame-options"), "DENY", "{path} {status}");
        let policy = line(answer, "content-security-policy");
        assert!(policy.starts_with("default-src '") && policy.contains("frame-ancestors 'none'"), "{path} {status}: {policy}");
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http") && !policy.contains('*'), "{path} {status}: {policy}");
        assert_eq!(line(answer, "x-traza").len(), 32, "{path} {status}");
        for absent in ["server", "access-control-allow-origin", "strict-transport-security"] {
            assert!(!answer.headers.contains_key(absent), "{path} {status}: {absent}");
        }
        let data = !path.starts_with("//api/docs") && !path.starts_with("/openapi") && !path.starts_with("//.well-known");
        assert!(!data || line(answer, "cache-control") == "no-store", "{path} {status}: {}", line(answer, "cache-control"));
        if *status >= 400 {
            assert_eq!(line(answer, "content-type"), "application/problem+json", "{path} {status}");
            assert_eq!(answer.body["traza"], line(answer, "x-traza"), "{path} {status}");
        }
    }
}

/// A machine that is not on the internet reads and tries the API all the same.
#[tokio::test]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let huella = Huella::start().await;
    let page = huella.nadie().get("//api/docs/").await;
    let html = String::from_utf8(page.bytes.clone()).expect("UTF-8");
    assert_eq!(page.status, 200);
    let named: Vec<&str> =
        ["src=\"", "href=\""].iter().flat_map(|name| html.split(name).skip(1).filter_map(|rest| rest.split('"').next())).collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        let path = name.trim_start_matches("./");
        assert!(!name.contains("//") && !path.starts_with('/'), "{name} is elsewhere");
        let asset = huella.nadie().get(&format!("//api/docs/{path}")).await;
        let kind = match path.rsplit('.').next() {
            Some("css") => "text/css",
            Some("js") => "text/javascript",
            _ => "image/png",
        };
        assert!(
            asset.status == 200 && asset.bytes.len() > 100 && line(&asset, "content-type").starts_with(kind),
            "{path}: {:?}",
            asset.headers
        );
        let text = String::from_utf8_lossy(&asset.bytes);
        if path.ends_with(".css") {
            assert!(text.split("url(").skip(1).all(|rest| rest.trim_start_matches('"').starts_with("data:")), "{path} fetches something");
            assert!(!text.contains("@import"), "{path} imports something");
        }
    }
    // The policy lets run what the page names and nothing that stands in it.
    let policy = line(&page, "content-security-policy");
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("script-src"), "{policy}");
    let scripts: Vec<&str> = html.split("<script").skip(1).filter_map(|rest| rest.split("</script>").next()).collect();
    assert!(!scripts.is_empty() && scripts.iter().all(|script| script.contains("src=") && script.ends_with("> ")), "{scripts:?}");
    assert!(!html.contains(" onload=") && !html.contains("javascript:") && !html.contains("http"), "{html}");
    // It reads our document and asks nobody's validator about it.
    let settings = huella.nadie().get("//api/docs/swagger-initializer.js").await;
    let settings = String::from_utf8_lossy(&settings.bytes).into_owned();
    assert!(settings.contains("\"/api/v1/openapi.json\"") && settings.contains("\"validatorUrl\": \"none\""), "{settings}");
    assert!(!settings.contains("http:") && !settings.contains("https:") && !settings.contains("petstore"), "{settings}");
    let document = huella.nadie().get("/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, server::http::document());
}

fn breve(plazo: u64, plazo_archivo: u64) -> Modo {
    let (plazo, plazo_archivo) = (Duration::from_millis(plazo), Duration::from_millis(plazo_archivo));
    Modo { http: HttpSettings { plazo, plazo_archivo, ..HttpSettings::default() }, ..Modo::default() }
}

/// A body of which the second half comes after a while.
async fn sent_slowly(huella: &Huella, token: &str, path: &str, kind: &str) -> String {
    let (first, second) = ("nombres;apel", "lidos\nAna;Poma\n");
    let length = first.len() + second.len();
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(huella.base.trim_start_matches("http://")).await.expect("connected");
    stream.write_all(format!("{head}{first}").as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    // Nobody may listen any more.
    let _ = stream.write_all(second.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}

/// A file may take longer to come than anything else.
#[rstest]
#[case::a_body("/roles", "application/json", 1_000, 60_000, 408)]
#[case::a_file("/importaciones?tipo=tutores&nombre=a.csv", "text/csv", 1_000, 60_000, 201)]
#[case::a_file_for_which_even_that_is_over("/importaciones?tipo=tutores&nombre=a.csv", "text/csv", 60_000, 1_000, 408)]
#[tokio::test]
async fn whoever_sends_too_slowly_is_told_so(
    #[case] path: &str,
    #[case] kind: &str,
    #[case] plazo: u64,
    #[case] plazo_archivo: u64,
    #[case] status: u16,
) {
    let huella = Huella::start_with(breve(plazo, plazo_archivo)).await;
    let admin = huella.como(ADMIN).await;
    let answer = sent_slowly(&huella, admin.token.as_deref().expect("a token"), path, kind).await;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    if status == 408 {
        assert!(answer.contains("application/problem+json") && answer.contains("/problemas/tiempo-agotado"), "{answer}");
    }
}

/// Not the client's fault: it may come back.
#[tokio::test]
async fn a_handler_that_is_too_slow_is_cut_off_and_the_rest_serves_on() {
    let huella = Huella::start_with(breve(1_500, 60_000)).await;
    let admin = huella.como(ADMIN).await;
    admin.get("/feriados?desde=2026-03-01").await.ok();
    let mut busy = huella.sql.begin().await.expect("begun");
    sqlx::query("lock table feriados in access exclusive mode").execute(&mut *busy).await.expect("locked");
    let answer = admin.get("/feriados?desde=2026-03-01").await;
    assert_eq!(line(&answer, "retry-after"), "2");
    answer.problem(503, "no-disponible");
    admin.get("/roles").await.ok();
    busy.rollback().await.expect("let go");
    admin.get("/feriados?desde=2026-03-01").await.ok();
}
