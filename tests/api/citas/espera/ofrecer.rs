//! Who is offered what, and what becomes of it.
use super::*;
use huella_tests::andina::{ADMIN, DR_SOTO};
use jiff::SignedDuration;

#[tokio::test]
async fn a_cancellation_is_offered_to_the_most_urgent_who_takes_it_by_the_link() {
    let lista = Lista::start().await;
    let (luna, max) = (lista.mascota("Luna").await, lista.mascota("Max").await);
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let first = lista.espera(&max, json!({})).await;
    let urgent = lista.espera(&luna, json!({ "prioridad": "urgente", "nota": "Cojea" })).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    // Luna came later but is urgent: the time is held for her.
    let seen = lista.ver(&urgent).await;
    assert_eq!((&seen["estado"], &seen["oferta"]["inicio"]), (&json!("ofrecida"), &json!("2026-03-02T15:00:00Z")), "{seen:#}");
    assert_eq!(seen["oferta"]["hasta"], "2026-03-02T13:10:00Z");
    assert_eq!(lista.ofrecida(&first).await, "");
    let other = lista.recepcion.post("/citas/reservar", lista.agenda.cita(&max, "2026-03-02T10:00:00")).await;
    other.problem(409, "cita-traslape");
    // Opening the link, as mail programs do, answers nothing.
    let enlace = lista.enlace("Luna").expect("a letter with a link");
    let page = lista.abrir(&enlace).await;
    assert!(texto(&page).contains("Luna") && texto(&page).contains("lunes 2 de marzo a las 10:00"), "{}", texto(&page));
    let headers = &page.headers;
    assert!(headers["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    assert_eq!([&headers["cache-control"], &headers["referrer-policy"]], ["no-store", "no-referrer"]);
    assert_eq!(lista.ver(&urgent).await["estado"], "ofrecida");
    // Answering does, once.
    let taken = lista.contestar(&enlace, "aceptar").await;
    assert!(taken.status == 200 && texto(&taken).contains("La hora es suya"), "{}", texto(&taken));
    let done = lista.ver(&urgent).await;
    let booked = lista.recepcion.get(&format!("/citas/{}", done["cita_id"].as_str().expect("an appointment"))).await.ok();
    assert_eq!(
        (&booked["mascota_id"], &booked["estado"], &booked["inicio"]),
        (&json!(luna), &json!("programada"), &json!("2026-03-02T15:00:00Z"))
    );
    assert_eq!((&done["estado"], &done["oferta"]), (&json!("cumplida"), &Value::Null));
    assert!(texto(&lista.contestar(&enlace, "rechazar").await).contains("La hora es suya"));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&first).await, "");
    assert!(lista.enlace("Max").is_none(), "nobody else was written to");
    let temas: Vec<String> = sqlx::query_scalar("select tema from eventos where tema like 'espera.%' order by numero")
        .fetch_all(&lista.agenda.huella.sql)
        .await
        .expect("events");
    assert_eq!(temas, ["espera.anotada", "espera.anotada", "espera.ofrecida", "espera.aceptada"]);
}

#[tokio::test]
async fn an_offer_that_nobody_answers_goes_to_the_next_and_is_not_made_again() {
    let lista = Lista::start().await;
    let (luna, max) = (lista.mascota("Luna").await, lista.mascota("Max").await);
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let (first, second) = (lista.espera(&luna, json!({})).await, lista.espera(&max, json!({})).await);
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&first).await.as_str(), lista.ofrecida(&second).await.as_str()), ("2026-03-02T15:00:00Z", ""));
    let enlace = lista.enlace("Luna").expect("a letter");
    lista.agenda.huella.avanzar(SignedDuration::from_mins(9));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&second).await, "", "it is not over yet");
    lista.agenda.huella.avanzar(SignedDuration::from_mins(1));
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&first).await.as_str(), lista.ofrecida(&second).await.as_str()), ("", "2026-03-02T15:00:00Z"));
    assert_eq!(lista.ver(&first).await["estado"], "activa");
    let late = lista.contestar(&enlace, "aceptar").await;
    assert_eq!((late.status.as_u16(), texto(&late).contains("ya no está disponible")), (410, true));
    // Max does not answer either: there is nobody left, and the time is free again.
    lista.agenda.huella.avanzar(SignedDuration::from_mins(10));
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&first).await.as_str(), lista.ofrecida(&second).await.as_str()), ("", ""));
    let recepcion = lista.agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post("/citas/reservar", lista.agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
}

