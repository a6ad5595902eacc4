//! Letters through a mail server that wants encryption and a password, as those of providers do.
use super::Mundo;
use huella_tests::{Modo, buzon::Buzon};
use jiff::SignedDuration;
use rstest::rstest;

const CLAVE: &str = "una-clave-del-proveedor";

/// A chain whose first letter waits for its turn.
async fn con_una_carta(correo: adapters::SmtpConfig) -> (Mundo, String) {
    let mundo = Mundo::start_with(Modo { correo: Some(correo), ..Modo::default() }).await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    (mundo, familia.correo)
}

/// How the only letter stands, and why.
async fn estado(mundo: &Mundo) -> (String, Option<String>) {
    let all = mundo.mensajes("").await;
    assert_eq!(all.len(), 1, "{all:#?}");
    (all[0]["estado"].as_str().expect("a state").to_owned(), all[0]["error"].as_str().map(str::to_owned))
}

#[rstest]
#[tokio::test]
async fn a_letter_leaves_behind_starttls_and_a_password(#[values("PLAIN", "LOGIN")] mecanismo: &'static str) {
    let buzon = Buzon::start(mecanismo, CLAVE).await;
    let (mundo, correo) = con_una_carta(buzon.conocida(CLAVE)).await;
    assert_eq!(estado(&mundo).await, ("enviado".into(), None));
    let cartas = buzon.cartas();
    assert!(cartas.len() == 1 && cartas[0].contains(&correo), "{cartas:?}");
    assert_eq!(buzon.en_claro(), ["EHLO", "STARTTLS"], "all else was said where nobody could read it");
}

#[tokio::test]
async fn a_wrong_password_keeps_a_letter_waiting_and_says_so_until_it_is_mended() {
    let buzon = Buzon::start("PLAIN LOGIN", CLAVE).await;
    let (mundo, correo) = con_una_carta(buzon.conocida("la-de-antes")).await;
    assert_eq!(estado(&mundo).await, ("pendiente".into(), Some("smtp: credenciales 535".into())));
    assert!(buzon.cartas().is_empty());
    buzon.cambiar_clave("la-de-antes");
    mundo.huella.avanzar(SignedDuration::from_mins(5));
    mundo.trabajar().await;
    assert_eq!(estado(&mundo).await.0, "enviado");
    assert!(buzon.cartas()[0].contains(&correo));
}

#[tokio::test]
async fn who_signed_the_certificate_has_to_be_known() {
    let buzon = Buzon::start("PLAIN", CLAVE).await;
    let (mundo, _) = con_una_carta(buzon.entrada(CLAVE)).await;
    assert_eq!(estado(&mundo).await, ("pendiente".into(), Some("smtp: sin conexión".into())));
    assert_eq!((buzon.cartas().len(), buzon.en_claro()), (0, vec!["EHLO".to_owned(), "STARTTLS".to_owned()]));
}
