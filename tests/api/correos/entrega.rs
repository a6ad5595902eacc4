//! Letters through a mail server that refuses, is busy, or takes one and does not hear of it again.
use super::{Mundo, trabajar};
use jiff::SignedDuration;
use serde_json::json;
use server::trabajos::{self, worker};

#[tokio::test]
async fn an_address_that_is_refused_is_noted_and_not_tried_again() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia_en("Luna", "rechazo.example").await;
    mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let failed = mundo.mensajes("estado=fallido").await;
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0]["error"].as_str(), failed[0]["intentos"].as_i64()), (Some("smtp: rechazado 550"), Some(1)));
    assert_eq!(failed[0]["correo"], json!(familia.correo));
    mundo.huella.avanzar(SignedDuration::from_hours(2));
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("estado=fallido").await[0]["intentos"], 1);
    // Mended, and begun anew by hand.
    let tutor = mundo.recepcion().await.get(&format!("/tutores/{}", familia.tutor)).await.ok();
    let correo = format!("m{}@tutores.example", uuid::Uuid::now_v7().simple());
    let mended = json!({ "nombres": tutor["nombres"], "apellidos": tutor["apellidos"], "correo": correo });
    mundo.recepcion().await.put(&format!("/tutores/{}", familia.tutor), mended).await.ok();
    let dead = mundo.admin().await.get("/trabajos?estado=muerto&tipo=aviso.enviar").await.ok();
    let again = format!("/trabajos/{}/reintentar", dead["items"][0]["id"].as_str().expect("dead work"));
    mundo.admin().await.post(&again, json!({})).await.ok();
    mundo.trabajar().await;
    assert_eq!(huella_tests::afuera::cartas(&correo).len(), 1);
    assert_eq!(mundo.mensajes("").await[0]["estado"], "enviado");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_later_and_a_letter_that_came_too_late_is_left_out() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia_en("Luna", "ocupado.example").await;
    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let waiting = mundo.mensajes("estado=pendiente").await;
    assert_eq!((waiting.len(), waiting[0]["error"].as_str()), (1, Some("smtp: sin conexión 451")));
    mundo.huella.avanzar(SignedDuration::from_secs(5));
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("estado=pendiente").await[0]["intentos"], 2);
    mundo.mover(&cita, "2026-03-04T09:00:00").await;
    mundo.trabajar().await;
    mundo.huella.avanzar(SignedDuration::from_secs(30));
    mundo.trabajar().await;
    let left_out = mundo.mensajes("tipo=cita_reservada").await;
    assert_eq!(left_out[0]["estado"], "omitido", "the later letter says it all: {left_out:#?}");
}

/// The mail server has it, and the worker that handed it over is gone before it could say so.
#[tokio::test]
async fn a_worker_that_dies_between_sending_and_noting_sends_again_under_the_same_id() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    worker::work_once(&mundo.huella.parts).await.expect("looked");
    // Lent, sent, and neither noted nor finished.
    let lent = worker::lend(&mundo.huella.parts, 8).await.expect("lent");
    assert_eq!(lent.len(), 1);
    trabajos::tasks::perform(&mundo.huella.parts, &lent[0]).await.expect("sent");
    mundo.huella.execute("update mensajes set estado = 'pendiente'").await;
    assert_eq!(familia.cartas().len(), 1);
    mundo.trabajar().await;
    assert_eq!(familia.cartas().len(), 1, "as long as it is lent nobody else takes it");
    mundo.huella.avanzar(SignedDuration::from_secs(61));
    mundo.trabajar().await;
    let ids: Vec<String> = familia.cartas().into_iter().map(|carta| carta.id).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    // Noted, and asked for once more: nothing.
    mundo.huella.avanzar(SignedDuration::from_secs(61));
    mundo.trabajar().await;
    assert_eq!(familia.cartas().len(), 2);
}

#[tokio::test]
async fn two_servers_send_each_letter_once() {
    let mundo = Mundo::start().await;
    let otra = mundo.huella.otra_instancia().await;
    let mut familias = Vec::new();
    for number in 0..10 {
        let familia = mundo.familia(&format!("Luna {number}")).await;
        mundo.reservar(&familia, &format!("2026-03-03T{:02}:00:00", 8 + number)).await;
        familias.push(familia);
    }
    for _ in 0..3 {
        tokio::join!(trabajar(&mundo.huella), trabajar(&otra));
    }
    for familia in familias {
        assert_eq!(familia.cartas().len(), 1);
    }
}
