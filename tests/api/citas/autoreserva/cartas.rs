//! The letters of owners' own bookings: in the chain's words and name, listed like all others, and one for each thing that
//! happened.
use super::*;
use huella_tests::{
    afuera::{Carta, cartas},
    cliente::send,
};

/// What an owner got, the codes apart.
async fn recibidas(publico: &Publico, nombre: &str) -> Vec<Carta> {
    trabajar(&publico.agenda).await;
    cartas(&publico.correo(nombre)).into_iter().filter(|carta| !carta.subject.contains("es su código")).collect()
}

fn asuntos(cartas: &[Carta]) -> Vec<&str> {
    cartas.iter().map(|carta| carta.subject.as_str()).collect()
}

async fn reserva(publico: &Publico, nombre: &str) -> String {
    let sesion = publico.entrar(&publico.correo(nombre)).await;
    publico.retener(&sesion, "2026-03-03T10:00:00").await.created();
    let hecha = publico.confirmar(&sesion, Publico::nuevo(nombre, "Toby")).await.created();
    pagina(&hecha["ruta"])
}

async fn mensajes(publico: &Publico, tipo: &str) -> Vec<Value> {
    let admin = publico.agenda.huella.como(ADMIN).await;
    admin.get(&format!("/mensajes?tipo={tipo}")).await.ok()["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_chain_writes_in_its_own_words_and_lists_what_it_wrote() {
    let publico = Publico::start(json!({})).await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    admin.put("/ajustes/correos", json!({ "remitente": "Andina en línea", "responder_a": "citas@andina.example" })).await.ok();
    let propia = |asunto: &str, texto: &str| json!({ "asunto": asunto, "texto": texto, "html": format!("<p>{texto}</p>") });
    admin.put("/plantillas-correo/codigo_reserva", propia("Aquí está: {{ codigo }}", "Hola:\n\n{{ codigo }}\n\nAdiós")).await.ok();
    admin.put("/plantillas-correo/reserva_hecha", propia("Le esperamos, {{ tutor }}", "{{ mascota }}: {{ copia }}")).await.ok();
    let page = reserva(&publico, "Nora").await;
    let got = recibidas(&publico, "Nora").await;
    assert!(got[0].subject.starts_with("Aquí está: "), "{got:?}");
    assert_eq!(asuntos(&got[1..]), ["Le esperamos, Nora Mamani"]);
    assert!(got[1].text.starts_with("Toby: http") && got[1].text.contains(&page) && got[1].html.contains(&page), "{}", got[1].raw);
    for carta in &got {
        assert_eq!((carta.from.as_str(), carta.reply_to.as_deref()), ("Andina en línea", Some("citas@andina.example")));
    }
    assert!(!got[1].calendar.is_empty(), "it brings the appointment for her calendar");
    let listed = (mensajes(&publico, "codigo_reserva").await, mensajes(&publico, "reserva_hecha").await);
    assert_eq!((listed.0.len(), listed.1.len(), &listed.1[0]["estado"]), (1, 1, &json!("enviado")));
    assert!(listed.1[0]["cita_id"].is_string() && listed.1[0]["tutor_id"].is_string(), "{:#}", listed.1[0]);
    // Neither code nor link can be read where they are listed.
    let kept: String = publico.agenda.huella.scalar("select string_agg(t::text, '') from mensajes t").await;
    let link = page.rsplit('/').next().expect("a link");
    assert!(!kept.contains(link) && !kept.contains("tutores.example.pe"), "{kept}");
}

#[tokio::test]
async fn where_the_chain_confirms_each_thing_is_told_once() {
    let publico = Publico::start(json!({})).await;
    publico.agenda.huella.como(ADMIN).await.put("/ajustes/correos", json!({ "confirmaciones": true })).await.ok();
    let page = reserva(&publico, "Ana").await;
    let day = "Toby, martes 3 de marzo de 2026";
    assert_eq!(asuntos(&recibidas(&publico, "Ana").await), [format!("Su cita está reservada: {day}, 10:00 a. m.")]);
    let moved = send(publico.nadie.request(reqwest::Method::POST, &format!("{page}/mover?inicio=2026-03-03T21:00:00Z"))).await;
    assert_eq!(moved.status, 200);
    let got = recibidas(&publico, "Ana").await;
    assert_eq!(asuntos(&got[1..]), [format!("Su cita cambió de hora: {day}, 4:00 p. m.")]);
    // What the sede does is told as ever.
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let listed = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-03", publico.agenda.lima)).await.ok();
    let cita = &listed["items"][0];
    let body = json!({ "sede_id": cita["sede_id"], "servicio_id": cita["servicio_id"], "medico_id": cita["medico_id"], "inicio": "2026-03-03T16:00:00Z" });
    recepcion.put(&format!("/citas/{}", id(cita)), body).await.ok();
    let got = recibidas(&publico, "Ana").await;
    assert_eq!(asuntos(&got[2..]), ["Cambió la cita de Toby: martes 3 de marzo de 2026, 11:00 a. m."]);
    assert_eq!(send(publico.nadie.request(reqwest::Method::POST, &format!("{page}/anular"))).await.status, 200);
    let got = recibidas(&publico, "Ana").await;
    assert_eq!(asuntos(&got[3..]), ["Se anuló su reserva para Toby: martes 3 de marzo de 2026, 11:00 a. m."]);
}

#[tokio::test]
async fn a_time_of_the_waitlist_is_offered_in_the_chains_words() {
    let lista = super::super::espera::Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let propia = json!({ "asunto": "Hora para {{ mascota }}", "texto": "Hasta {{ hasta }}: {{ copia }}", "html": "<p>{{ copia }}</p>" });
    admin.put("/plantillas-correo/espera_oferta", propia).await.ok();
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    lista.espera(&lista.mascota("Luna").await, json!({})).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    let listed = admin.get("/mensajes?tipo=espera_oferta").await.ok();
    let listed = listed["items"].as_array().expect("a list");
    assert_eq!((listed.len(), &listed[0]["estado"]), (1, &json!("enviado")));
    let got = cartas(listed[0]["correo"].as_str().expect("an address"));
    assert_eq!(asuntos(&got), ["Hora para Luna"]);
    assert!(got[0].text.starts_with("Hasta las ") && got[0].text.contains("/api/v1/ofertas/ho_"), "{}", got[0].text);
}

#[tokio::test]
async fn a_request_that_the_desk_lets_go_is_told_to_its_owner_like_a_refusal() {
    let publico = Publico::start(json!({ "aprobar": true })).await;
    reserva(&publico, "Rita").await;
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let held = recepcion.get(&format!("/retenciones?sede_id={}", publico.agenda.lima)).await.ok();
    assert_eq!(recepcion.delete(&format!("/retenciones/{}", id(&held[0]))).await.status, 204);
    let got = recibidas(&publico, "Rita").await;
    let refused: Vec<&str> = asuntos(&got).into_iter().filter(|asunto| asunto.starts_with("No pudimos darle esa hora")).collect();
    assert_eq!(refused.len(), 1, "{got:?}");
    assert_eq!(mensajes(&publico, "reserva_rechazada").await.len(), 1);
}

#[tokio::test]
async fn a_letter_that_waited_says_where_the_appointment_is_now() {
    let publico = Publico::start(json!({})).await;
    let page = reserva(&publico, "Inés").await;
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let listed = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-03", publico.agenda.lima)).await.ok();
    let cita = &listed["items"][0];
    let body = json!({ "sede_id": cita["sede_id"], "servicio_id": cita["servicio_id"], "medico_id": cita["medico_id"], "inicio": "2026-03-03T16:00:00Z" });
    recepcion.put(&format!("/citas/{}", id(cita)), body).await.ok();
    let got = recibidas(&publico, "Inés").await;
    assert_eq!(asuntos(&got), ["Su cita está reservada: Toby, martes 3 de marzo de 2026, 11:00 a. m."]);
    assert!(got[0].text.contains(&page), "with its link: {}", got[0].text);
}
