//! From the code to the appointment.
use super::*;
use huella_tests::afuera::cartas;
use jiff::SignedDuration;

#[tokio::test]
async fn an_owner_whom_nobody_knew_books_and_cancels() {
    let publico = Publico::start(json!({})).await;
    let correo = publico.correo("nora");
    let offered = publico.nadie.get("/publico/andina").await.ok();
    let sede = &offered["sedes"][0];
    assert_eq!(
        (offered["sedes"].as_array().map(Vec::len), &sede["nombre"], &sede["servicios"][0]["nombre"]),
        (Some(1), &json!("Andina Lima"), &json!("Consulta general"))
    );
    // At 8:00, with an hour's notice, the first time is 9:00; nobody says with whom.
    assert_eq!(
        publico.huecos("&limite=2").await,
        [
            json!({ "inicio": "2026-03-02T14:00:00Z", "fin": "2026-03-02T14:30:00Z" }),
            json!({ "inicio": "2026-03-02T14:15:00Z", "fin": "2026-03-02T14:45:00Z" })
        ]
    );
    let sesion = publico.entrar(&correo).await;
    let seen = publico.post("/sesion", json!({ "sesion": sesion })).await.ok();
    assert_eq!((&seen["conocido"], &seen["mascotas"]), (&json!(false), &json!([])));
    let held = publico.retener(&sesion, "2026-03-02T10:00:00").await.created();
    assert_eq!((&held["inicio"], &held["hasta"]), (&json!("2026-03-02T15:00:00Z"), &json!("2026-03-02T13:08:00Z")));
    assert_eq!(publico.confirmar(&sesion, json!({})).await.wrong_fields(), ["/mascota"]);
    let mut quien = Publico::nuevo("Nora", "Toby");
    quien["motivo"] = json!("Vacuna");
    quien["consiente"] = json!(["recordatorios"]);
    let booked = publico.confirmar(&sesion, quien.clone()).await.created();
    assert_eq!((&booked["estado"], &booked["inicio"]), (&json!("reservada"), &json!("2026-03-02T15:00:00Z")));
    assert_eq!(publico.confirmar(&sesion, quien).await.created(), booked, "said twice it is the same booking");
    // The desk sees the appointment, who it is, that the owner came alone, and what was consented to.
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let day = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-02", publico.agenda.lima)).await.ok();
    let cita = &day["items"][0];
    assert_eq!(
        (day["items"].as_array().map(Vec::len), &cita["estado"], &cita["mascota"], &cita["motivo"]),
        (Some(1), &json!("programada"), &json!("Toby"), &json!("Vacuna"))
    );
    let asked = recepcion.get(&format!("/autoreservas?sede_id={}", publico.agenda.lima)).await.ok();
    let asked = &asked["items"][0];
    assert_eq!((&asked["tutor_nuevo"], &asked["tutor"], &asked["estado"]), (&json!(true), &json!("Nora Mamani"), &json!("reservada")));
    let tutor = recepcion.get(&format!("/tutores/{}", asked["tutor_id"].as_str().expect("an owner"))).await.ok();
    assert_eq!((&tutor["origen"], &tutor["correo"], &tutor["telefono"]), (&json!("autoreserva"), &json!(correo), &json!("+51987654321")));
    let consents = recepcion.get(&format!("/tutores/{}/consentimientos", id(&tutor))).await.ok();
    let said: Vec<_> = consents["registro"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| (line["finalidad"].clone(), line["canal"].clone(), line["texto_version"].clone()))
        .collect();
    assert_eq!(said, [("recordatorios", "web", "2026-01"), ("atencion", "web", "2026-01")].map(|(a, b, c)| (json!(a), json!(b), json!(c))));
    // The letter has the link; opening it cancels nothing, the button does.
    trabajar(&publico.agenda).await;
    let carta = cartas(&correo).pop().expect("a letter");
    let mail = [carta.text, carta.html].concat();
    let page = pagina(&booked["ruta"]);
    assert!(mail.contains(&page) && mail.contains("lunes 2 de marzo de 2026, 10:00 a. m.") && mail.contains("Venga con correa."), "{mail}");
    let shown = publico.nadie.get(&page).await;
    assert!(texto(&shown).contains("Toby") && texto(&shown).contains("Anular"), "{}", texto(&shown));
    assert_eq!(recepcion.get(&format!("/citas/{}", id(cita))).await.ok()["estado"], "programada");
    let done = publico.post_page(&format!("{page}/anular")).await;
    assert_eq!(
        (done.status.as_u16(), recepcion.get(&format!("/citas/{}", id(cita))).await.ok()["estado"].clone()),
        (200, json!("anulada"))
    );
    assert_eq!(publico.nadie.get(&page).await.status, 410);
    assert_eq!(publico.post_page(&format!("{page}/anular")).await.status, 410);
    // Next time she is known, with her pet.
    let again = publico.entrar(&correo).await;
    let seen = publico.post("/sesion", json!({ "sesion": again })).await.ok();
    assert_eq!((&seen["conocido"], &seen["mascotas"][0]["nombre"]), (&json!(true), &json!("Toby")));
}

