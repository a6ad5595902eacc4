//! Time that hours, plans, special days and shifts open, how far down the list is looked, who has to pay before, and who is
//! told by phone.
use super::*;
use crate::avisos::{Guion, SMS, WHATSAPP};
use alertas::DeCanales;

/// Waits for that hour of one day with one vet.
async fn espera(lista: &Lista, nombre: &str, medico: &str, dia: &str) -> String {
    let wish = json!({ "medico_id": medico, "desde": dia, "hasta": dia, "hora_desde": "11:00", "hora_hasta": "11:30" });
    lista.espera(&lista.mascota(nombre).await, wish).await
}

#[tokio::test]
async fn a_sede_that_opens_on_sundays_offers_them_once_a_vet_works_then() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let waits = espera(&lista, "Luna", &lista.agenda.soto, "2026-03-08").await;
    let sede = format!("/sedes/{}", lista.agenda.lima);
    let mut seen = Vec::new();
    for path in [format!("{sede}/horarios"), format!("{sede}/medicos/{}/plan", lista.agenda.soto)] {
        let mut week = admin.get(&path).await.ok();
        week["tramos"].as_array_mut().expect("hours").push(json!({ "dia": 7, "desde": "09:00", "hasta": "13:00" }));
        admin.put(&path, week).await.ok();
        trabajar(&lista.agenda).await;
        seen.push(lista.ofrecida(&waits).await);
    }
    assert_eq!(seen, ["", "2026-03-08T16:00:00Z"]);
}

#[tokio::test]
async fn a_special_day_that_opens_or_is_taken_away_a_holiday_that_is_none_and_a_shift_are_offered() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let (soto, rojas) = (&lista.agenda.soto, &lista.agenda.rojas);
    let sede = format!("/sedes/{}", lista.agenda.lima);
    // Dr. Soto is away on Tuesday, and comes back.
    let away = json!({ "medico_id": soto, "fecha": "2026-03-03", "abierto": false, "motivo": "Capacitación" });
    let away = id(&admin.post(&format!("{sede}/excepciones"), away).await.created());
    let back = espera(&lista, "Luna", soto, "2026-03-03").await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&back).await, "");
    assert_eq!(admin.delete(&format!("/excepciones/{away}")).await.status, 204);
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&back).await, "2026-03-03T16:00:00Z");
    // Wednesday is a holiday of the chain, wherever its sedes are, and then it is not.
    let holiday = json!({ "fecha": "2026-03-04", "ambito": "", "nombre": "Aniversario", "fuente": "Directorio" });
    let holiday = id(&admin.post("/feriados", holiday).await.created());
    let rested = espera(&lista, "Nala", soto, "2026-03-04").await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&rested).await, "");
    admin.delete(&format!("/feriados/{holiday}")).await.expect(204);
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&rested).await, "2026-03-04T16:00:00Z");
    // Dr. Rojas, who has no plan in Lima from Thursday on, comes on one Thursday, and has a shift on Fridays.
    let (thursday, friday) = (espera(&lista, "Max", rojas, "2026-03-05").await, espera(&lista, "Kira", rojas, "2026-03-06").await);
    let comes =
        json!({ "medico_id": rojas, "fecha": "2026-03-05", "abierto": true, "desde": "10:00", "hasta": "12:00", "motivo": "Reemplazo" });
    admin.post(&format!("{sede}/excepciones"), comes).await.created();
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&thursday).await.as_str(), lista.ofrecida(&friday).await.as_str()), ("2026-03-05T16:00:00Z", ""));
    let shift = json!({ "nombre": "Viernes", "tramos": [{ "dia": 5, "desde": "10:00", "hasta": "12:00" }] });
    let shift = admin.post(&format!("{sede}/turnos"), shift).await.created();
    let works = json!({ "turno_id": shift["id"], "medico_id": rojas, "desde": "2026-03-06", "hasta": "2026-03-06" });
    admin.post(&format!("{sede}/turnos-asignados"), works).await.created();
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&friday).await, "2026-03-06T16:00:00Z");
}

#[tokio::test]
async fn a_hundred_whom_it_does_not_suit_do_not_keep_it_from_the_one_whom_it_does() {
    let lista = Lista::start().await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let evening = json!({ "prioridad": "urgente", "hora_desde": "18:00", "hora_hasta": "18:30" });
    lista.espera(&lista.mascota("Nala").await, evening).await;
    let copies = "insert into esperas (tenant_id, id, mascota_id, servicio_id, sedes, desde, hasta, hora_desde, hora_hasta, prioridad, estado, creada_en, creada_por)
                  select tenant_id, gen_random_uuid(), mascota_id, servicio_id, sedes, desde, hasta, hora_desde, hora_hasta, prioridad, estado, creada_en, creada_por
                    from esperas, generate_series(1, 130)";
    lista.agenda.huella.execute(copies).await;
    let last = lista.espera(&lista.mascota("Luna").await, json!({})).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&last).await, "2026-03-02T15:00:00Z");
    assert_eq!(lista.contar("select count(*) from ofertas").await, 1);
}

