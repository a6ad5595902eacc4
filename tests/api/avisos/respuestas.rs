//! What owners answer by phone does what the page behind a link does.
use super::{Mundo, SMS, WHATSAPP, variable};
use alertas::canales::{Novedad, Respuesta};
use huella_tests::{andina::RECEPCION_CUSCO, costera};
use jiff::SignedDuration;
use serde_json::{Value, json};

#[tokio::test]
async fn a_button_confirms_and_the_other_one_cancels_each_once() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.enviados().remove(0);
    let (si, no) = (variable(&sent, "boton.0").to_owned(), variable(&sent, "boton.1").to_owned());
    let pressed = mundo.pulsa(&familia, &si);
    mundo.recibe(WHATSAPP, &[pressed.clone(), pressed.clone()]).await;
    mundo.avisa(WHATSAPP, pressed).await;
    let confirmed = mundo.cita(&cita).await;
    assert_eq!((&confirmed["estado"], confirmed["version"].as_i64()), (&json!("confirmada"), Some(2)));
    let answers = mundo.respuestas("").await;
    assert_eq!((answers.len(), &answers[0]["hecho"], &answers[0]["cita_id"]), (1, &json!("confirmada"), &cita["id"]));
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where entidad = 'cita' and accion = 'cambiar'").await;
    assert_eq!(audited, 1);

    mundo.huella.avanzar(SignedDuration::from_secs(1));
    mundo.avisa(WHATSAPP, mundo.pulsa(&familia, &no)).await;
    assert_eq!(mundo.cita(&cita).await["estado"], "anulada");
    mundo.huella.avanzar(SignedDuration::from_secs(1));
    mundo.avisa(WHATSAPP, mundo.pulsa(&familia, &si)).await;
    assert_eq!(mundo.cita(&cita).await["estado"], "anulada");
    assert_eq!(mundo.respuestas("abierta=true").await[0]["hecho"], "no_se_puede", "somebody has to call");

    // What a button carries is no link, a link is no button, and neither is what somebody made up.
    let nobody = mundo.huella.nadie();
    assert_eq!(nobody.get(&format!("/citas/respuestas/{si}")).await.status, 404);
    for made_up in [si.replacen("hb_", "ha_", 1), format!("{si}x"), "hb_x".into(), huella_tests::id(&cita)] {
        assert_eq!(nobody.get(&format!("/citas/respuestas/{made_up}")).await.status, 404);
        mundo.huella.avanzar(SignedDuration::from_secs(1));
        mundo.avisa(WHATSAPP, mundo.pulsa(&familia, &made_up)).await;
        assert_eq!(mundo.respuestas("").await[0]["hecho"], "por_leer", "{made_up}");
    }
}

