//! Booking: what is taken, what is named, who wins.
use super::{Agenda, resources};
use huella_tests::{
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use rstest::rstest;
use serde_json::json;

#[tokio::test]
async fn a_receptionist_books_and_reads_an_appointment() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let answer = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await;
    assert_eq!(answer.etag(), "\"1\"");
    let cita = answer.created();
    assert_eq!((cita["estado"].as_str(), cita["fin"].as_str()), (Some("programada"), Some("2026-03-02T15:30:00Z")));
    assert!(cita["ambiente_id"].is_string(), "the service needs a room: {cita}");
    let read = recepcion.get(&format!("/citas/{}", id(&cita))).await.ok();
    assert_eq!(read, cita);
    let audit: i64 = agenda
        .huella
        .scalar(&format!(
            "select count(*) from auditoria where entidad_id = '{}' and accion = 'reservar' and actor_tipo = 'usuario'",
            id(&cita)
        ))
        .await;
    let outbox: i64 = agenda
        .huella
        .scalar(&format!("select count(*) from outbox where tema = 'cita.reservada' and cuerpo->>'id' = '{}'", id(&cita)))
        .await;
    assert_eq!((audit, outbox), (1, 1));
}

#[tokio::test]
async fn a_409_names_all_conflicts_at_once() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let mut eco = agenda.cita(&luna, "2026-03-02T10:00:00");
    eco["servicio_id"] = json!(agenda.eco);
    let first = recepcion.post("/citas/reservar", eco.clone()).await.created();
    // The same vet, the same pet, the only room and the only scanner.
    let problem = recepcion.post("/citas/reservar", eco.clone()).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["ambiente", "equipo", "mascota", "medico"], "{problem:#}");
    assert!(problem["conflictos"].as_array().expect("a list").iter().all(|c| c["cita_id"] == first["id"]), "{problem:#}");
    // Another vet and another pet: only room and scanner.
    eco["medico_id"] = json!(agenda.rojas);
    eco["mascota_id"] = json!(max);
    let problem = recepcion.post("/citas/reservar", eco).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["ambiente", "equipo"], "{problem:#}");
}

#[rstest]
#[case::touching("2026-03-02T10:35:00", 201)] // 30 min and 5 of buffer
#[case::inside_the_buffer("2026-03-02T10:30:00", 409)]
#[case::before("2026-03-02T09:25:00", 201)]
#[case::its_own_buffer_reaches_in("2026-03-02T09:30:00", 409)]
#[tokio::test]
async fn buffers_count(#[case] inicio: &str, #[case] status: u16) {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    assert_eq!(recepcion.post("/citas/reservar", agenda.cita(&max, inicio)).await.status.as_u16(), status);
}

#[tokio::test]
async fn a_vet_busy_in_another_sede_is_busy_and_nothing_of_that_sede_shows() {
    let agenda = Agenda::start().await;
    let (lima, cusco) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(RECEPCION_CUSCO).await);
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let mut en_cusco = agenda.cita(&luna, "2026-03-02T10:00:00");
    en_cusco["sede_id"] = json!(agenda.cusco);
    en_cusco["medico_id"] = json!(agenda.rojas);
    let there = cusco.post("/citas/reservar", en_cusco).await.created();
    let mut en_lima = agenda.cita(&max, "2026-03-02T10:15:00");
    en_lima["medico_id"] = json!(agenda.rojas);
    let problem = lima.post("/citas/reservar", en_lima).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["medico"]);
    let text = problem.to_string();
    for secret in [id(&there).as_str(), &luna, &agenda.cusco, there["ambiente_id"].as_str().expect("a room")] {
        assert!(!text.contains(secret), "{secret} of another sede shows in {problem:#}");
    }
    assert!(text.contains("2026-03-02T15:00:00Z"), "the time is told: {problem:#}");
    // Nor can reception of Lima read it.
    lima.get(&format!("/citas/{}", id(&there))).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn fifty_at_once_for_one_slot_and_one_wins() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pets = Vec::new();
    for number in 0..50 {
        pets.push(agenda.mascota(&format!("Mascota {number}")).await);
    }
    let tries = pets.iter().map(|pet| recepcion.post("/citas/reservar", agenda.cita(pet, "2026-03-02T11:00:00")));
    let statuses: Vec<u16> = futures::future::join_all(tries).await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 409).count(), 49, "{statuses:?}");
}

