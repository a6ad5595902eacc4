//! Booking, moving and cancelling, as a receptionist does it.
use huella_tests::{
    Huella,
    andina::{ADMIN, DR_SOTO, DRA_ROJAS, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use rstest::rstest;
use serde_json::{Value, json};

/// What every test of the agenda needs to know of the chain.
struct Agenda {
    huella: Huella,
    lima: String,
    cusco: String,
    rojas: String,
    soto: String,
    consulta: String,
    eco: String,
    llamada: String,
}

impl Agenda {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, cusco) = (of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await);
        let (rojas, soto) = (of("usuarios", "cmvp", "10234").await, of("usuarios", "cmvp", "11567").await);
        let (consulta, eco) = (of("servicios", "codigo", "CONS").await, of("servicios", "codigo", "ECO").await);
        let llamada = of("servicios", "codigo", "LLAMADA").await;
        Self { huella, lima, cusco, rojas, soto, consulta, eco, llamada }
    }

    /// A new patient of the chain.
    async fn mascota(&self, nombre: &str) -> String {
        let recepcion = self.huella.como(RECEPCION_LIMA).await;
        let body = json!({ "tutor": { "nombres": "Tutor de", "apellidos": nombre }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        recepcion.post("/pacientes/registro", body).await.created()["mascota"]["id"].as_str().expect("an id").to_owned()
    }

    /// A consultation in Lima with Dr. Soto.
    fn cita(&self, mascota: &str, inicio: &str) -> Value {
        json!({ "sede_id": self.lima, "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.soto, "inicio": format!("{inicio}-05:00") })
    }

    /// The same appointment as the body of a PUT.
    fn cambio(&self, cita: &Value) -> Value {
        let keep = ["sede_id", "servicio_id", "medico_id", "inicio", "motivo"];
        Value::Object(keep.iter().map(|key| ((*key).to_owned(), cita[*key].clone())).collect())
    }
}

fn resources(problem: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = problem["conflictos"].as_array().into_iter().flatten().filter_map(|c| c["recurso"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

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

#[rstest]
#[case::before_opening("2026-03-03T07:30:00", &["sede_cerrada"])]
#[case::sunday("2026-03-08T10:00:00", &["sede_cerrada"])]
#[case::national_holiday("2026-05-01T10:00:00", &["feriado"])]
#[case::vet_has_gone_home("2026-03-02T19:45:00", &["sede_cerrada"])]
#[tokio::test]
async fn the_agenda_says_why_not(#[case] inicio: &str, #[case] expected: &[&str]) {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let problem = recepcion.post("/citas/reservar", agenda.cita(&luna, inicio)).await.problem(422, "cita-fuera-de-agenda");
    let reasons: Vec<&str> = problem["impedimentos"].as_array().expect("a list").iter().filter_map(|i| i["tipo"].as_str()).collect();
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn a_vet_without_a_plan_that_day_is_refused_and_any_vet_is_found() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    // Dr. Rojas has no plan in Lima on Thursdays.
    let mut body = agenda.cita(&luna, "2026-03-05T10:00:00");
    body["medico_id"] = json!(agenda.rojas);
    let problem = recepcion.post("/citas/reservar", body.clone()).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!(problem["impedimentos"], json!([{ "tipo": "medico_sin_turno" }]));
    body.as_object_mut().expect("an object").remove("medico_id");
    let cita = recepcion.post("/citas/reservar", body).await.created();
    assert_eq!(cita["medico_id"], agenda.soto);
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
async fn an_appointment_moves_and_its_old_slot_is_free() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let path = format!("/citas/{}", id(&cita));
    let mut cambio = agenda.cambio(&cita);
    // By 15 minutes: it overlaps nothing but itself.
    cambio["inicio"] = json!("2026-03-02T10:15:00-05:00");
    let moved = recepcion.put_if(&path, "\"1\"", cambio.clone()).await;
    assert_eq!(moved.etag(), "\"2\"");
    assert_eq!(moved.ok()["inicio"], "2026-03-02T15:15:00Z");
    recepcion.put_if(&path, "\"1\"", cambio.clone()).await.problem(412, "version-cambiada");
    cambio["inicio"] = json!("2026-03-02T16:00:00-05:00");
    recepcion.put_if(&path, "\"2\"", cambio).await.ok();
    recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T10:00:00")).await.created();
}

#[tokio::test]
async fn a_move_into_a_taken_slot_names_the_conflict_and_changes_nothing() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let taken = recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T12:00:00")).await.created();
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T12:15:00-05:00");
    let problem = recepcion.put(&format!("/citas/{}", id(&cita)), cambio).await.problem(409, "cita-traslape");
    assert_eq!(problem["conflictos"][0]["cita_id"], taken["id"]);
    assert_eq!(recepcion.get(&format!("/citas/{}", id(&cita))).await.ok(), cita);
}

#[tokio::test]
async fn two_that_swap_their_times_do_not_deadlock() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let (a, b) = (agenda.mascota("A").await, agenda.mascota("B").await);
    let one = recepcion.post("/citas/reservar", agenda.cita(&a, "2026-03-02T10:00:00")).await.created();
    let two = recepcion.post("/citas/reservar", agenda.cita(&b, "2026-03-02T12:00:00")).await.created();
    for round in 0..10 {
        let to = |cita: &Value, inicio: &str| {
            let mut cambio = agenda.cambio(cita);
            cambio["inicio"] = json!(format!("2026-03-02T{inicio}:00-05:00"));
            cambio
        };
        let times = if round % 2 == 0 { ("12:00", "10:00") } else { ("10:00", "12:00") };
        let (path_one, path_two) = (format!("/citas/{}", id(&one)), format!("/citas/{}", id(&two)));
        let (x, y) = tokio::join!(recepcion.put(&path_one, to(&one, times.0)), recepcion.put(&path_two, to(&two, times.1)));
        for answer in [x, y] {
            assert!([200, 409, 412].contains(&answer.status.as_u16()), "{}", answer.body);
        }
    }
    let overlaps: i64 = agenda
        .huella
        .scalar("select count(*) from citas a join citas b on a.id < b.id and a.medico_id = b.medico_id and a.activa and b.activa and tstzrange(a.ocupado_desde, a.ocupado_hasta) && tstzrange(b.ocupado_desde, b.ocupado_hasta)")
        .await;
    assert_eq!(overlaps, 0);
}

#[tokio::test]
async fn cancelling_needs_a_reason_and_frees_the_slot() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let path = format!("/citas/{}", id(&cita));
    assert_eq!(recepcion.delete(&path).await.wrong_fields(), ["?motivo"]);
    let gone = recepcion.delete(&format!("{path}?motivo=Se%20mejor%C3%B3")).await.ok();
    assert_eq!((gone["estado"].as_str(), gone["anulada_motivo"].as_str()), (Some("anulada"), Some("Se mejoró")));
    recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T10:00:00")).await.created();
    let problem = recepcion.delete(&format!("{path}?motivo=otra+vez")).await.problem(409, "cita-cambio-no-permitido");
    assert_eq!(problem["permitidos"], json!([]));
}

#[tokio::test]
async fn a_visit_goes_through_the_house() {
    let agenda = Agenda::start().await;
    let (recepcion, vet, luna) =
        (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(DR_SOTO).await, agenda.mascota("Luna").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let path = format!("/citas/{}/estado", id(&cita));
    let problem = recepcion.put(&path, json!({ "estado": "terminada" })).await.problem(409, "cita-cambio-no-permitido");
    assert_eq!(problem["permitidos"], json!(["confirmada", "en_espera", "no_asistio", "anulada"]));
    recepcion.put(&path, json!({ "estado": "no_asistio" })).await.problem(409, "cita-cambio-no-permitido");
    for (who, estado) in [(&recepcion, "en_espera"), (&vet, "en_consulta"), (&vet, "por_cobrar"), (&recepcion, "terminada")] {
        assert_eq!(who.put(&path, json!({ "estado": estado })).await.ok()["estado"], estado);
    }
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T12:00:00-05:00");
    recepcion.put(&format!("/citas/{}", id(&cita)), cambio).await.problem(409, "cita-cambio-no-permitido");
}

#[tokio::test]
async fn who_comes_late_after_all_finds_the_slot_or_who_has_it() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T08:30:00")).await.created();
    let path = format!("/citas/{}/estado", id(&cita));
    agenda.huella.avanzar(jiff::SignedDuration::from_mins(35));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.put(&path, json!({ "estado": "no_asistio" })).await.ok();
    let walk_in = recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T08:50:00")).await.created();
    let problem = recepcion.put(&path, json!({ "estado": "en_espera" })).await.problem(409, "cita-traslape");
    assert_eq!(problem["conflictos"][0]["cita_id"], walk_in["id"], "{problem:#}");
}

#[tokio::test]
async fn day_and_week_by_vet_room_and_sede() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let monday = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    // 19:15 in Lima is already Tuesday in UTC.
    let evening = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T19:15:00")).await.created();
    let friday = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-06T10:00:00")).await.created();
    let list = async |query: String| -> Vec<String> {
        recepcion.get(&format!("/citas?{query}")).await.ok()["items"].as_array().expect("items").iter().map(id).collect()
    };
    let (lima, soto, room) = (&agenda.lima, &agenda.soto, monday["ambiente_id"].as_str().expect("a room"));
    assert_eq!(list(format!("sede_id={lima}&fecha=2026-03-02")).await, [id(&monday), id(&evening)]);
    assert_eq!(list(format!("sede_id={lima}&fecha=2026-03-02&dias=7")).await, [id(&monday), id(&evening), id(&friday)]);
    assert_eq!(list(format!("medico_id={soto}&fecha=2026-03-06")).await, [id(&friday)]);
    assert_eq!(list(format!("ambiente_id={room}&fecha=2026-03-02&dias=7")).await.len(), 3);
    assert_eq!(list(format!("mascota_id={luna}&fecha=2026-03-02&dias=7")).await.len(), 3);
    let page = recepcion.get(&format!("/citas?sede_id={lima}&fecha=2026-03-02&dias=7&limite=2")).await.ok();
    assert_eq!((page["items"][0]["mascota"].as_str(), page["items"][0]["servicio"].as_str()), (Some("Luna"), Some("Consulta general")));
    let next = page["siguiente"].as_str().expect("there is more");
    assert_eq!(list(format!("sede_id={lima}&fecha=2026-03-02&dias=7&limite=2&cursor={next}")).await, [id(&friday)]);
    assert_eq!(recepcion.get("/citas?fecha=2026-03-02&dias=99&limite=0").await.wrong_fields(), ["?dias", "?limite", "?sede_id"]);
    recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-02", agenda.cusco)).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn the_next_gaps_are_those_that_can_be_booked() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let query = format!(
        "/disponibilidad?servicio_id={}&medico_id={}&sedes={}&desde=2026-03-02T10:00:00-05:00&limite=3",
        agenda.consulta, agenda.soto, agenda.lima
    );
    let starts = async || -> Vec<String> {
        let found = recepcion.get(&query).await.ok();
        found["huecos"].as_array().expect("gaps").iter().map(|h| h["inicio"].as_str().expect("a start").to_owned()).collect()
    };
    assert_eq!(starts().await, ["2026-03-02T15:00:00Z", "2026-03-02T15:15:00Z", "2026-03-02T15:30:00Z"]);
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let free = starts().await;
    assert_eq!(free[0], "2026-03-02T15:45:00Z", "past the visit and its buffer");
    let mut body = agenda.cita(&agenda.mascota("Max").await, "2026-03-02T10:00:00");
    body["inicio"] = json!(free[0]);
    recepcion.post("/citas/reservar", body).await.created();
}

#[tokio::test]
async fn gaps_of_any_vet_in_several_sedes_need_the_permission_there() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let both = format!("/disponibilidad?servicio_id={}&sedes={},{}&limite=200", agenda.consulta, agenda.lima, agenda.cusco);
    let found = admin.get(&both).await.ok();
    let sedes: std::collections::BTreeSet<&str> =
        found["huecos"].as_array().expect("gaps").iter().filter_map(|h| h["sede_id"].as_str()).collect();
    assert_eq!(sedes.len(), 2);
    agenda.huella.como(RECEPCION_LIMA).await.get(&both).await.problem(403, "sin-permiso");
    // Without equipment in Cusco no scan is offered there.
    let eco = admin.get(&format!("/disponibilidad?servicio_id={}&sedes={}", agenda.eco, agenda.cusco)).await.ok();
    assert_eq!(eco["huecos"], json!([]));
    // A call needs no room.
    let call = admin.get(&format!("/disponibilidad?servicio_id={}&sedes={}", agenda.llamada, agenda.cusco)).await.ok();
    assert_eq!(call["huecos"].as_array().map(Vec::len), Some(10));
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
async fn hours_plans_and_special_days_change_through_the_api() {
    let agenda = Agenda::start().await;
    let (admin, recepcion, luna) =
        (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let sunday = agenda.cita(&luna, "2026-03-08T10:00:00");
    recepcion.post("/citas/reservar", sunday.clone()).await.problem(422, "cita-fuera-de-agenda");
    let path = format!("/sedes/{}/horarios", agenda.lima);
    let week = admin.get(&path).await;
    let etag = week.etag();
    let mut hours = week.ok();
    hours["tramos"].as_array_mut().expect("hours").push(json!({ "dia": 7, "desde": "09:00", "hasta": "13:00" }));
    let changed = admin.put_if(&path, &etag, hours.clone()).await;
    assert_ne!(changed.etag(), etag);
    changed.ok();
    admin.put_if(&path, &etag, hours).await.problem(412, "version-cambiada");
    let plan = format!("/sedes/{}/medicos/{}/plan", agenda.lima, agenda.soto);
    let mut shifts = admin.get(&plan).await.ok();
    shifts["tramos"].as_array_mut().expect("shifts").push(json!({ "dia": 7, "desde": "09:00", "hasta": "13:00" }));
    admin.put(&plan, shifts).await.ok();
    recepcion.post("/citas/reservar", sunday).await.created();
    // An absence takes the afternoon away; removing it gives it back.
    let absent = json!({ "medico_id": agenda.soto, "fecha": "2026-03-09", "abierto": false, "desde": "14:00", "hasta": "18:00", "motivo": "Capacitación" });
    let special = admin.post(&format!("/sedes/{}/excepciones", agenda.lima), absent).await.created();
    let afternoon = agenda.cita(&luna, "2026-03-09T15:00:00");
    recepcion.post("/citas/reservar", afternoon.clone()).await.problem(422, "cita-fuera-de-agenda");
    recepcion.delete(&format!("/excepciones/{}", id(&special))).await.problem(403, "sin-permiso");
    assert_eq!(admin.delete(&format!("/excepciones/{}", id(&special))).await.status.as_u16(), 204);
    recepcion.post("/citas/reservar", afternoon).await.created();
}

#[tokio::test]
async fn a_vet_leaving_shows_what_must_be_reassigned() {
    let agenda = Agenda::start().await;
    let (admin, recepcion, luna) =
        (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let left = admin.post(&format!("/usuarios/{}/desactivar", agenda.soto), json!({})).await.ok();
    assert_eq!(left["por_reasignar"][0]["id"], cita["id"], "{left:#}");
    agenda.huella.como(DRA_ROJAS).await;
    let problem = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-03T10:00:00")).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!(problem["impedimentos"][0]["tipo"], "medico_inactivo");
}
