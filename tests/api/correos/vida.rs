//! The life of an appointment, as its owner hears of it.
use super::Mundo;
use huella_tests::id;
use serde_json::json;

/// Nobody writes about a farewell: not that it is booked, moved or near, nor what the pet would be due for meanwhile.
#[tokio::test]
async fn of_a_silent_service_no_owner_is_written_to() {
    let mundo = Mundo::start().await;
    mundo.ajustar(json!({ "confirmaciones": true, "recordatorios": true })).await;
    let despedida = json!({ "codigo": "DESPEDIDA", "nombre": "Despedida", "duracion_min": 40, "silencioso": true });
    let despedida = mundo.admin().await.post("/servicios", despedida).await.created();
    assert_eq!(despedida["silencioso"], true);
    let (callada, dicha) = (mundo.familia("Luna").await, mundo.familia("Toby").await);
    let body = json!({ "sede_id": mundo.lima, "mascota_id": callada.mascota, "servicio_id": despedida["id"], "medico_id": mundo.soto, "inicio": "2026-03-03T15:30:00-05:00" });
    let cita = mundo.recepcion().await.post("/citas/reservar", body).await.created();
    mundo.reservar(&dicha, "2026-03-03T17:00:00").await;
    mundo.trabajar().await;
    mundo.mover(&cita, "2026-03-03T16:00:00").await;
    mundo.trabajar().await;
    // The day before, in the hours in which one is reminded.
    mundo.huella.avanzar(jiff::SignedDuration::from_hours(10));
    alertas::programar(&mundo.huella.parts.system()).await.expect("asked for");
    mundo.trabajar().await;
    assert_eq!((callada.asuntos(), dicha.asuntos().len()), (vec![], 2), "the other one was confirmed and reminded");
    // What is said of the service holds also of what was booked before.
    let consulta = format!("/servicios/{}", mundo.consulta);
    let admin = mundo.admin().await;
    let mut datos = admin.get(&consulta).await.ok();
    datos.as_object_mut().expect("an object").retain(|name, _| name != "id" && name != "version");
    datos["silencioso"] = json!(true);
    admin.put(&consulta, datos).await.ok();
    let cita = mundo.recepcion().await.get(&format!("/citas?sede_id={}&fecha=2026-03-03", mundo.lima)).await.ok()["items"].clone();
    for cita in cita.as_array().expect("a list") {
        mundo.anular(cita).await;
    }
    mundo.trabajar().await;
    assert_eq!((callada.asuntos(), dicha.asuntos().len()), (vec![], 2));
}

#[tokio::test]
async fn an_owner_is_told_when_it_is_booked_moved_and_cancelled_and_of_nothing_else() {
    let mundo = Mundo::start().await;
    mundo.ajustar(json!({ "confirmaciones": true, "remitente": "Andina: citas", "responder_a": "Citas@Andina.example.pe" })).await;
    let familia = mundo.familia("Luna").await;

    let cita = mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let cartas = familia.cartas();
    assert_eq!(familia.asuntos(), ["Cita de Luna: martes 3 de marzo de 2026, 3:30 p. m."]);
    let (carta, said) = (&cartas[0], ["Rosa Núñez", "Luna", "martes 3 de marzo de 2026, 3:30 p. m.", "Andina Lima", "Jorge Soto Díaz"]);
    for text in said {
        assert!(carta.text.contains(text) && carta.html.contains(text), "{text}: {}", carta.raw);
    }
    assert_eq!((carta.from.as_str(), carta.reply_to.as_deref()), ("Andina: citas", Some("citas@andina.example.pe")));
    assert!(carta.id.ends_with("@huella.example"), "{}", carta.id);
    let whole = [carta.subject.as_str(), &carta.text, &carta.html].concat();
    assert!(!whole.contains("Consulta"), "what it is about is not for a mailbox");

    // What is no news to the owner: another reason, the desk's own states.
    let body = json!({ "sede_id": cita["sede_id"], "servicio_id": cita["servicio_id"], "medico_id": cita["medico_id"], "inicio": cita["inicio"], "motivo": "Cojea" });
    mundo.recepcion().await.put(&format!("/citas/{}", id(&cita)), body).await.ok();
    mundo.recepcion().await.put(&format!("/citas/{}/estado", id(&cita)), json!({ "estado": "confirmada" })).await.ok();
    mundo.trabajar().await;
    assert_eq!(familia.asuntos().len(), 1);

    let moved = mundo.mover(&cita, "2026-03-04T09:00:00").await;
    mundo.trabajar().await;
    assert_eq!(familia.asuntos()[1..], ["Cambió la cita de Luna: miércoles 4 de marzo de 2026, 9:00 a. m."]);

    mundo.anular(&moved).await;
    mundo.trabajar().await;
    assert_eq!(familia.asuntos()[2..], ["Se anuló la cita de Luna del miércoles 4 de marzo de 2026"]);

    // The reader's calendar follows: one event, each time a later version of it.
    let uid = format!("UID:{}@huella", id(&cita));
    let mut last = -1;
    for (carta, expected) in familia.cartas().iter().zip([
        ("REQUEST", "STATUS:CONFIRMED", "DTSTART:20260303T203000Z"),
        ("REQUEST", "STATUS:CONFIRMED", "DTSTART:20260304T140000Z"),
        ("CANCEL", "STATUS:CANCELLED", "DTSTART:20260304T140000Z"),
    ]) {
        let (method, status, start) = expected;
        let kinds: Vec<&str> = carta.calendar.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, [format!("text/calendar; method={method}").as_str(), "application/ics"], "{}", carta.raw);
        let text = carta.calendar[0].1.replace("\r\n ", "");
        assert_eq!(text, carta.calendar[1].1.replace("\r\n ", ""));
        let lines: Vec<&str> = text.split("\r\n").collect();
        let (method, attendee) = (format!("METHOD:{method}"), format!(":mailto:{}", familia.correo));
        for line in [uid.as_str(), &method, status, start, "SUMMARY:Cita de Luna", "LOCATION:Andina Lima\\, Lima"] {
            assert!(lines.contains(&line), "{line} in {text}");
        }
        assert!(lines.iter().any(|line| line.starts_with("ATTENDEE") && line.ends_with(&attendee)), "{text}");
        assert!(lines.iter().any(|line| line.starts_with("ORGANIZER") && line.ends_with(":mailto:citas@andina.example.pe")), "{text}");
        assert!(!text.contains("Consulta") && !text.contains("Cojea") && !text.contains("Rosa"), "{text}");
        let sequence = lines.iter().find_map(|line| line.strip_prefix("SEQUENCE:")).expect("a number").parse::<i64>().expect("a number");
        assert!(sequence > last, "{sequence} after {last}");
        last = sequence;
    }

    let listed = mundo.mensajes(&format!("tutor_id={}", familia.tutor)).await;
    let of = |name: &str| listed.iter().map(|one| one[name].as_str().unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!(of("tipo"), ["cita_anulada", "cita_movida", "cita_reservada"]);
    assert!(of("estado").iter().all(|estado| *estado == "enviado") && of("correo").iter().all(|correo| *correo == familia.correo));
}