#[tokio::test]
async fn parallel_bookings_of_equipment_do_not_block_each_other() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut bodies = Vec::new();
    for (number, medico) in [&agenda.rojas, &agenda.soto].iter().cycle().take(20).enumerate() {
        let pet = agenda.mascota(&format!("Eco {number}")).await;
        let mut body = agenda.cita(&pet, "2026-03-02T11:00:00");
        body["servicio_id"] = json!(agenda.eco);
        body["medico_id"] = json!(medico);
        bodies.push(body);
    }
    let statuses: Vec<u16> = futures::future::join_all(bodies.into_iter().map(|body| recepcion.post("/citas/reservar", body)))
        .await
        .iter()
        .map(|a| a.status.as_u16())
        .collect();
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "one scanner: {statuses:?}");
    assert!(statuses.iter().all(|s| [201, 409].contains(s)), "{statuses:?}");
    let halves: i64 =
        agenda.huella.scalar("select count(*) from citas c where not exists (select from citas_equipos e where e.cita_id = c.id)").await;
    assert_eq!(halves, 0, "no appointment without its scanner is left behind");
}

#[tokio::test]
async fn any_vet_is_the_one_with_the_fewest_appointments() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let (a, b, c) = (agenda.mascota("A").await, agenda.mascota("B").await, agenda.mascota("C").await);
    recepcion.post("/citas/reservar", agenda.cita(&a, "2026-03-02T09:00:00")).await.created();
    let any = |pet: &str, inicio: &str| {
        let mut body = agenda.cita(pet, inicio);
        body.as_object_mut().expect("an object").remove("medico_id");
        body
    };
    let first = recepcion.post("/citas/reservar", any(&b, "2026-03-02T11:00:00")).await.created();
    assert_eq!(first["medico_id"], agenda.rojas, "Dr. Soto has one already");
    let second = recepcion.post("/citas/reservar", any(&c, "2026-03-02T11:00:00")).await.created();
    assert_eq!(second["medico_id"], agenda.soto, "the other one is busy now");
    let d = agenda.mascota("D").await;
    let problem = recepcion.post("/citas/reservar", any(&d, "2026-03-02T11:00:00")).await.problem(409, "cita-traslape");
    assert!(resources(&problem).contains(&"medico"), "{problem:#}");
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let body = json!({ "sede_id": "x", "servicio_id": agenda.consulta, "inicio": "mañana", "motivo": "m".repeat(501), "otro": 1 });
    assert_eq!(recepcion.post("/citas/reservar", body).await.wrong_fields(), ["/inicio", "/mascota_id", "/motivo", "/otro", "/sede_id"]);
    let nowhere = uuid::Uuid::nil().to_string();
    let body = json!({ "sede_id": agenda.lima, "servicio_id": nowhere, "mascota_id": nowhere, "inicio": "2026-03-02T10:00:00-05:00" });
    assert_eq!(recepcion.post("/citas/reservar", body).await.wrong_fields(), ["/mascota_id", "/servicio_id"]);
    let luna = agenda.mascota("Luna").await;
    let past = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-01T10:00:30")).await;
    assert_eq!(past.wrong_fields(), ["/inicio", "/inicio"]);
}

#[tokio::test]
async fn the_same_key_books_once() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let body = agenda.cita(&luna, "2026-03-02T10:00:00");
    let first = recepcion.post_once("/citas/reservar", "llave-1", &body).await;
    let again = recepcion.post_once("/citas/reservar", "llave-1", &body).await;
    assert_eq!((again.status.as_u16(), again.headers["idempotency-replayed"].to_str().ok()), (201, Some("true")));
    assert_eq!((again.etag(), &again.body), (first.etag(), &first.body));
    let other = agenda.cita(&luna, "2026-03-02T12:00:00");
    recepcion.post_once("/citas/reservar", "llave-1", &other).await.problem(422, "clave-reutilizada");
    // The same key of somebody else is another key.
    let admin = agenda.huella.como(ADMIN).await;
    admin.post_once("/citas/reservar", "llave-1", &other).await.created();
    let parallel = (0..8).map(|_| recepcion.post_once("/citas/reservar", "llave-2", &other));
    for answer in futures::future::join_all(parallel).await {
        assert!([409].contains(&answer.status.as_u16()), "taken, or in progress: {}", answer.body);
    }
}

#[tokio::test]
async fn parallel_repetitions_of_one_request_book_once() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let body = agenda.cita(&luna, "2026-03-02T10:00:00");
    let answers = futures::future::join_all((0..10).map(|_| recepcion.post_once("/citas/reservar", "llave", &body))).await;
    let ids: std::collections::BTreeSet<String> = answers.iter().filter(|a| a.status == 201).map(|a| id(&a.body)).collect();
    assert_eq!(ids.len(), 1);
    for answer in answers.iter().filter(|a| a.status != 201) {
        assert_eq!(answer.body["type"], "/problemas/solicitud-en-curso", "{}", answer.body);
    }
    let citas: i64 = agenda.huella.scalar("select count(*) from citas").await;
    assert_eq!(citas, 1);
}