#[tokio::test]
async fn who_has_to_pay_before_takes_no_offer_by_the_link() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    admin.put("/ajustes/citas", json!({ "aviso_horas": 24, "faltas_max": 1, "correccion_horas": 24 })).await.ok();
    let luna = lista.mascota("Luna").await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let fault = format!(
        "insert into faltas (tenant_id, cita_id, tutor_id, tipo, en)
         select c.tenant_id, c.id, m.tutor_id, 'no_asistio', '2026-02-20T15:00:00Z' from citas c, tutores_mascotas m
          where c.id = '{}' and m.mascota_id = '{luna}'",
        id(&cita)
    );
    lista.agenda.huella.execute(&fault).await;
    let espera = lista.espera(&luna, json!({})).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    let enlace = lista.enlace("Luna").expect("a letter");
    let page = texto(&lista.abrir(&enlace).await);
    assert!(page.contains("llame a la sede") && !page.contains("Tomar la hora"), "{page}");
    assert_eq!(lista.contestar(&enlace, "aceptar").await.status, 409);
    assert_eq!(lista.ver(&espera).await["estado"], "ofrecida");
    // Reception, whom they pay, does it for them.
    let booked = lista.recepcion.post(&format!("/esperas/{espera}/oferta/aceptar"), json!({})).await.created();
    assert_eq!(booked["inicio"], "2026-03-02T15:00:00Z");
}

#[tokio::test]
async fn who_has_no_address_is_told_by_phone_and_whom_nobody_can_tell_is_left_to_reception() {
    let guion = Guion::con(&["sms", "whatsapp"]);
    let lista = Lista::start_with(Modo { canales: Some(DeCanales(guion.clone())), ..Modo::default() }).await;
    let de_telefono = async |nombre: &str, telefono: &str| {
        let tutor = json!({ "nombres": "Tutor de", "apellidos": nombre, "telefono": telefono });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        lista.recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created()
    };
    let (never, agreed) = (de_telefono("Luna", "987654321").await, de_telefono("Max", "911111111").await);
    let yes = json!({ "finalidad": "recordatorios", "otorgado": true, "canal": "presencial", "texto_version": "1", "medio": "sms" });
    lista.recepcion.post(&format!("/tutores/{}/consentimientos", id(&agreed["tutor"])), yes).await.created();
    let first = lista.espera(&id(&never["mascota"]), json!({ "prioridad": "urgente" })).await;
    let second = lista.espera(&id(&agreed["mascota"]), json!({})).await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&first).await.as_str(), lista.ofrecida(&second).await.as_str()), ("", "2026-03-02T15:00:00Z"));
    let sent: Vec<_> = guion.enviados().into_iter().filter(|sent| sent.mensaje.texto.contains("se liberó una hora")).collect();
    assert_eq!((sent.len(), sent[0].complemento.as_str(), sent[0].mensaje.a.as_str()), (1, SMS, "+51911111111"));
    let enlace = enlace_en(&sent[0].mensaje.texto).expect("a link");
    assert_eq!(lista.contestar(&enlace, "aceptar").await.status, 200);
    assert_eq!(lista.ver(&second).await["estado"], "cumplida");
    // Who was not told still waits, where reception sees it.
    assert_eq!(lista.ver(&first).await["estado"], "activa");
}

/// Waits, agrees to be told by these media, and wants to hear by those.
async fn espera_quien(lista: &Lista, nombre: &str, contacto: Value, consiente: &[&str], quiere: Option<&[&str]>) -> String {
    let mut tutor = json!({ "nombres": "Tutor de", "apellidos": nombre });
    tutor.as_object_mut().expect("an object").extend(contacto.as_object().expect("an object").clone());
    let body = json!({ "tutor": tutor, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
    let made = lista.recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
    let tutor = format!("/tutores/{}", id(&made["tutor"]));
    for medio in consiente {
        let yes = json!({ "finalidad": "recordatorios", "otorgado": true, "canal": "presencial", "texto_version": "1", "medio": medio });
        lista.recepcion.post(&format!("{tutor}/consentimientos"), yes).await.created();
    }
    if let Some(quiere) = quiere {
        lista.recepcion.put(&format!("{tutor}/canales"), json!({ "canales": quiere })).await.ok();
    }
    lista.espera(&id(&made["mascota"]), json!({})).await
}

/// A time is held for nobody whom the letter would not reach, by what they want and agreed to and by what the sede has.
#[tokio::test]
async fn whom_the_letter_would_not_reach_is_not_offered_a_time() {
    let guion = Guion::con(&["sms", "whatsapp"]);
    let lista = Lista::start_with(Modo { canales: Some(DeCanales(guion.clone())), ..Modo::default() }).await;
    guion.solo_en(WHATSAPP, &lista.agenda.cusco);
    let (correo, telefono) = (|nombre: &str| json!({ "correo": lista.correo(nombre) }), |numero: &str| json!({ "telefono": numero }));
    let unreached = [
        espera_quien(&lista, "Luna", correo("Luna"), &[], Some(&["whatsapp"])).await,
        espera_quien(&lista, "Max", correo("Max"), &[], Some(&[])).await,
        espera_quien(&lista, "Nala", telefono("014567890"), &["sms"], None).await,
        espera_quien(&lista, "Toby", telefono("987654321"), &["whatsapp"], None).await,
    ];
    let both = json!({ "correo": lista.correo("Kira"), "telefono": "911111111" });
    let last = espera_quien(&lista, "Kira", both, &["sms"], Some(&["sms"])).await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    for espera in &unreached {
        assert_eq!(lista.ofrecida(espera).await, "", "{espera}");
    }
    assert_eq!(lista.ofrecida(&last).await, "2026-03-02T15:00:00Z");
    assert_eq!(lista.contar("select count(*) from ofertas").await, 1);
    let told: Vec<String> = guion.enviados().into_iter().map(|sent| sent.mensaje.a).collect();
    assert_eq!(told, ["+51911111111"]);
}