impl Publico {
    async fn post_page(&self, path: &str) -> Respuesta {
        huella_tests::cliente::send(self.nadie.request(reqwest::Method::POST, path)).await
    }
}

#[tokio::test]
async fn a_known_owner_sees_and_books_their_own_pets_only() {
    let publico = Publico::start(json!({})).await;
    let (luna, max) = (publico.mascota("Ana", "Luna", "perro").await, publico.mascota("Beto", "Max", "perro").await);
    let ana = publico.entrar(&publico.correo("Ana")).await;
    let seen = publico.post("/sesion", json!({ "sesion": ana })).await.ok();
    assert_eq!(seen["mascotas"], json!([{ "id": luna, "nombre": "Luna", "especie": "perro" }]));
    publico.retener(&ana, "2026-03-02T10:00:00").await.created();
    assert_eq!(publico.confirmar(&ana, json!({ "mascota_id": max })).await.wrong_fields(), ["/mascota_id"]);
    assert_eq!(
        publico
            .confirmar(&ana, json!({ "mascota_id": luna, "mascota": { "nombre": "X", "especie": "perro", "sexo": "macho" } }))
            .await
            .wrong_fields(),
        ["/mascota"]
    );
    let mut wrong = json!({ "mascota_id": luna });
    wrong["acepta_condiciones"] = json!("2020-01");
    assert_eq!(publico.confirmar(&ana, wrong).await.wrong_fields(), ["/acepta_condiciones"]);
    publico.confirmar(&ana, json!({ "mascota_id": luna })).await.created();
    // Nothing of the owner was changed, and no second one made.
    assert_eq!(publico.contar("select count(*) from tutores where origen is not null").await, 0);
    // Another pet of hers is registered under her.
    let other = publico.entrar(&publico.correo("Ana")).await;
    publico.retener(&other, "2026-03-02T11:00:00").await.created();
    publico.confirmar(&other, Publico::nuevo("Otra", "Sol")).await.created();
    let seen = publico.post("/sesion", json!({ "sesion": other })).await.ok();
    assert_eq!(seen["mascotas"].as_array().map(Vec::len), Some(2));
    assert_eq!(publico.contar("select count(*) from tutores").await, 2);
    // A pet that died is shown no more.
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    let seen = publico.post("/sesion", json!({ "sesion": other })).await.ok();
    assert_eq!(seen["mascotas"][0]["nombre"], "Sol");
}