#[tokio::test]
async fn who_lets_it_pass_or_is_let_pass_by_reception_makes_room_for_the_next() {
    let lista = Lista::start().await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let mut esperas = Vec::new();
    for nombre in ["Luna", "Max", "Nala", "Kira"] {
        esperas.push(lista.espera(&lista.mascota(nombre).await, json!({})).await);
    }
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    let passed = lista.contestar(&lista.enlace("Luna").expect("a letter"), "rechazar").await;
    assert!(passed.status == 200 && texto(&passed).contains("Dejó pasar"), "{}", texto(&passed));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&esperas[1]).await, "2026-03-02T15:00:00Z");
    // Reception answers for Max, lets go of what is held for Nala, and books for Kira.
    let path = |at: usize, verbo: &str| format!("/esperas/{}/oferta/{verbo}", esperas[at]);
    assert_eq!(lista.recepcion.post(&path(1, "rechazar"), json!({})).await.status, 204);
    lista.recepcion.post(&path(1, "aceptar"), json!({})).await.problem(410, "oferta-cerrada");
    trabajar(&lista.agenda).await;
    let held = lista.ver(&esperas[2]).await["oferta"]["cita_id"].as_str().expect("a hold").to_owned();
    assert_eq!(lista.recepcion.delete(&format!("/retenciones/{held}")).await.status, 204);
    assert_eq!(lista.ver(&esperas[2]).await["estado"], "activa");
    trabajar(&lista.agenda).await;
    let booked = lista.recepcion.post(&path(3, "aceptar"), json!({})).await.created();
    assert_eq!(booked["inicio"], "2026-03-02T15:00:00Z");
    assert_eq!(lista.ver(&esperas[3]).await["estado"], "cumplida");
    for espera in &esperas[..3] {
        assert_eq!(lista.ver(espera).await["estado"], "activa");
    }
}

#[tokio::test]
async fn reception_that_gives_a_held_time_to_another_pet_leaves_the_first_waiting() {
    let lista = Lista::start().await;
    let (luna, max) = (lista.mascota("Luna").await, lista.mascota("Max").await);
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let espera = lista.espera(&luna, json!({})).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    let held = lista.ver(&espera).await["oferta"]["cita_id"].as_str().expect("a hold").to_owned();
    lista.recepcion.post(&format!("/retenciones/{held}/confirmar"), json!({ "mascota_id": max })).await.created();
    assert_eq!(lista.ver(&espera).await["estado"], "activa");
    assert_eq!(lista.contestar(&lista.enlace("Luna").expect("a letter"), "aceptar").await.status, 410);
}

/// Nobody is offered what they did not ask for; who asked for just that is.
#[tokio::test]
async fn only_a_time_that_suits_is_offered() {
    let lista = Lista::start().await;
    let mascota = async |n: usize| lista.mascota(&format!("Mascota{n}")).await;
    let (rojas, cusco, larga) = (&lista.agenda.rojas, &lista.agenda.cusco, lista.cirugia().await);
    let admin = lista.agenda.huella.como(ADMIN).await;
    // What is freed is 10:00 to 10:30 (and 5 minutes more) on Monday, with Dr. Soto in Lima; around it he is taken.
    for at in ["2026-03-02T09:25:00", "2026-03-02T10:35:00"] {
        lista.ocupada(at).await;
    }
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let unsuited = [
        json!({ "medico_id": rojas }),
        json!({ "sedes": [cusco] }),
        json!({ "desde": "2026-03-03" }),
        json!({ "dias": [2, 3] }),
        json!({ "hora_desde": "10:15", "hora_hasta": "12:00" }),
        json!({ "hora_desde": "08:00", "hora_hasta": "10:15" }),
        json!({ "servicio_id": larga }),
    ];
    let mut esperas = Vec::new();
    for (n, cambios) in unsuited.into_iter().enumerate() {
        let nueva = lista.nueva(&mascota(n).await, cambios);
        esperas.push(id(&admin.post("/esperas", nueva).await.created()));
    }
    // One is booked for it already, one is elsewhere at that time, one has died.
    let (booked, elsewhere, dead) = (mascota(20).await, mascota(21).await, mascota(22).await);
    for pet in [&booked, &elsewhere, &dead] {
        esperas.push(lista.espera(pet, json!({ "prioridad": "urgente" })).await);
    }
    lista.recepcion.post("/citas/reservar", lista.agenda.cita(&booked, "2026-03-05T10:00:00")).await.created();
    let eco = json!({ "sede_id": lista.agenda.lima, "mascota_id": elsewhere, "servicio_id": lista.agenda.eco, "medico_id": rojas, "inicio": "2026-03-02T10:10:00-05:00" });
    lista.recepcion.post("/citas/reservar", eco).await.created();
    let death = json!({ "fecha": "2026-03-01", "causa": "Parvovirus" });
    lista.recepcion.post(&format!("/pacientes/{dead}/fallecimiento"), death).await.created();
    let suited = json!({ "medico_id": lista.agenda.soto, "dias": [1], "hora_desde": "10:00", "hora_hasta": "10:30", "desde": "2026-03-02", "hasta": "2026-03-02" });
    let last = lista.espera(&mascota(30).await, suited).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    for espera in &esperas {
        assert_eq!(admin.get(&format!("/esperas/{espera}")).await.ok()["oferta"], Value::Null, "{espera}");
    }
    assert_eq!(lista.ofrecida(&last).await, "2026-03-02T15:00:00Z");
}

