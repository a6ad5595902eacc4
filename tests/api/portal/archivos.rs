//! The app as a browser gets it: one page with a policy of its own, files that stay, and nothing in the API's place.
use huella_tests::{Huella, Modo, Respuesta, cliente::send};
use reqwest::{Method, header};
use server::http::HttpSettings;
use std::{collections::HashSet, path::Path};

/// A small built app.
fn app(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    std::fs::create_dir_all(folder.join("assets")).expect("made");
    write("index.html", "<!doctype html><head><meta name=\"csp-nonce\" content=\"__NONCE__\"></head><body>__NONCE__</body>");
    write("assets/app-1a2b.js", "plain");
    write("assets/app-1a2b.js.br", "brotli");
    write("assets/app-1a2b.js.gz", "gzip");
    write("assets/small-9.css", "css");
    write("favicon.svg", "<svg/>");
}

async fn with_app() -> Huella {
    let folder = std::env::temp_dir().join(format!("huella-portal-{}", uuid::Uuid::now_v7().simple()));
    app(&folder);
    Huella::start_with(Modo { http: HttpSettings { portal: Some(folder), ..HttpSettings::default() }, ..Modo::default() }).await
}

async fn get(huella: &Huella, path: &str, headers: &[(&str, &str)]) -> Respuesta {
    let request = huella.nadie().request(Method::GET, &format!("//{path}"));
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

fn line<'a>(answer: &'a Respuesta, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn every_answer_has_a_nonce_of_its_own() {
    let huella = with_app().await;
    let mut seen = HashSet::new();
    for path in ["", "agenda", "pacientes/019a/vacunas", "agenda?fecha=2026-03-02"] {
        let answer = get(&huella, path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        let policy = line(&answer, "content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let html = String::from_utf8(answer.bytes.clone()).expect("UTF-8");
        assert_eq!(html.matches(&nonce).count(), 2, "{html}");
        assert!(!html.contains("__NONCE__"));
        // 128 bits.
        assert!(nonce.len() >= 22, "{nonce}");
        assert!(seen.insert(nonce));
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("script-src 'self' '") && !policy.contains("unsafe-eval"), "{policy}");
        for part in ["frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(line(&answer, "cache-control"), "no-cache");
        assert_eq!(line(&answer, "x-content-type-options"), "nosniff");
        assert!(line(&answer, "permissions-policy").starts_with("camera=(self)"));
    }
}

#[tokio::test]
async fn an_address_names_a_chain_whether_there_is_one_or_not() {
    let huella = with_app().await;
    let cadena = async |host: &'static str| {
        let html = String::from_utf8(get(&huella, "ingreso", &[("host", host)]).await.bytes).expect("UTF-8");
        html.split("<meta name=\"cadena\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    for (host, expected) in [
        ("andina.localhost:8080", Some("andina")),
        ("no-hay.huella.example", Some("no-hay")),
        ("huella.example", None),
        ("localhost", None),
        ("andina.malo.example", None),
        ("a.andina.huella.example", None),
        ("\"x.huella.example", None),
    ] {
        assert_eq!(cadena(host).await.as_deref(), expected, "{host}");
    }
}

#[tokio::test]
async fn the_smallest_that_the_browser_takes() {
    let huella = with_app().await;
    for (takes, encoding, body) in
        [("gzip, deflate, br", "br", "brotli"), ("gzip", "gzip", "gzip"), ("gzip, br;q=0", "gzip", "gzip"), ("identity", "", "plain")]
    {
        let answer = get(&huella, "assets/app-1a2b.js", &[("accept-encoding", takes)]).await;
        assert_eq!((line(&answer, "content-encoding"), answer.bytes.as_slice()), (encoding, body.as_bytes()), "{takes}");
        assert_eq!(line(&answer, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(line(&answer, "vary"), "accept-encoding");
        assert_eq!(line(&answer, "cache-control"), "public, max-age=31536000, immutable");
    }
    let small = get(&huella, "assets/small-9.css", &[("accept-encoding", "br")]).await;
    assert_eq!((line(&small, "content-encoding"), line(&small, "vary")), ("", ""));
}

#[tokio::test]
async fn what_has_no_hash_in_its_name_is_asked_for_again() {
    let huella = with_app().await;
    let first = get(&huella, "favicon.svg", &[]).await;
    assert_eq!((line(&first, "cache-control"), line(&first, "content-type")), ("no-cache", "image/svg+xml"));
    let etag = first.headers.get(header::ETAG).expect("an ETag").to_str().expect("ASCII");
    let again = get(&huella, "favicon.svg", &[("if-none-match", etag)]).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
}

#[tokio::test]
async fn what_is_not_there_is_not_the_page() {
    let huella = with_app().await;
    for path in ["assets/gone-7.js", "nada.txt", "index.html", "assets/app-1a2b.js.br", "../Cargo.toml"] {
        let answer = get(&huella, path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("<!doctype"), "{path}");
    }
    for path in ["api/v1/nada", "api", "problemas/no-hay", "reservar/andina/lima/nada"] {
        get(&huella, path, &[]).await.problem(404, "no-encontrado");
    }
    send(huella.nadie().request(Method::POST, "//agenda")).await.problem(404, "no-encontrado");
    send(huella.nadie().request(Method::DELETE, "//api/v1/nada")).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn the_api_is_as_it_was() {
    let huella = with_app().await;
    let ready = get(&huella, "readyz", &[]).await;
    assert_eq!(line(&ready, "content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    get(&huella, "agenda", &[]).await;
    get(&huella, "pacientes/otra", &[]).await;
    let figures = String::from_utf8(get(&huella, "metrics", &[]).await.bytes).expect("UTF-8");
    assert!(figures.contains(r#"ruta="portal""#), "{figures}");
    assert!(!figures.contains("pacientes/otra"));
}

#[tokio::test]
async fn an_app_that_was_not_built_says_how() {
    let folder = std::env::temp_dir().join("huella-portal-que-no-hay");
    let modo = Modo { http: HttpSettings { portal: Some(folder), ..HttpSettings::default() }, ..Modo::default() };
    let huella = Huella::start_with(modo).await;
    let answer = get(&huella, "agenda", &[]).await;
    assert_eq!(answer.status, 503);
    assert!(String::from_utf8_lossy(&answer.bytes).contains("cargo xtask portal"));
}
