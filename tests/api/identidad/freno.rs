//! Guessing passwords.
use super::*;
use huella_tests::andina::{DR_SOTO, RECEPCION_LIMA};
use jiff::SignedDuration;

fn mal(correo: &str) -> Value {
    con(ingreso(correo), "contrasena", "adivinanza-2026")
}

/// So many tries at once; how many were looked at, and how many were turned away.
async fn atacar(cliente: &Cliente, body: &Value, tries: usize) -> (usize, usize) {
    let answers = futures::future::join_all((0..tries).map(|_| cliente.post("/sesiones", body.clone()))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!(count(401) + count(429), tries);
    (count(401), count(429))
}

#[tokio::test]
async fn an_attacker_gets_ten_tries_an_hour_and_the_owner_gets_in() {
    let huella = Huella::start().await;
    let attacker = desde(&huella, "127.0.0.66");
    let (looked_at, turned_away) = atacar(&attacker, &mal(RECEPCION_LIMA), 200).await;
    assert!(looked_at <= 10 && turned_away >= 190, "{looked_at} tries were looked at");
    let refused = attacker.post("/sesiones", ingreso(RECEPCION_LIMA)).await;
    let wait: u64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    refused.problem(429, "demasiados-intentos");
    assert!(wait <= 90 * 60, "{wait}");
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    attacker.post("/sesiones", ingreso(DR_SOTO)).await.ok();
    let noted: i64 = huella.scalar("select count(*) from accesos where resultado = 'demasiados_intentos'").await;
    assert_eq!(noted, 1, "not a line for each");
}

#[tokio::test]
async fn a_known_device_gets_in_from_the_attackers_own_address() {
    let huella = Huella::start().await;
    let clinic = desde(&huella, "127.0.0.67");
    let before = clinic.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
    atacar(&clinic, &mal(RECEPCION_LIMA), 50).await;
    clinic.post("/sesiones", ingreso(RECEPCION_LIMA)).await.problem(429, "demasiados-intentos");
    let known = con(ingreso(RECEPCION_LIMA), "dispositivo", before["dispositivo"].clone());
    clinic.post("/sesiones", known).await.ok();
    // The token is of one account: it opens no bucket of another.
    atacar(&clinic, &mal(DR_SOTO), 50).await;
    let borrowed = con(ingreso(DR_SOTO), "dispositivo", before["dispositivo"].clone());
    clinic.post("/sesiones", borrowed).await.problem(429, "demasiados-intentos");
}

#[tokio::test]
async fn a_device_and_its_address_together_stay_under_twenty_tries() {
    let huella = Huella::start().await;
    let thief = desde(&huella, "127.0.0.68");
    let stolen = thief.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
    let (by_address, _) = atacar(&thief, &mal(RECEPCION_LIMA), 40).await;
    let (by_device, _) = atacar(&thief, &con(mal(RECEPCION_LIMA), "dispositivo", stolen["dispositivo"].clone()), 40).await;
    assert!(by_address + by_device < 20, "{by_address} + {by_device}");
}

#[tokio::test]
async fn no_rolling_hour_sees_more_and_ninety_minutes_later_all_is_well() {
    let huella = Huella::start().await;
    let attacker = desde(&huella, "127.0.0.69");
    huella.avanzar(SignedDuration::from_mins(25));
    assert_eq!(atacar(&attacker, &mal(RECEPCION_LIMA), 20).await.0, 10);
    for _ in 0..5 {
        huella.avanzar(SignedDuration::from_mins(11));
        assert_eq!(atacar(&attacker, &mal(RECEPCION_LIMA), 5).await.0, 0);
    }
    huella.avanzar(SignedDuration::from_mins(35));
    attacker.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
}

#[tokio::test]
async fn right_passwords_do_not_use_tries_up() {
    let huella = Huella::start().await;
    for _ in 0..15 {
        ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    }
}

#[tokio::test]
async fn an_unknown_account_is_counted_like_any_other() {
    let huella = Huella::start().await;
    let attacker = desde(&huella, "127.0.0.70");
    let (looked_at, turned_away) = atacar(&attacker, &mal("nadie@andina.example.pe"), 30).await;
    assert_eq!((looked_at, turned_away), (10, 20));
    let (looked_at, _) = atacar(&attacker, &con(mal(RECEPCION_LIMA), "cadena", "no-existe"), 30).await;
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn a_stolen_session_is_no_place_to_guess_the_password() {
    let huella = Huella::start().await;
    let thief = desde(&huella, "127.0.0.71");
    let stolen = thief.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
    let session = thief.with_token(token(&stolen));
    let guess = json!({ "actual": "adivinanza-2026", "nueva": "caballo verde tras la lluvia" });
    for _ in 0..6 {
        assert_eq!(session.post("/cuenta/contrasena", guess.clone()).await.wrong_fields(), ["/actual"]);
    }
    for _ in 0..2 {
        let wrong = session.post("/cuenta/segundo-factor", json!({ "contrasena": "adivinanza-2026" })).await;
        assert_eq!(wrong.wrong_fields(), ["/contrasena"]);
    }
    // What was guessed there is not there to be guessed at the sign-in, and the other way round.
    let (by_address, _) = atacar(&thief, &mal(RECEPCION_LIMA), 40).await;
    assert_eq!(by_address, 2);
    session.post("/cuenta/contrasena", guess).await.problem(429, "demasiados-intentos");
    let (by_device, _) = atacar(&thief, &con(mal(RECEPCION_LIMA), "dispositivo", stolen["dispositivo"].clone()), 40).await;
    assert!(6 + 2 + by_address + by_device < 20, "{by_device}");
}

#[tokio::test]
async fn many_known_devices_are_no_more_than_one() {
    let huella = Huella::start().await;
    let thief = desde(&huella, "127.0.0.72");
    let mut looked_at = 0;
    for _ in 0..4 {
        let device = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok()["dispositivo"].clone();
        looked_at += atacar(&thief, &con(mal(RECEPCION_LIMA), "dispositivo", device), 10).await.0;
    }
    assert_eq!(looked_at, 8);
}

#[tokio::test]
async fn one_network_cannot_try_a_few_passwords_on_everybody() {
    let huella = Huella::start().await;
    let known = desde(&huella, "127.0.0.73");
    let device = known.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok()["dispositivo"].clone();
    let mut looked_at = 0;
    for account in 0..26 {
        looked_at += atacar(&known, &mal(&format!("persona{account}@andina.example.pe")), 5).await.0;
    }
    assert_eq!(looked_at, 100);
    let written: i64 = huella.scalar("select count(*) from accesos").await;
    assert_eq!(written, 100 + 1 + 1, "the tries, one refusal, the first sign-in");
    known.post("/sesiones", ingreso(DR_SOTO)).await.problem(429, "demasiados-intentos");
    known.post("/sesiones", con(ingreso(RECEPCION_LIMA), "dispositivo", device)).await.ok();
    desde(&huella, "127.0.0.74").post("/sesiones", ingreso(DR_SOTO)).await.ok();
}

#[tokio::test]
async fn forgotten_passwords_of_nobody_write_nothing_and_come_to_an_end() {
    let huella = Huella::start().await;
    let stranger = desde(&huella, "127.0.0.75");
    let ask = |account: usize| {
        let stranger = &stranger;
        async move {
            stranger.post("/cuenta/olvido", json!({ "cadena": "andina", "correo": format!("nadie{account}@andina.example.pe") })).await
        }
    };
    let answers = futures::future::join_all((0..65).map(ask)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 202).count(), 60);
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 429).count(), 5);
    assert_eq!(huella.scalar::<i64>("select count(*) from outbox where tema like 'cuenta.%'").await, 0);
}