#[tokio::test]
async fn one_word_answers_the_last_message_and_anything_else_is_read_by_somebody() {
    let mundo = Mundo::start().await;
    mundo.ajustar(json!({ "confirmaciones": true, "canales": ["sms"] })).await;
    let familia = mundo.familia("Luna").await;
    let first = mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    mundo.huella.avanzar(SignedDuration::from_mins(1));
    let last = mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    mundo.avisa(WHATSAPP, mundo.dice(&familia, "si")).await;
    assert_eq!(mundo.respuestas("abierta=true").await.len(), 1, "by that channel nobody asked anything");
    mundo.avisa(SMS, mundo.dice(&familia, "Sí!")).await;
    assert_eq!((&mundo.cita(&first).await["estado"], &mundo.cita(&last).await["estado"]), (&json!("programada"), &json!("confirmada")));

    // An answer to a message of before is about that one.
    let before = mundo.guion.por(SMS).remove(0);
    let answer = Respuesta {
        de: familia.telefono.clone(),
        texto: "2".into(),
        boton: None,
        referencia: Some(format!("ref-{}", before.clave)),
        en: mundo.huella.now(),
    };
    mundo.avisa(SMS, Novedad::Respuesta(answer)).await;
    assert_eq!((&mundo.cita(&first).await["estado"], &mundo.cita(&last).await["estado"]), (&json!("anulada"), &json!("confirmada")));

    mundo.huella.avanzar(SignedDuration::from_mins(1));
    mundo.avisa(SMS, mundo.dice(&familia, "No puedo, ¿el jueves?")).await;
    assert_eq!(mundo.cita(&last).await["estado"], "confirmada", "not every no is one");
    let read = mundo.respuestas("abierta=true").await.remove(0);
    assert_eq!(
        (read["texto"].as_str(), &read["tutor_id"], &read["hecho"]),
        (Some("No puedo, ¿el jueves?"), &json!(familia.tutor), &json!("por_leer"))
    );
    let attend = format!("/mensajes/respuestas/{}/atender", huella_tests::id(&read));
    for _ in 0..2 {
        let done = mundo.recepcion().await.post(&attend, json!({})).await.ok();
        assert_eq!((done["atendida_en"].is_string(), done["version"].as_i64()), (true, Some(2)));
    }
    assert_eq!(mundo.respuestas("abierta=true").await.len(), 1);
    let ajena = mundo.huella.como(costera::ADMIN).await;
    ajena.post(&attend, json!({})).await.problem(404, "no-encontrado");
    assert_eq!(ajena.get("/mensajes/respuestas").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_stranger_is_heard_and_a_past_appointment_is_not_answered() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia.mascota, "2026-03-02T15:30:00").await;
    mundo.trabajar().await;
    mundo.avisa(WHATSAPP, mundo.escribe("+51912345678", "¿Atienden conejos?", None)).await;
    let stranger = mundo.respuestas("").await.remove(0);
    assert_eq!((stranger["de"].as_str(), stranger["texto"].as_str()), (Some("+51912345678"), Some("¿Atienden conejos?")));
    let clear: i64 = mundo.huella.scalar("select count(*) from mensajes_respuestas t where t::text ~ 'conejos|912345678'").await;
    assert_eq!(clear, 0);
    mundo.avisa(WHATSAPP, mundo.escribe("+51912345678", "SI", None)).await;
    assert_eq!(mundo.cita(&cita).await["estado"], "programada");

    mundo.huella.avanzar(SignedDuration::from_hours(8));
    let button = variable(&mundo.guion.enviados().remove(0), "boton.0").to_owned();
    mundo.avisa(WHATSAPP, mundo.pulsa(&familia, &button)).await;
    mundo.avisa(WHATSAPP, mundo.dice(&familia, "NO")).await;
    assert_eq!(mundo.cita(&cita).await["estado"], "programada", "it has begun");
    assert!(mundo.respuestas("").await.iter().all(|one| one["hecho"] == "por_leer"));
}

#[tokio::test]
async fn who_wants_no_more_gets_no_more_by_that_way() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    mundo.avisa(WHATSAPP, mundo.dice(&familia, "BAJA")).await;
    assert_eq!(mundo.respuestas("").await[0]["hecho"], "baja");
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.por(WHATSAPP).len(), mundo.guion.por(SMS).len()), (1, 1));
    let consents = mundo.recepcion().await.get(&format!("/tutores/{}/consentimientos", familia.tutor)).await.ok();
    let line = &consents["registro"][0];
    assert_eq!((&line["otorgado"], &line["medio"], &line["canal"]), (&json!(false), &json!("whatsapp"), &json!("mensaje")));
}

/// Owner and desk at once: one of them is first, and the appointment is what that one made of it.
#[tokio::test]
async fn a_pet_that_arrived_is_not_cancelled_by_a_late_answer() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia.mascota, "2026-03-02T10:30:00").await;
    mundo.trabajar().await;
    let no = variable(&mundo.guion.enviados().remove(0), "boton.1").to_owned();
    mundo.recepcion().await.put(&format!("/citas/{}/estado", huella_tests::id(&cita)), json!({ "estado": "en_espera" })).await.ok();
    mundo.avisa(WHATSAPP, mundo.pulsa(&familia, &no)).await;
    assert_eq!(mundo.cita(&cita).await["estado"], "en_espera");
    let told = mundo.respuestas("abierta=true").await;
    assert_eq!((told.len(), &told[0]["hecho"]), (1, &json!("no_se_puede")));
    // Another sede does not see to what is not its own message, but hears what its owners write.
    let cusco = mundo.huella.como(RECEPCION_CUSCO).await;
    assert_eq!(cusco.get("/mensajes").await.ok()["items"], json!([]));
    let listed: Value = mundo.mensajes("").await[0].clone();
    cusco.post(&format!("/mensajes/{}/reenviar", huella_tests::id(&listed)), json!({})).await.problem(404, "no-encontrado");
}
