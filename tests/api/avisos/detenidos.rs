//! Channels that ask to be waited for, rest, or are gone by the time a message would leave.
use super::{
    Guion, Mundo, SMS, WHATSAPP,
    canales::{envios, pares},
    luego,
};
use alertas::canales::CanalFallo;
use huella_tests::id;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;

const DESCANSA: &str = "el complemento falló varias veces seguidas y descansa";

fn descansa(segundos: u64) -> CanalFallo {
    CanalFallo::Detenido { detalle: DESCANSA.into(), espera: Some(Duration::from_secs(segundos)) }
}

impl Mundo {
    /// Nothing but WhatsApp.
    async fn solo_whatsapp() -> Self {
        let mundo = Self::start().await;
        mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp"] })).await;
        mundo
    }
}

#[tokio::test]
async fn who_asks_to_be_waited_for_is_waited_for() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, CanalFallo::Luego(Some(Duration::from_secs(90))));
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    mundo.pasan(SignedDuration::from_secs(60)).await;
    assert_eq!(mundo.guion.por(WHATSAPP).len(), 1, "not before the time that it said");
    mundo.pasan(SignedDuration::from_secs(60)).await;
    assert_eq!(mundo.guion.por(WHATSAPP).len(), 2);
    // Who asks for a day is asked within the hour.
    mundo.guion.falla(WHATSAPP, CanalFallo::Luego(Some(Duration::from_secs(86_400))));
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    mundo.pasan(SignedDuration::from_secs(3_601)).await;
    assert_eq!((mundo.guion.por(WHATSAPP).len(), mundo.mensajes("estado=enviado").await.len()), (4, 2));
}

#[tokio::test]
async fn what_waits_for_a_channel_that_is_gone_by_then_goes_by_the_next() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, luego());
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(envios(&mundo.mensajes("estado=pendiente").await[0]), pares(&[("whatsapp", "pendiente")]));
    mundo.guion.retirar(WHATSAPP);
    mundo.pasan(SignedDuration::from_secs(7)).await;
    let listed = &mundo.mensajes("estado=enviado").await[0];
    assert_eq!(envios(listed), pares(&[("whatsapp", "fallido"), ("sms", "enviado")]));
    assert_eq!(listed["envios"][0]["error"], "el canal no está activo");
    assert_eq!((mundo.guion.por(WHATSAPP).len(), familia.asuntos().len()), (1, 0));
}

#[tokio::test]
async fn where_no_other_way_is_left_the_desk_sees_it_and_sends_it_again() {
    let mundo = Mundo::solo_whatsapp().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, luego());
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    mundo.guion.retirar(WHATSAPP);
    mundo.pasan(SignedDuration::from_secs(7)).await;
    // And one that was asked for meanwhile.
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    let failed = mundo.mensajes("estado=fallido&atendido=false").await;
    assert_eq!(failed.len(), 2, "{failed:#?}");
    assert!(failed.iter().all(|one| one["error"] == "el canal no está activo"), "{failed:#?}");
    assert_eq!(mundo.mensajes("estado=omitido").await.len(), 0);

    let back = Guion::con(&["whatsapp"]);
    *mundo.guion.canales.lock().expect("a lock") = back.canales.lock().expect("a lock").clone();
    for one in &failed {
        mundo.recepcion().await.post(&format!("/mensajes/{}/reenviar", id(one)), json!({})).await.ok();
    }
    mundo.trabajar().await;
    assert_eq!((mundo.mensajes("estado=enviado").await.len(), mundo.guion.por(WHATSAPP).len()), (2, 3));
}

#[tokio::test]
async fn a_channel_that_rests_is_left_for_another_and_waited_for_where_there_is_none() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, descansa(30));
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(envios(&mundo.mensajes("").await[0]), pares(&[("whatsapp", "fallido"), ("sms", "enviado")]), "at once");

    mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp"] })).await;
    mundo.guion.falla(WHATSAPP, descansa(30));
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("estado=pendiente").await[0]["error"], DESCANSA);
    mundo.pasan(SignedDuration::from_secs(20)).await;
    assert_eq!(mundo.guion.por(WHATSAPP).len(), 2);
    mundo.pasan(SignedDuration::from_secs(20)).await;
    assert_eq!((mundo.guion.por(WHATSAPP).len(), mundo.mensajes("estado=enviado").await.len()), (3, 2));

    // Not for ever.
    for _ in 0..3 {
        mundo.guion.falla(WHATSAPP, descansa(30));
    }
    mundo.reservar(&familia.mascota, "2026-03-05T15:30:00").await;
    for _ in 0..3 {
        mundo.pasan(SignedDuration::from_secs(40)).await;
    }
    let failed = &mundo.mensajes("estado=fallido").await[0];
    assert_eq!(failed["error"], DESCANSA);
    // Nor for code that was put away.
    let away =
        CanalFallo::Detenido { detalle: "el complemento se detuvo por errores repetidos y está en cuarentena".into(), espera: None };
    mundo.guion.falla(WHATSAPP, away);
    mundo.reservar(&familia.mascota, "2026-03-06T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("estado=fallido").await.len(), 2);
    assert_eq!(mundo.guion.por(SMS).len(), 1);
}

/// The plugin had it, its worker died before it could say so, and the plugin is gone: it may have arrived.
#[tokio::test]
async fn what_may_have_left_by_a_channel_that_is_gone_goes_by_no_other() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.manda_y_muere().await;
    mundo.guion.retirar(WHATSAPP);
    mundo.pasan(SignedDuration::from_secs(61)).await;
    let unsure = &mundo.mensajes("estado=incierto").await[0];
    assert_eq!((envios(unsure), mundo.guion.por(SMS).len()), (pares(&[("whatsapp", "incierto")]), 0));
}
