//! Which way a message goes, and what becomes of it.
use super::{Mundo, SMS, WHATSAPP, luego, rechazado, variable};
use alertas::canales::{CanalFallo, Entrega, EstadoEntrega, Novedad};
use jiff::SignedDuration;
use serde_json::{Value, json};

pub(super) fn envios(mensaje: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    mensaje["envios"].as_array().expect("a list").iter().map(|envio| (text(&envio["canal"]), text(&envio["estado"]))).collect()
}

pub(super) fn pares(pares: &[(&str, &str)]) -> Vec<(String, String)> {
    pares.iter().map(|(canal, estado)| ((*canal).to_owned(), (*estado).to_owned())).collect()
}

#[tokio::test]
async fn who_agreed_hears_by_whatsapp_and_who_never_said_so_by_mail() {
    let mundo = Mundo::start().await;
    let (familia, callada) = (mundo.familia("Luna").await, mundo.desconocida("Kira").await);
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.reservar(&callada.mascota, "2026-03-03T16:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.enviados();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (uno, saliente) = (&sent[0], &sent[0].mensaje);
    assert_eq!((uno.complemento.as_str(), uno.intento, saliente.a.as_str()), (WHATSAPP, 0, familia.telefono.as_str()));
    assert_eq!(saliente.plantilla, "cita_reservada");
    assert_eq!((variable(uno, "2"), variable(uno, "3")), ("Luna", "martes 3 de marzo de 2026, 3:30 p. m."));
    assert!(saliente.texto.contains("Luna") && saliente.texto.contains("Andina Lima"), "{}", saliente.texto);
    assert_ne!(variable(uno, "boton.0"), variable(uno, "boton.1"));
    assert_eq!((familia.asuntos().len(), callada.asuntos().len()), (0, 1));
    let listed = &mundo.mensajes(&format!("tutor_id={}", familia.tutor)).await[0];
    assert_eq!((&listed["estado"], &listed["canal"]), (&json!("enviado"), &json!("whatsapp")));
    assert_eq!(listed["envios"][0]["destino"], json!(familia.telefono));
    assert_eq!(mundo.mensajes("canal=correo").await.len(), 1);
}

#[tokio::test]
async fn what_one_channel_refuses_goes_by_the_next_and_the_desk_sees_why() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, rechazado("132001"));
    mundo.guion.falla(SMS, CanalFallo::SinPermiso("no".into()));
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let keys: Vec<String> = mundo.guion.enviados().into_iter().map(|enviado| enviado.clave).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "a key for each channel: {keys:?}");
    assert_eq!(familia.asuntos().len(), 1);
    let listed = &mundo.mensajes("").await[0];
    assert_eq!(envios(listed), pares(&[("whatsapp", "fallido"), ("sms", "fallido"), ("correo", "enviado")]));
    assert_eq!((&listed["envios"][0]["codigo"], &listed["estado"]), (&json!("132001"), &json!("enviado")));

    // Where every way fails, the message has failed, and is dead work that can be begun anew.
    mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp"] })).await;
    mundo.guion.falla(WHATSAPP, rechazado("131026"));
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    let failed = mundo.mensajes("estado=fallido").await;
    assert_eq!((failed.len(), failed[0]["error"].as_str()), (1, Some("el proveedor lo rechazó: 131026")));
    assert_eq!(mundo.admin().await.get("/trabajos?estado=muerto&tipo=aviso.enviar").await.ok()["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_with_the_same_key_and_a_plugin_that_does_not_run_is_not_waited_for() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, luego());
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("estado=pendiente").await[0]["error"], "el proveedor pide esperar");
    mundo.pasan(SignedDuration::from_secs(7)).await;
    let sent = mundo.guion.por(WHATSAPP);
    assert_eq!(sent.iter().map(|enviado| enviado.intento).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(sent[0].clave, sent[1].clave);
    assert_eq!(mundo.mensajes("estado=enviado").await.len(), 1);

    for _ in 0..3 {
        mundo.guion.falla(WHATSAPP, CanalFallo::NoCorrio("cuarentena".into()));
    }
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    for _ in 0..3 {
        mundo.pasan(SignedDuration::from_secs(20)).await;
    }
    assert_eq!(envios(&mundo.mensajes("").await[0]), pares(&[("whatsapp", "fallido"), ("sms", "enviado")]));
}

#[tokio::test]
async fn what_nobody_knows_the_end_of_is_never_sent_again_by_itself() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.guion.falla(WHATSAPP, CanalFallo::Incierto("cortada".into()));
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    for _ in 0..5 {
        mundo.pasan(SignedDuration::from_hours(1)).await;
    }
    assert_eq!((mundo.guion.enviados().len(), familia.asuntos().len()), (1, 0));
    let unsure = mundo.mensajes("estado=incierto").await;
    assert_eq!(envios(&unsure[0]), pares(&[("whatsapp", "incierto")]));

    // Somebody decides.
    let path = format!("/mensajes/{}/reenviar", huella_tests::id(&unsure[0]));
    let again = mundo.recepcion().await.post(&path, json!({ "canal": "sms" })).await.ok();
    assert_eq!(again["estado"], "pendiente");
    mundo.recepcion().await.post(&path, json!({})).await.problem(409, "mensaje-en-camino");
    mundo.trabajar().await;
    let sent = mundo.guion.enviados();
    assert!(sent.len() == 2 && sent[1].complemento == SMS && sent[1].clave != sent[0].clave, "{sent:?}");

    // And a webhook that brings the key back settles what was open.
    mundo.guion.falla(WHATSAPP, CanalFallo::Incierto("cortada".into()));
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    let open = mundo.guion.por(WHATSAPP).pop().expect("sent");
    let entrega = Entrega {
        referencia: "wamid.9".into(),
        clave: Some(open.clave),
        estado: EstadoEntrega::Entregado,
        codigo: None,
        en: mundo.huella.now(),
    };
    mundo.avisa(SMS, Novedad::Entrega(entrega.clone())).await;
    assert_eq!(mundo.mensajes("estado=incierto").await.len(), 1, "another plugin knows nothing of it");
    mundo.avisa(WHATSAPP, Novedad::Entrega(entrega)).await;
    let settled = &mundo.mensajes("").await[0];
    assert_eq!((&settled["estado"], &settled["entrega"]), (&json!("enviado"), &json!("entregado")));
}