#[tokio::test]
async fn with_a_pet_that_died_goes_what_its_owner_asked_for() {
    let publico = Publico::start(json!({ "aprobar": true })).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    let sesion = publico.entrar(&publico.correo("Ana")).await;
    publico.retener(&sesion, "2026-03-03T10:00:00").await.created();
    publico.confirmar(&sesion, json!({ "mascota_id": luna })).await.created();
    let cita: String = publico.agenda.huella.scalar("select cita_id::text from autoreservas").await;
    // Noted in Cusco, where nobody sees what Lima was asked.
    let cusco = publico.agenda.huella.como(RECEPCION_CUSCO).await;
    cusco.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    assert_eq!(publico.contar("select count(*) from autoreservas where estado = 'anulada' and resuelta_en is not null").await, 1);
    assert_eq!(publico.contar("select count(*) from citas where retenida_hasta is not null").await, 0);
    let told = "select count(*) from outbox where tema in ('cita.soltada', 'autoreserva.anulada') and sede_id is not null";
    assert_eq!(publico.contar(told).await, 2);
    assert_eq!(publico.contar("select count(*) from outbox where tema = 'autoreserva.rechazada'").await, 0, "nobody refused it");
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post(&format!("/autoreservas/{cita}/aprobar"), json!({})).await.problem(409, "solicitud-resuelta");
}

/// Nobody answered in time, and before anybody looked the pet died: the hold is over, the request ends now.
#[tokio::test]
async fn a_request_whose_hold_was_over_ends_with_its_pet_too_and_is_told() {
    let publico = Publico::start(json!({ "aprobar": true, "aprobar_horas": 2 })).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    let sesion = publico.entrar(&publico.correo("Ana")).await;
    publico.retener(&sesion, "2026-03-03T10:00:00").await.created();
    publico.confirmar(&sesion, json!({ "mascota_id": luna })).await.created();
    publico.agenda.huella.avanzar(SignedDuration::from_hours(3));
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    assert_eq!(publico.contar("select count(*) from autoreservas where estado = 'anulada' and resuelta_en is not null").await, 1);
    let told = "select count(*) from outbox where tema = 'autoreserva.anulada' and cuerpo ->> 'estado' = 'anulada' and sede_id is not null";
    let noted = "select count(*) from auditoria where accion = 'resolver' and entidad = 'autoreserva' and despues ->> 'estado' = 'anulada'";
    assert_eq!((publico.contar(told).await, publico.contar(noted).await), (1, 1));
    assert_eq!(publico.contar("select count(*) from outbox where tema = 'cita.soltada'").await, 0, "it held nothing");
}

