//! Signing in with a cookie: what it says, who may use it from where, and how it ends.
use super::{Navegador, ingreso};
use huella_tests::{Cliente, Huella, andina, cliente::send, costera};
use jiff::SignedDuration;
use reqwest::{Method, header};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_cookie_is_out_of_reach_and_the_answer_holds_no_secret() {
    let huella = Huella::start().await;
    let navegador = Navegador::nuevo(&huella);
    let answer = navegador.post("/portal/sesion", ingreso(andina::RECEPCION_LIMA)).await;
    let lines: Vec<&str> = answer.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().expect("ASCII")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in &lines {
        assert!(line.starts_with("__Host-huella"), "{line}");
        for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
            assert!(line.split("; ").any(|given| given == part), "{line} lacks {part}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    let text = String::from_utf8(answer.bytes.clone()).expect("UTF-8");
    for line in &lines {
        let secret = line.split([';', '=']).nth(1).expect("a value");
        assert!(secret.len() > 40 && !text.contains(secret));
    }
    let body = answer.ok();
    assert_eq!(body["ocio_min"], 720);
    assert!(body["token"].is_null() && body["renovacion"].is_null() && body["dispositivo"].is_null(), "{body:#}");
    assert_eq!(body["usuario"]["nombres"], "Rosa");
}

#[tokio::test]
async fn one_session_among_the_others() {
    let huella = Huella::start().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    let aplicacion = huella.como(andina::RECEPCION_LIMA).await;
    let list = navegador.get("/sesiones").await.ok();
    let (mine, other): (Vec<_>, Vec<_>) = list.as_array().expect("a list").iter().partition(|one| one["actual"] == true);
    assert!(mine.len() == 1 && mine[0]["portal"] == true, "{list:#}");
    assert!(other.len() == 1 && other[0]["portal"] == false, "{list:#}");
    // From the telephone, the browser that was left open at work.
    aplicacion.delete(&format!("/sesiones/{}", mine[0]["id"].as_str().expect("an id"))).await.expect(204);
    navegador.get("/yo").await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn a_session_that_ends_here_is_over_on_every_server() {
    let huella = Huella::start().await;
    let other = huella.otra_instancia().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    let there = Navegador { cliente: Cliente { base: other.base.clone(), ..navegador.cliente.clone() }, ..navegador.clone() };
    there.get("/yo").await.ok();
    let answer = navegador.delete("/portal/sesion").await;
    let gone = answer.headers.get(header::SET_COOKIE).expect("a cookie").to_str().expect("ASCII");
    assert!(gone.starts_with("__Host-huella=;") && gone.contains("Max-Age=0"), "{gone}");
    answer.expect(204);
    let began = Instant::now();
    while there.get("/yo").await.status != 401 {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    navegador.get("/yo").await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn a_cookie_and_a_token_are_one_too_many() {
    let huella = Huella::start().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    let aplicacion = huella.como(andina::RECEPCION_LIMA).await;
    let token = aplicacion.token.as_deref().expect("a token");
    send(navegador.pide(Method::GET, "/yo").bearer_auth(token)).await.problem(400, "dos-credenciales");
    // Also if neither is worth anything.
    let nobody = huella.nadie().request(Method::GET, "/yo").header(header::COOKIE, "__Host-huella=x").bearer_auth("x");
    send(nobody).await.problem(400, "dos-credenciales");
}

#[tokio::test]
async fn only_the_portal_itself_changes_anything() {
    let huella = Huella::start().await;
    let mut navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    navegador.host = Some("huella.example");
    navegador.ingresa(andina::RECEPCION_LIMA).await;
    let wrong: &[&[(&str, &str)]] = &[
        &[],
        &[("x-portal", "1")],
        &[("sec-fetch-site", "same-origin")],
        &[("x-portal", "1"), ("sec-fetch-site", "cross-site")],
        &[("x-portal", "1"), ("sec-fetch-site", "same-site")],
        &[("x-portal", "1"), ("origin", "https://malo.example")],
        &[("x-portal", "1"), ("sec-fetch-site", "cross-site"), ("origin", "https://huella.example")],
    ];
    let with = |method: Method, path: &str, headers: &[(&str, &str)]| {
        headers.iter().fold(navegador.crudo(method, path), |request, (name, value)| request.header(*name, *value))
    };
    for headers in wrong {
        for (method, path) in [(Method::DELETE, "/portal/sesion"), (Method::POST, "/citas/reservar"), (Method::PUT, "/cuenta/pin")] {
            send(with(method, path, headers).json(&json!({}))).await.problem(403, "origen-no-admitido");
        }
        // Nor does another site sign anybody in.
        let signing = with(Method::POST, "/portal/sesion", headers).json(&ingreso(andina::RECEPCION_LIMA));
        send(signing).await.problem(403, "origen-no-admitido");
        // Reading needs the cookie and nothing else.
        send(with(Method::GET, "/yo", headers)).await.ok();
    }
    let old_browser = with(Method::DELETE, "/portal/sesion", &[("x-portal", "1"), ("origin", "https://huella.example")]);
    send(old_browser).await.expect(204);
}

#[tokio::test]
async fn a_cookie_is_good_at_its_own_address_only() {
    let huella = Huella::start().await;
    let mut navegador = Navegador { host: Some("andina.huella.example"), ..Navegador::nuevo(&huella) };
    navegador.ingresa(andina::RECEPCION_LIMA).await;
    navegador.get("/yo").await.ok();
    for host in ["costera.huella.example", "huella.example", "andina.localhost.malo.example"] {
        Navegador { host: Some(host), ..navegador.clone() }.get("/yo").await.problem(401, "sin-sesion");
    }
    // At a chain's address nobody else's staff signs in, whatever they type.
    let wrong = navegador.post("/portal/sesion", ingreso(costera::RECEPCION)).await.wrong_fields();
    assert_eq!(wrong, ["/cadena"]);
}

#[tokio::test]
async fn nobody_there_for_a_shift_and_it_is_over() {
    let huella = Huella::start().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    for _ in 0..4 {
        huella.avanzar(SignedDuration::from_hours(11));
        navegador.get("/yo").await.ok();
    }
    huella.avanzar(SignedDuration::from_hours(13));
    navegador.get("/yo").await.problem(401, "sin-sesion");
    // It is in nobody's list any more.
    let list = huella.como(andina::RECEPCION_LIMA).await.get("/sesiones").await.ok();
    assert!(list.as_array().expect("a list").iter().all(|one| one["portal"] == false), "{list:#}");
}

#[tokio::test]
async fn used_every_day_it_ends_after_a_month() {
    let huella = Huella::start().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    for _ in 0..(30 * 24 / 10) - 1 {
        huella.avanzar(SignedDuration::from_hours(10));
        navegador.get("/yo").await.ok();
    }
    huella.avanzar(SignedDuration::from_hours(11));
    navegador.get("/yo").await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn who_signs_in_ends_what_the_browser_had() {
    let huella = Huella::start().await;
    let mut navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    let before = navegador.clone();
    navegador.ingresa(andina::DRA_ROJAS).await;
    assert_eq!(navegador.get("/yo").await.ok()["es_medico"], true);
    before.get("/yo").await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn tries_are_counted_with_those_of_the_api() {
    let huella = Huella::start().await;
    let navegador = Navegador::nuevo(&huella);
    let wrong = crate::identidad::con(ingreso(andina::RECEPCION_LIMA), "contrasena", "otra cosa");
    for turn in 0..10 {
        let answer = match turn % 2 {
            0 => navegador.post("/portal/sesion", wrong.clone()).await,
            _ => huella.nadie().post("/sesiones", wrong.clone()).await,
        };
        answer.problem(401, "credenciales");
    }
    let answer = navegador.post("/portal/sesion", wrong.clone()).await;
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    answer.problem(429, "demasiados-intentos");
}

#[tokio::test]
async fn a_browser_that_was_here_before_is_not_locked_out_by_strangers() {
    let huella = Huella::start().await;
    let mut navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    navegador.ingresa(andina::DRA_ROJAS).await;
    let wrong = crate::identidad::con(ingreso(andina::RECEPCION_LIMA), "contrasena", "otra cosa");
    for _ in 0..11 {
        huella.nadie().post("/sesiones", wrong.clone()).await;
    }
    huella.nadie().post("/sesiones", ingreso(andina::RECEPCION_LIMA)).await.problem(429, "demasiados-intentos");
    // Both people of this computer are remembered.
    navegador.ingresa(andina::RECEPCION_LIMA).await;
}