#[tokio::test]
async fn reception_of_one_sede_cannot_book_in_another() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut body = agenda.cita(&luna, "2026-03-02T10:00:00");
    body["sede_id"] = json!(agenda.cusco);
    recepcion.post("/citas/reservar", body).await.problem(403, "sin-permiso");
    // The other chain's reception meets a wall of 404s and unknown names.
    let other = agenda.huella.como(costera::RECEPCION).await;
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    other.get(&format!("/citas/{}", id(&cita))).await.problem(404, "no-encontrado");
    other.delete(&format!("/citas/{}?motivo=nada", id(&cita))).await.problem(404, "no-encontrado");
    other.put(&format!("/citas/{}/estado", id(&cita)), json!({ "estado": "confirmada" })).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn with_any_vet_a_409_names_all_who_could_have_done_it() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    for (medico, pet) in [(&agenda.rojas, "A"), (&agenda.soto, "B")] {
        let mut body = agenda.cita(&agenda.mascota(pet).await, "2026-03-02T11:00:00");
        body["medico_id"] = json!(medico);
        recepcion.post("/citas/reservar", body).await.created();
    }
    let mut any = agenda.cita(&agenda.mascota("C").await, "2026-03-02T11:00:00");
    any.as_object_mut().expect("an object").remove("medico_id");
    let problem = recepcion.post("/citas/reservar", any).await.problem(409, "cita-traslape");
    let vets: std::collections::BTreeSet<&str> = problem["conflictos"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|c| c["recurso"] == "medico")
        .filter_map(|c| c["recurso_id"].as_str())
        .collect();
    assert_eq!(vets, [agenda.rojas.as_str(), agenda.soto.as_str()].into(), "{problem:#}");
}

#[tokio::test]
async fn a_repetition_is_answered_also_when_the_time_itself_has_passed() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let body = agenda.cita(&luna, "2026-03-02T08:30:00");
    let first = recepcion.post_once("/citas/reservar", "llave", &body).await;
    agenda.huella.avanzar(jiff::SignedDuration::from_mins(60));
    let again = agenda.huella.como(RECEPCION_LIMA).await.post_once("/citas/reservar", "llave", &body).await;
    assert_eq!((again.status.as_u16(), id(&again.body)), (201, id(&first.body)), "{}", again.body);
}

#[tokio::test]
async fn a_pet_is_in_one_place_at_a_time_in_all_sedes() {
    let agenda = Agenda::start().await;
    let (lima, cusco) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(RECEPCION_CUSCO).await);
    let luna = agenda.mascota("Luna").await;
    lima.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let mut there = agenda.cita(&luna, "2026-03-02T10:15:00");
    there["sede_id"] = json!(agenda.cusco);
    there["medico_id"] = json!(agenda.rojas);
    let problem = cusco.post("/citas/reservar", there).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["mascota"], "{problem:#}");
    assert!(!problem.to_string().contains(&agenda.lima), "{problem:#}");
}

/// Who asks for any vet gets one as long as there is one, however many ask at once.
#[tokio::test]
async fn as_many_bookings_at_once_as_there_are_vets_are_all_made() {
    const MEDICOS: usize = 6;
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    // Dr. Soto and Dr. Rojas are there on Monday at ten, and four more.
    let more = format!(
        "insert into usuarios (tenant_id, id, nombres, apellidos, correo_cifrado, correo_indice, es_medico, cmvp, creado_en)
         select tenant_id, gen_random_uuid(), 'Suplente', n::text, correo_cifrado, sha256(convert_to(n::text, 'UTF8')), true, (20000 + n)::text, creado_en
           from usuarios, generate_series(1, 4) n where id = '{0}';
         insert into planes_medicos (tenant_id, sede_id, medico_id, dia, desde, hasta)
         select p.tenant_id, p.sede_id, u.id, p.dia, p.desde, p.hasta
           from planes_medicos p join usuarios u on u.tenant_id = p.tenant_id and u.nombres = 'Suplente' where p.medico_id = '{0}'",
        agenda.soto
    );
    agenda.huella.execute(&more).await;
    let mut wishes = Vec::new();
    for number in 0..MEDICOS {
        let mut wish = agenda.cita(&agenda.mascota(&format!("Mascota {number}")).await, "2026-03-02T10:00:00");
        wish["servicio_id"] = json!(agenda.llamada);
        wish.as_object_mut().expect("an object").remove("medico_id");
        wishes.push(wish);
    }
    let last = wishes[0].clone();
    let answers = futures::future::join_all(wishes.into_iter().map(|wish| recepcion.post("/citas/reservar", wish))).await;
    let mut medicos: Vec<String> =
        answers.into_iter().map(|answer| answer.created()["medico_id"].as_str().expect("a vet").to_owned()).collect();
    medicos.sort_unstable();
    medicos.dedup();
    assert_eq!(medicos.len(), MEDICOS, "each with another vet");
    let mut one_more = last;
    one_more["mascota_id"] = json!(agenda.mascota("Otra").await);
    let problem = recepcion.post("/citas/reservar", one_more).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["medico"], "{problem:#}");
}