#[tokio::test]
async fn states_only_go_on_and_a_late_failure_goes_by_the_next_channel_once() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.enviados().remove(0);
    for estado in [EstadoEntrega::Leido, EstadoEntrega::Entregado, EstadoEntrega::Enviado, EstadoEntrega::Fallido] {
        mundo.avisa(WHATSAPP, mundo.entrega(&sent, estado)).await;
    }
    let read = &mundo.mensajes("entrega=leido").await[0];
    assert!(read["estado"] == "enviado" && read["envios"][0]["leido_en"].is_string(), "{read:#}");

    let otra = mundo.familia("Kira").await;
    mundo.reservar(&otra.mascota, "2026-03-03T16:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.por(WHATSAPP).pop().expect("sent");
    let failed = mundo.entrega(&sent, EstadoEntrega::Fallido);
    mundo.recibe(WHATSAPP, &[mundo.entrega(&sent, EstadoEntrega::Enviado), failed.clone(), failed.clone()]).await;
    mundo.recibe(WHATSAPP, std::slice::from_ref(&failed)).await;
    mundo.trabajar().await;
    mundo.avisa(WHATSAPP, failed).await;
    assert_eq!(mundo.guion.por(SMS).len(), 1);
    let listed = &mundo.mensajes(&format!("tutor_id={}", otra.tutor)).await[0];
    assert_eq!(envios(listed), pares(&[("whatsapp", "fallido"), ("sms", "enviado")]));
    assert_eq!((&listed["envios"][0]["codigo"], &listed["estado"]), (&json!("131026"), &json!("enviado")));
    // Nobody's message.
    let unknown = Entrega { referencia: "nadie".into(), clave: None, estado: EstadoEntrega::Leido, codigo: None, en: mundo.huella.now() };
    mundo.avisa(WHATSAPP, Novedad::Entrega(unknown)).await;
}

/// It failed late, and before it went out by the next channel it turned out to have arrived.
#[tokio::test]
async fn what_arrived_after_all_does_not_go_out_again() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.enviados().remove(0);
    mundo.recibe(WHATSAPP, &[mundo.entrega(&sent, EstadoEntrega::Fallido), mundo.entrega(&sent, EstadoEntrega::Entregado)]).await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.enviados().len(), mundo.mensajes("estado=enviado").await.len()), (1, 1));
}