#[tokio::test]
async fn a_vet_who_cannot_get_there_in_time_is_not_offered() {
    let lista = Lista::start().await;
    let (rojas, consulta) = (lista.agenda.rojas.clone(), lista.agenda.consulta.clone());
    let (lima, cusco) = (lista.agenda.lima.clone(), lista.agenda.cusco.clone());
    let admin = lista.agenda.huella.como(ADMIN).await;
    let cita = |sede: &str, mascota: &str, at: &str| json!({ "sede_id": sede, "mascota_id": mascota, "servicio_id": consulta, "medico_id": rojas, "inicio": format!("2026-03-02T{at}:00-05:00") });
    // From Lima to Cusco it takes six hours: after a visit at 9:00 she is there at 15:45. Until 9:00 she is taken.
    let freed = admin.post("/citas/reservar", cita(&lima, &lista.mascota("Uno").await, "09:00")).await.created();
    admin.post("/citas/reservar", cita(&lima, &lista.mascota("Dos").await, "08:25")).await.created();
    admin.post("/citas/reservar", cita(&cusco, &lista.mascota("Tres").await, "15:45")).await.created();
    let espera = lista.espera(&lista.mascota("Luna").await, json!({ "medico_id": rojas, "hasta": "2026-03-02" })).await;
    let minutes = async |minutos: i32| {
        admin.put(&format!("/traslados/{lima}/{cusco}"), json!({ "minutos": minutos })).await.ok();
    };
    minutes(420).await;
    lista.anular(&freed).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&espera).await, "");
    minutes(360).await;
    let again = admin.post("/citas/reservar", cita(&lima, &lista.mascota("Cuatro").await, "09:00")).await.created();
    lista.anular(&again).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&espera).await, "2026-03-02T14:00:00Z");
}