#[tokio::test]
async fn nobody_is_written_to_before_the_chain_says_so_nor_without_an_address_nor_of_a_pet_that_died() {
    let mundo = Mundo::callado().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    assert_eq!(familia.asuntos(), [""; 0]);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from trabajos").await, 0, "and nothing is done about it");

    mundo.ajustar(json!({ "confirmaciones": true })).await;
    let sin_correo =
        json!({ "tutor": { "nombres": "Ana", "apellidos": "Soto" }, "mascota": { "nombre": "Toby", "especie": "perro", "sexo": "macho" } });
    let sin_correo = mundo.recepcion().await.post("/pacientes/registro", sin_correo).await.created();
    let body = json!({ "sede_id": mundo.lima, "mascota_id": sin_correo["mascota"]["id"], "servicio_id": mundo.consulta, "inicio": "2026-03-03T10:00:00-05:00" });
    mundo.recepcion().await.post("/citas/reservar", body).await.created();
    mundo.trabajar().await;
    assert!(mundo.mensajes("").await.is_empty());

    let otra = mundo.familia("Kira").await;
    mundo.reservar(&otra, "2026-03-03T11:00:00").await;
    mundo.trabajar().await;
    assert_eq!(otra.asuntos().len(), 1);
    let death = json!({ "fecha": "2026-03-02", "causa": "Accidente" });
    mundo.recepcion().await.post(&format!("/pacientes/{}/fallecimiento", otra.mascota), death).await.created();
    mundo.trabajar().await;
    assert_eq!(otra.asuntos().len(), 1, "whose pet has just died gets no letter about its appointment");
}

#[tokio::test]
async fn what_was_there_before_the_chain_wrote_is_told_when_it_moves_and_not_when_its_state_does() {
    let mundo = Mundo::callado().await;
    let familia = mundo.familia("Luna").await;
    let (una, otra) = (mundo.reservar(&familia, "2026-03-03T15:30:00").await, mundo.reservar(&familia, "2026-03-05T15:30:00").await);
    mundo.trabajar().await;
    mundo.ajustar(json!({ "confirmaciones": true })).await;
    mundo.recepcion().await.put(&format!("/citas/{}/estado", id(&una)), json!({ "estado": "confirmada" })).await.ok();
    mundo.mover(&otra, "2026-03-06T10:00:00").await;
    mundo.trabajar().await;
    assert_eq!(familia.asuntos(), ["Cambió la cita de Luna: viernes 6 de marzo de 2026, 10:00 a. m."]);
}

#[tokio::test]
async fn a_series_is_booked_in_one_letter() {
    let mundo = Mundo::start().await;
    let familia = mundo.familia("Luna").await;
    let body = json!({ "sede_id": mundo.lima, "mascota_id": familia.mascota, "servicio_id": mundo.consulta, "medico_id": mundo.soto,
        "inicio": "2026-03-03T15:30:00-05:00", "cada": 1, "unidad": "semanas", "veces": 3, "si_hay_conflicto": "rechazar" });
    mundo.recepcion().await.post("/citas/series", body).await.created();
    mundo.trabajar().await;
    let cartas = familia.cartas();
    assert_eq!(familia.asuntos(), ["Cita de Luna: martes 3 de marzo de 2026, 3:30 p. m."]);
    for later in ["martes 10 de marzo de 2026, 3:30 p. m.", "martes 17 de marzo de 2026, 3:30 p. m."] {
        assert!(cartas[0].text.contains(later) && cartas[0].html.contains(later), "{}", cartas[0].raw);
    }
}

#[tokio::test]
async fn the_hour_is_the_sedes() {
    let mundo = Mundo::start().await;
    mundo.huella.execute("update sedes set zona_horaria = 'America/Santiago' where codigo = 'CUS'").await;
    let familia = mundo.familia("Luna").await;
    let body = json!({ "sede_id": mundo.cusco, "mascota_id": familia.mascota, "servicio_id": mundo.consulta, "inicio": "2026-03-05T10:00:00-03:00" });
    mundo.admin().await.post("/citas/reservar", body).await.created();
    mundo.trabajar().await;
    assert_eq!(familia.asuntos(), ["Cita de Luna: jueves 5 de marzo de 2026, 10:00 a. m."]);
}