/// The plugin has it, and the worker that handed it over is gone before it could say so.
#[tokio::test]
async fn a_worker_that_dies_between_sending_and_noting_asks_again_with_the_same_key() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.manda_y_muere().await;
    // Meanwhile the owner wants e-mail first: what is under way goes on where it was.
    let canales = format!("/tutores/{}/canales", familia.tutor);
    mundo.recepcion().await.put(&canales, json!({ "canales": ["correo"] })).await.ok();
    mundo.pasan(SignedDuration::from_secs(61)).await;
    let sent = mundo.guion.por(WHATSAPP);
    assert!(sent.len() == 2 && sent[0].clave == sent[1].clave && sent[1].intento == 1, "{sent:?}");
    assert_eq!((familia.asuntos().len(), mundo.mensajes("estado=enviado").await.len()), (0, 1));
}

#[tokio::test]
async fn an_owner_says_by_what_and_what_was_taken_back_is_kept() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let canales = format!("/tutores/{}/canales", familia.tutor);
    let before = mundo.recepcion().await.get(&canales).await;
    let etag = before.etag();
    assert_eq!(before.ok()["canales"], Value::Null);
    mundo.recepcion().await.put(&canales, json!({ "canales": ["sms", "sms"] })).await.problem(422, "datos-invalidos");
    mundo.recepcion().await.put_if(&canales, &etag, json!({ "canales": ["sms", "whatsapp"] })).await.ok();
    mundo.recepcion().await.put_if(&canales, &etag, json!({})).await.problem(412, "version-cambiada");
    mundo.reservar(&familia.mascota, "2026-03-03T09:30:00").await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.por(SMS).len(), mundo.guion.por(WHATSAPP).len()), (1, 0));

    // No text messages any more.
    mundo.consiente(&familia, false, Some("sms")).await;
    mundo.reservar(&familia.mascota, "2026-03-04T09:30:00").await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.por(SMS).len(), mundo.guion.por(WHATSAPP).len()), (1, 1));
    let consents = mundo.recepcion().await.get(&format!("/tutores/{}/consentimientos", familia.tutor)).await.ok();
    let held = consents["vigentes"].as_array().expect("a list").iter().find(|one| one["finalidad"] == "recordatorios").expect("said");
    assert_eq!((&held["otorgado"], &held["salvo"]), (&json!(true), &json!(["sms"])));

    // None at all, and then as the chain does it.
    mundo.recepcion().await.put(&canales, json!({ "canales": [] })).await.ok();
    let cita = mundo.reservar(&familia.mascota, "2026-03-05T09:30:00").await;
    mundo.trabajar().await;
    mundo.recepcion().await.put(&canales, json!({})).await.ok();
    let moved = json!({ "sede_id": cita["sede_id"], "servicio_id": cita["servicio_id"], "medico_id": cita["medico_id"], "inicio": "2026-03-05T10:30:00-05:00" });
    mundo.recepcion().await.put(&format!("/citas/{}", huella_tests::id(&cita)), moved).await.ok();
    mundo.trabajar().await;
    let told = mundo.guion.por(WHATSAPP).pop().expect("told").mensaje;
    assert_eq!(told.plantilla, "cita_movida");
    assert_eq!(familia.asuntos().len(), 0, "who wants to hear by nothing hears nothing");
}

#[tokio::test]
async fn a_channel_that_goes_away_is_none_and_only_its_sedes_have_it() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cusco: uuid::Uuid = mundo.huella.id_of("andina", "sedes", "codigo", "CUS").await.parse().expect("an id");
    mundo.guion.canales.lock().expect("a lock")[0].sedes = Some(vec![kernel::ids::SedeId(cusco)]);
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.por(WHATSAPP).len(), mundo.guion.por(SMS).len()), (0, 1));
    mundo.guion.canales.lock().expect("a lock").clear();
    mundo.ajustar(json!({ "confirmaciones": true, "canales": ["whatsapp", "sms"] })).await;
    mundo.reservar(&familia.mascota, "2026-03-04T15:30:00").await;
    mundo.trabajar().await;
    let failed = &mundo.mensajes("estado=fallido").await[0];
    assert_eq!(failed["error"], "whatsapp: el canal no está activo; sms: el canal no está activo");
}