/// Whatever frees a time counts: moved away, did not come, let go, over.
#[tokio::test]
async fn a_move_a_no_show_and_a_hold_that_is_let_go_or_over_free_time_too() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let ajustes = json!({ "activa": true, "oferta_min": 10, "anticipacion_min": 0 });
    admin.put("/ajustes/lista-de-espera", ajustes).await.ok();
    let esperas = async |nombre: &str, desde: &str, hasta: &str| {
        lista.espera(&lista.mascota(nombre).await, json!({ "hora_desde": desde, "hora_hasta": hasta, "hasta": "2026-03-02" })).await
    };
    let moved = lista.ocupada("2026-03-02T11:00:00").await;
    let first = esperas("Luna", "11:00", "11:30").await;
    let mut cambio = lista.agenda.cambio(&moved);
    cambio["inicio"] = json!("2026-03-04T11:00:00-05:00");
    lista.recepcion.put(&format!("/citas/{}", id(&moved)), cambio).await.ok();
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&first).await, "2026-03-02T16:00:00Z");
    // Whose motive changes stays where it is.
    let stays = lista.ocupada("2026-03-02T12:00:00").await;
    let second = esperas("Max", "12:00", "12:30").await;
    let mut cambio = lista.agenda.cambio(&stays);
    cambio["motivo"] = json!("Control");
    lista.recepcion.put(&format!("/citas/{}", id(&stays)), cambio).await.ok();
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&second).await, "");
    // A hold that reception lets go, and one that is over.
    let hold = |at: &str| json!({ "sede_id": lista.agenda.lima, "servicio_id": lista.agenda.consulta, "medico_id": lista.agenda.soto, "inicio": format!("2026-03-02T{at}:00-05:00"), "minutos": 5 });
    let (let_go, over) = (esperas("Nala", "14:00", "14:30").await, esperas("Kira", "15:00", "15:30").await);
    let held = lista.recepcion.post("/citas/retener", hold("14:00")).await.created();
    lista.recepcion.post("/citas/retener", hold("15:00")).await.created();
    trabajar(&lista.agenda).await;
    assert_eq!((lista.ofrecida(&let_go).await, lista.ofrecida(&over).await), (String::new(), String::new()));
    lista.recepcion.delete(&format!("/retenciones/{}", id(&held))).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&let_go).await, "2026-03-02T19:00:00Z");
    lista.agenda.huella.avanzar(SignedDuration::from_mins(5));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&over).await, "2026-03-02T20:00:00Z");
    // Who does not come leaves what is left of the visit: the ten minutes after 12:20, which a call takes.
    let call = lista.nueva(
        &lista.mascota("Sol").await,
        json!({ "servicio_id": lista.agenda.llamada, "hora_desde": "12:00", "hora_hasta": "12:30", "hasta": "2026-03-02" }),
    );
    let call = id(&lista.recepcion.post("/esperas", call).await.created());
    lista.agenda.huella.avanzar(SignedDuration::from_mins(4 * 60));
    let soto = lista.agenda.huella.como(DR_SOTO).await;
    let etag = soto.get(&format!("/citas/{}", id(&stays))).await.etag();
    soto.put_if(&format!("/citas/{}/estado", id(&stays)), &etag, json!({ "estado": "no_asistio" })).await.ok();
    trabajar(&lista.agenda).await;
    let recepcion = lista.agenda.huella.como(RECEPCION_LIMA).await;
    let seen = recepcion.get(&format!("/esperas/{call}")).await.ok();
    assert_eq!(seen["oferta"]["inicio"], "2026-03-02T17:15:00Z", "{seen:#}");
}

/// A block that is taken away frees time as well: of its vet, or of all of the sede, day after day.
#[tokio::test]
async fn a_block_that_is_taken_away_frees_time_too() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let (soto, rojas) = (&lista.agenda.soto, &lista.agenda.rojas);
    let bloquear = async |medico: Option<&str>, desde: &str, hasta: &str| {
        let block =
            json!({ "medico_id": medico, "desde": format!("{desde}:00-05:00"), "hasta": format!("{hasta}:00-05:00"), "motivo": "Curso" });
        id(&admin.post(&format!("/sedes/{}/bloqueos", lista.agenda.lima), block).await.created())
    };
    let quitar = async |block: &str| {
        assert_eq!(admin.delete(&format!("/bloqueos/{block}")).await.status, 204);
        trabajar(&lista.agenda).await;
    };
    let esperas = async |nombre: &str, medico: &str, dia: &str| {
        let wish = json!({ "medico_id": medico, "desde": dia, "hasta": dia, "hora_desde": "11:00", "hora_hasta": "11:30" });
        lista.espera(&lista.mascota(nombre).await, wish).await
    };
    let away = bloquear(Some(soto), "2026-03-02T12:00", "2026-03-04T10:00").await;
    let (his, hers, after) =
        (esperas("Luna", soto, "2026-03-03").await, esperas("Max", rojas, "2026-03-03").await, esperas("Nala", soto, "2026-03-04").await);
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&his).await, "");
    quitar(&away).await;
    assert_eq!(lista.ofrecida(&his).await, "2026-03-03T16:00:00Z");
    assert_eq!((lista.ofrecida(&hers).await, lista.ofrecida(&after).await), (String::new(), String::new()), "neither was blocked");
    let closed = bloquear(None, "2026-03-09T00:00", "2026-03-10T00:00").await;
    let (his, hers) = (esperas("Kira", soto, "2026-03-09").await, esperas("Sol", rojas, "2026-03-09").await);
    quitar(&closed).await;
    assert_eq!(
        (lista.ofrecida(&his).await.as_str(), lista.ofrecida(&hers).await.as_str()),
        ("2026-03-09T16:00:00Z", "2026-03-09T16:00:00Z")
    );
}
