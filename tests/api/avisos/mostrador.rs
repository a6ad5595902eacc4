//! The desk: what failed, and sending it again.
use super::{Mundo, SMS, WHATSAPP, rechazado};
use huella_tests::{andina::DR_SOTO, id};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn what_failed_is_sent_again_from_the_first_channel_and_says_what_is_true_by_then() {
    let mundo = Mundo::start().await;
    mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp", "sms"] })).await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, rechazado("1"));
    mundo.guion.falla(SMS, rechazado("2"));
    let cita = mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let failed = mundo.mensajes("estado=fallido&atendido=false").await.remove(0);
    let path = format!("/mensajes/{}/reenviar", id(&failed));
    mundo.huella.como(DR_SOTO).await.post(&path, json!({})).await.problem(403, "sin-permiso");
    mundo.recepcion().await.post(&path, json!({ "canal": "paloma" })).await.problem(422, "datos-invalidos");
    mundo.recepcion().await.post(&path, json!({})).await.ok();
    mundo.trabajar().await;
    let listed = mundo.mensajes("").await.remove(0);
    let tried: Vec<&str> = listed["envios"].as_array().expect("a list").iter().filter_map(|one| one["estado"].as_str()).collect();
    assert_eq!(
        (tried, &listed["estado"], &listed["canal"]),
        (vec!["fallido", "fallido", "enviado"], &json!("enviado"), &json!("whatsapp"))
    );
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where entidad = 'mensaje' and accion = 'reenviar'").await;
    assert_eq!(audited, 1);

    // Of an appointment that is over there is nothing to say.
    let gone = format!("/citas/{}?motivo=No%20viene", id(&cita));
    mundo.recepcion().await.delete(&gone).await.ok();
    mundo.trabajar().await;
    let before = mundo.guion.enviados().len();
    mundo.recepcion().await.post(&path, json!({})).await.ok();
    mundo.trabajar().await;
    assert_eq!(mundo.guion.enviados().len(), before);
    assert_eq!(mundo.mensajes("tipo=cita_reservada").await[0]["estado"], "omitido");
}

#[tokio::test]
async fn a_channel_of_choice_fails_without_another_and_old_messages_stay_as_they_are() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let path = format!("/mensajes/{}/reenviar", id(&mundo.mensajes("").await[0]));
    mundo.guion.falla(SMS, rechazado("7"));
    mundo.recepcion().await.post(&path, json!({ "canal": "sms" })).await.ok();
    mundo.trabajar().await;
    let listed = &mundo.mensajes("estado=fallido&canal=sms").await[0];
    assert_eq!(listed["error"], "el proveedor lo rechazó: 7");
    assert_eq!((mundo.guion.por(WHATSAPP).len(), familia.asuntos().len()), (1, 0), "by no other way than the one that was chosen");

    mundo.huella.execute("update mensajes set datos = null").await;
    mundo.recepcion().await.post(&path, json!({})).await.problem(409, "mensaje-sin-datos");
    mundo.huella.avanzar(SignedDuration::from_hours(1));
    let file = mundo.admin().await.get("/mensajes?formato=csv").await;
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    assert!(file.status.is_success() && text.contains("canal") && text.contains("fallido"), "{text}");
}
