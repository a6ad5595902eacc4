//! The lock: what a PIN may be, what is left of a locked session, and that guessing ends it.
use super::Navegador;
use huella_tests::{CLAVE, Cliente, Huella, Respuesta, andina, cliente::send};
use reqwest::{Method, header};
use serde_json::json;
use std::time::{Duration, Instant};

async fn elige(navegador: &Navegador, contrasena: &str, pin: &str) -> Respuesta {
    send(navegador.pide(Method::PUT, "/cuenta/pin").json(&json!({ "contrasena": contrasena, "pin": pin }))).await
}

async fn con_pin(huella: &Huella) -> Navegador {
    let navegador = Navegador::como(huella, andina::RECEPCION_LIMA).await;
    elige(&navegador, CLAVE, "2580").await.expect(204);
    navegador
}

#[tokio::test]
async fn a_pin_is_chosen_with_the_password_and_is_not_easy() {
    let huella = Huella::start().await;
    let navegador = Navegador::como(&huella, andina::RECEPCION_LIMA).await;
    assert_eq!(navegador.get("/yo").await.ok()["tiene_pin"], false);
    navegador.post("/portal/bloqueo", json!({})).await.problem(409, "sin-pin");
    for pin in ["1234", "0000", "123", "12a4", "123456789"] {
        assert_eq!(elige(&navegador, CLAVE, pin).await.wrong_fields(), ["/pin"], "{pin}");
    }
    assert_eq!(elige(&navegador, "no es esta", "2580").await.wrong_fields(), ["/contrasena"]);
    assert_eq!(navegador.get("/yo").await.ok()["tiene_pin"], false);
    elige(&navegador, CLAVE, "2580").await.expect(204);
    assert_eq!(navegador.get("/yo").await.ok()["tiene_pin"], true);
    // Nothing from which it could be read.
    let kept: Vec<u8> = huella.scalar("select pin from usuarios where nombres = 'Rosa'").await;
    assert_eq!(kept.len(), 16);
}

#[tokio::test]
async fn locked_it_says_a_name_and_does_nothing() {
    let huella = Huella::start().await;
    let other = huella.otra_instancia().await;
    let navegador = con_pin(&huella).await;
    let there = Navegador { cliente: Cliente { base: other.base.clone(), ..navegador.cliente.clone() }, ..navegador.clone() };
    there.get("/pacientes?buscar=luna").await.ok();
    navegador.post("/portal/bloqueo", json!({})).await.expect(204);
    for path in ["/pacientes?buscar=luna", "/sesiones", "/cuenta/segundo-factor", "/sedes"] {
        navegador.get(path).await.problem(423, "sesion-bloqueada");
    }
    elige(&navegador, CLAVE, "9513").await.problem(423, "sesion-bloqueada");
    navegador.delete("/sesiones/actual").await.problem(423, "sesion-bloqueada");
    let yo = navegador.get("/yo").await.ok();
    assert!(yo["bloqueada"] == true && yo["nombres"] == "Rosa" && yo["correo"] == "", "{yo:#}");
    assert!(yo["sedes"] == json!([]) && yo["cadena"]["permisos"] == json!([]), "{yo:#}");
    let began = Instant::now();
    while there.get("/sedes").await.status != 423 {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    navegador.post("/portal/desbloqueo", json!({ "pin": "2580" })).await.expect(204);
    navegador.get("/sedes").await.ok();
    assert_eq!(navegador.get("/yo").await.ok()["bloqueada"], false);
}

#[tokio::test]
async fn the_fifth_wrong_pin_ends_the_session() {
    let huella = Huella::start().await;
    let navegador = con_pin(&huella).await;
    navegador.post("/portal/bloqueo", json!({})).await.expect(204);
    for left in [4, 3, 2, 1] {
        let wrong = navegador.post("/portal/desbloqueo", json!({ "pin": "9513" })).await.problem(422, "pin-incorrecto");
        assert_eq!(wrong["restantes"], left);
    }
    let last = navegador.post("/portal/desbloqueo", json!({ "pin": "9513" })).await;
    assert!(last.headers.get(header::SET_COOKIE).is_some_and(|line| line.to_str().is_ok_and(|line| line.contains("Max-Age=0"))));
    last.problem(401, "sin-sesion");
    navegador.post("/portal/desbloqueo", json!({ "pin": "2580" })).await.problem(401, "sin-sesion");
    let motivo: String = huella.scalar("select motivo from sesiones where portal is not null").await;
    assert_eq!(motivo, "pin");
}

#[tokio::test]
async fn guesses_at_once_are_not_more_guesses() {
    let huella = Huella::start().await;
    let navegador = con_pin(&huella).await;
    navegador.post("/portal/bloqueo", json!({})).await.expect(204);
    let tries = (0..12).map(|n| {
        let navegador = navegador.clone();
        tokio::spawn(async move { navegador.post("/portal/desbloqueo", json!({ "pin": format!("95{n:02}") })).await.status.as_u16() })
    });
    let mut wrong = 0;
    for one in tries.collect::<Vec<_>>() {
        wrong += u32::from(one.await.expect("answered") == 422);
    }
    assert_eq!(wrong, 4);
    navegador.get("/yo").await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn a_locked_session_can_be_left() {
    let huella = Huella::start().await;
    let navegador = con_pin(&huella).await;
    navegador.post("/portal/bloqueo", json!({})).await.expect(204);
    navegador.delete("/portal/sesion").await.expect(204);
    navegador.get("/yo").await.problem(401, "sin-sesion");
}