#[tokio::test]
async fn a_sede_that_approves_keeps_the_time_until_it_has() {
    let publico = Publico::start(json!({ "aprobar": true, "aprobar_horas": 2, "abiertas_max": 5 })).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    let mut pages = Vec::new();
    for at in ["2026-03-03T10:00:00", "2026-03-03T11:00:00", "2026-03-03T12:00:00", "2026-03-03T13:00:00"] {
        let sesion = publico.entrar(&publico.correo("Ana")).await;
        publico.retener(&sesion, at).await.created();
        let asked = publico.confirmar(&sesion, json!({ "mascota_id": luna, "motivo": "Control" })).await.created();
        assert_eq!(asked["estado"], "pendiente");
        pages.push(pagina(&asked["ruta"]));
    }
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let list = format!("/autoreservas?sede_id={}&estado=pendiente", publico.agenda.lima);
    let waiting = recepcion.get(&list).await.ok();
    let ids: Vec<String> =
        waiting["items"].as_array().expect("items").iter().map(|one| one["cita_id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!((ids.len(), &waiting["items"][0]["retenida_hasta"]), (4, &json!("2026-03-02T15:00:00Z")));
    // It holds the slot and is no appointment.
    let (max, sol) = (publico.mascota("Beto", "Max", "perro").await, publico.mascota("Carla", "Sol", "perro").await);
    let wish = |mascota: &str, medico: &str, at: &str| json!({ "sede_id": publico.agenda.lima, "mascota_id": mascota, "medico_id": medico, "servicio_id": publico.agenda.consulta, "inicio": format!("{at}-05:00") });
    let both = async |recepcion: &Cliente, at: &str| {
        let one = recepcion.post("/citas/reservar", wish(&max, &publico.agenda.soto, at)).await.status.as_u16();
        (one, recepcion.post("/citas/reservar", wish(&sol, &publico.agenda.rojas, at)).await.status.as_u16())
    };
    let (a, b) = both(&recepcion, "2026-03-03T13:00:00").await;
    assert_eq!(a.min(b) + a.max(b), 201 + 409, "one of the two vets is held");
    let day = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-03", publico.agenda.lima)).await.ok();
    assert!(day["items"].as_array().expect("items").iter().all(|cita| cita["mascota"] != "Luna"), "{day:#}");
    let approved = recepcion.post(&format!("/autoreservas/{}/aprobar", ids[0]), json!({})).await.created();
    assert_eq!(
        (&approved["estado"], &approved["motivo"], &approved["mascota_id"]),
        (&json!("programada"), &json!("Control"), &json!(luna))
    );
    recepcion.post(&format!("/autoreservas/{}/aprobar", ids[0]), json!({})).await.problem(409, "solicitud-resuelta");
    assert_eq!(recepcion.post(&format!("/autoreservas/{}/rechazar", ids[1]), json!({})).await.status, 204);
    // The owner takes one back; nobody answers the last.
    assert_eq!(publico.post_page(&format!("{}/anular", pages[2])).await.status, 200);
    trabajar(&publico.agenda).await;
    let subjects = mails_to(&publico.correo("Ana")).join("\n");
    let plain = subjects.replace("=\r\n", "").replace("=\n", "");
    assert!(plain.contains("guardamos la hora") && plain.contains("La sede no pudo darle la hora"), "{plain}");
    publico.agenda.huella.avanzar(SignedDuration::from_mins(121));
    trabajar(&publico.agenda).await;
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post(&format!("/autoreservas/{}/aprobar", ids[3]), json!({})).await.problem(410, "retencion-vencida");
    assert_eq!(publico.nadie.get(&pages[3]).await.status, 410);
    assert!(texto(&publico.nadie.get(&pages[0]).await).contains("Su cita está reservada"));
    for at in ["2026-03-03T11:00:00", "2026-03-03T12:00:00"] {
        assert_eq!(both(&recepcion, at).await, (201, 201), "{at} is free again");
    }
}

#[tokio::test]
async fn two_who_want_one_time_get_it_once_and_who_says_it_twice_has_it_once() {
    let publico = Publico::start(json!({})).await;
    // One vet is left at that time.
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let taken = json!({ "sede_id": publico.agenda.lima, "mascota_id": publico.mascota("Ana", "Luna", "perro").await, "servicio_id": publico.agenda.consulta, "medico_id": publico.agenda.rojas, "inicio": "2026-03-02T10:00:00-05:00" });
    recepcion.post("/citas/reservar", taken).await.created();
    let (one, two) = (publico.entrar(&publico.correo("uno")).await, publico.entrar(&publico.correo("dos")).await);
    let (a, b) = tokio::join!(publico.retener(&one, "2026-03-02T10:00:00"), publico.retener(&two, "2026-03-02T10:00:00"));
    let (winner, loser) = if a.status == 201 { (one, b) } else { (two, a) };
    let refused = loser.problem(409, "hora-no-disponible");
    assert!(refused.get("conflictos").is_none() && !refused.to_string().contains(&publico.agenda.soto), "{refused}");
    let quien = Publico::nuevo("Gana", "Toby");
    let (a, b, c) = tokio::join!(
        publico.confirmar(&winner, quien.clone()),
        publico.confirmar(&winner, quien.clone()),
        publico.confirmar(&winner, quien.clone())
    );
    let (a, b, c) = (a.created(), b.created(), c.created());
    assert_eq!((&a, &b), (&b, &c));
    assert_eq!(publico.contar("select count(*) from autoreservas").await, 1);
    assert_eq!(publico.contar("select count(*) from tutores where origen = 'autoreserva'").await, 1);
}

#[tokio::test]
async fn what_is_over_is_neither_confirmed_nor_cancelled() {
    let publico = Publico::start(json!({})).await;
    let (sesion, quien) = (publico.entrar(&publico.correo("Nora")).await, Publico::nuevo("Nora", "Toby"));
    publico.retener(&sesion, "2026-03-02T10:00:00").await.created();
    publico.agenda.huella.avanzar(SignedDuration::from_mins(9));
    publico.confirmar(&sesion, quien.clone()).await.problem(409, "hora-no-disponible");
    publico.retener(&sesion, "2026-03-02T11:00:00").await.created();
    let booked = publico.confirmar(&sesion, quien).await.created();
    publico.retener(&sesion, "2026-03-02T12:00:00").await.problem(409, "autoreserva-hecha");
    publico.agenda.huella.avanzar(SignedDuration::from_hours(3));
    let page = publico.post_page(&format!("{}/anular", pagina(&booked["ruta"]))).await;
    assert!(texto(&page).contains("Su cita está reservada"), "{}", texto(&page));
    assert_eq!(publico.contar("select count(*) from citas where estado = 'programada' and retenida_hasta is null").await, 1);
}

#[tokio::test]
async fn who_cancels_late_and_has_to_pay_before_books_no_more_alone() {
    let publico = Publico::start(json!({})).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    admin.put("/ajustes/citas", json!({ "aviso_horas": 24, "faltas_max": 1, "correccion_horas": 24 })).await.ok();
    let book = async |at: &str| {
        let sesion = publico.entrar(&publico.correo("Ana")).await;
        publico.retener(&sesion, at).await.created();
        publico.confirmar(&sesion, json!({ "mascota_id": luna })).await
    };
    let (soon, later) = (book("2026-03-02T10:00:00").await.created(), book("2026-03-04T10:00:00").await.created());
    // In time is no fault; two hours before is.
    assert_eq!(publico.post_page(&format!("{}/anular", pagina(&later["ruta"]))).await.status, 200);
    book("2026-03-04T11:00:00").await.created();
    assert_eq!(publico.post_page(&format!("{}/anular", pagina(&soon["ruta"]))).await.status, 200);
    book("2026-03-04T12:00:00").await.problem(409, "pago-previo");
    let por: String = publico.agenda.huella.scalar("select string_agg(anulada_por, ',') from citas where estado = 'anulada'").await;
    assert_eq!(por, "tutor,tutor");
}

#[tokio::test]
async fn a_chain_may_look_itself_at_what_who_lost_many_books_alone() {
    let publico = Publico::start(json!({ "abiertas_max": 5 })).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    let body = json!({ "aviso_horas": 24, "faltas_max": 1, "con_faltas": "aprobar", "correccion_horas": 24 });
    assert_eq!(admin.put("/ajustes/citas", body).await.ok()["con_faltas"], "aprobar");
    let book = async |at: &str| {
        let sesion = publico.entrar(&publico.correo("Ana")).await;
        publico.retener(&sesion, at).await.created();
        publico.confirmar(&sesion, json!({ "mascota_id": luna })).await.created()
    };
    let soon = book("2026-03-02T10:00:00").await;
    assert_eq!(soon["estado"], "reservada", "nothing was lost yet");
    assert_eq!(publico.post_page(&format!("{}/anular", pagina(&soon["ruta"]))).await.status, 200);
    let asked = book("2026-03-04T12:00:00").await;
    assert_eq!(asked["estado"], "pendiente");
    // The desk is told why it is asked, and decides.
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let list = format!("/autoreservas?sede_id={}&estado=pendiente", publico.agenda.lima);
    let waiting = recepcion.get(&list).await.ok()["items"][0].clone();
    assert_eq!(waiting["faltas"], 1, "{waiting:#}");
    let approved =
        recepcion.post(&format!("/autoreservas/{}/aprobar", waiting["cita_id"].as_str().expect("an id")), json!({})).await.created();
    assert_eq!(approved["estado"], "programada");
    // Somebody else books as ever.
    let (max, sesion) = (publico.mascota("Beto", "Max", "perro").await, publico.entrar(&publico.correo("Beto")).await);
    publico.retener(&sesion, "2026-03-04T13:00:00").await.created();
    assert_eq!(publico.confirmar(&sesion, json!({ "mascota_id": max })).await.created()["estado"], "reservada");
}