#[tokio::test]
async fn a_reminder_of_the_night_waits_for_the_morning_by_any_channel() {
    let mundo = Mundo::start().await;
    mundo.ajustar(json!({ "recordatorios": true, "canales": ["whatsapp", "sms"] })).await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T19:00:00").await;
    mundo.huella.avanzar(SignedDuration::from_mins(12 * 60 + 45));
    alertas::programar(&mundo.huella.parts.system()).await.expect("asked for");
    mundo.trabajar().await;
    let sent = mundo.guion.enviados();
    assert_eq!((sent.len(), sent[0].mensaje.plantilla.as_str()), (1, "cita_recordatorio"), "a quarter to nine");
    mundo.huella.avanzar(SignedDuration::from_mins(20));
    mundo.avisa(WHATSAPP, mundo.entrega(&sent[0], EstadoEntrega::Fallido)).await;
    for _ in 0..10 {
        mundo.pasan(SignedDuration::from_hours(1)).await;
    }
    assert_eq!(mundo.guion.por(SMS).len(), 0, "in the hours of silence nobody is woken");
    for _ in 0..3 {
        mundo.pasan(SignedDuration::from_hours(1)).await;
    }
    assert_eq!(mundo.guion.por(SMS).len(), 1);
}

#[tokio::test]
async fn phones_are_nowhere_in_clear_and_gone_with_their_person() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    mundo.avisa(WHATSAPP, mundo.dice(&familia, "Mi perra se llama Luna y vivo en Surco")).await;
    let number = familia.telefono.trim_start_matches("+51");
    let tables = ["mensajes", "mensajes_envios", "mensajes_respuestas", "trabajos", "auditoria", "outbox", "eventos"];
    for table in tables {
        let found: i64 = mundo.huella.scalar(&format!("select count(*) from {table} t where t::text ~ '{number}|Surco'")).await;
        assert_eq!(found, 0, "{table}");
    }
    let file = mundo.admin().await.get(&format!("/tutores/{}/expediente", familia.tutor)).await.ok();
    assert_eq!((&file["mensajes"][0]["tipo"], &file["mensajes"][0]["canales"]), (&json!("cita_reservada"), &json!(["whatsapp"])));
    assert_eq!(file["respuestas"][0]["texto"], "Mi perra se llama Luna y vivo en Surco");

    let gone = format!("/citas/{}?motivo=No%20viene", huella_tests::id(&cita));
    mundo.recepcion().await.delete(&gone).await.ok();
    mundo.trabajar().await;
    let forget = format!("/tutores/{}/anonimizacion", familia.tutor);
    mundo.admin().await.post(&forget, json!({ "motivo": "Lo pidió" })).await.created();
    let listed = mundo.mensajes(&format!("tutor_id={}", familia.tutor)).await;
    assert!(
        !listed.is_empty()
            && listed.iter().all(|one| one["envios"].as_array().expect("a list").iter().all(|envio| envio["destino"].is_null()))
    );
    assert_eq!(mundo.respuestas("").await[0]["texto"], Value::Null);
    let path = format!("/mensajes/{}/reenviar", huella_tests::id(&listed[0]));
    mundo.recepcion().await.post(&path, json!({})).await.ok();
    let before = mundo.guion.enviados().len();
    mundo.trabajar().await;
    assert_eq!(mundo.guion.enviados().len(), before, "nobody is left to write to");
}

#[tokio::test]
async fn a_chain_says_it_in_its_own_few_words() {
    let mundo = Mundo::start().await;
    let path = "/plantillas-mensaje/cita_reservada/whatsapp";
    let all = mundo.admin().await.get("/plantillas-mensaje").await.ok();
    assert_eq!(all.as_array().map(Vec::len), Some(32));
    let bad = json!({ "texto": "{{ secreto }}", "variables": ["{{ mascota"], "botones": true });
    assert_eq!(mundo.admin().await.put(path, bad).await.wrong_fields(), ["/plantilla", "/texto", "/variables/0"]);
    let own = json!({ "texto": "Hola", "plantilla": "hola_v2", "variables": ["{{ mascota|upper }}"] });
    mundo.recepcion().await.put(path, own.clone()).await.problem(403, "sin-permiso");
    assert_eq!(mundo.admin().await.put(path, own).await.ok()["propia"], true);
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let sent = mundo.guion.enviados().remove(0).mensaje;
    assert_eq!((sent.plantilla.as_str(), sent.variables), ("hola_v2", vec![("1".to_owned(), "LUNA".to_owned())]));
    mundo.admin().await.delete(path).await.expect(204);
    mundo.admin().await.delete(path).await.problem(404, "sin-plantilla-propia");
}
