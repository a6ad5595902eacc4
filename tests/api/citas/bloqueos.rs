//! Blocked periods, and that what is offered can be booked and nothing else.
use super::{Agenda, resources};
use huella_tests::{
    Cliente,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A block in Lima on a Monday, between two hours.
fn bloqueo(desde: &str, hasta: &str) -> Value {
    json!({ "desde": format!("2026-03-09T{desde}:00-05:00"), "hasta": format!("2026-03-09T{hasta}:00-05:00"), "motivo": "Reunión" })
}

async fn bloquear(agenda: &Agenda, body: &Value) -> huella_tests::Respuesta {
    agenda.huella.como(ADMIN_LIMA).await.post(&format!("/sedes/{}/bloqueos", agenda.lima), body.clone()).await
}

fn impedimentos(problem: &Value) -> Vec<&str> {
    problem["impedimentos"].as_array().into_iter().flatten().filter_map(|one| one["tipo"].as_str()).collect()
}

#[tokio::test]
async fn what_is_blocked_is_not_booked_held_moved_into_or_repeated() {
    let agenda = Agenda::start().await;
    let (luna, recepcion) = (agenda.mascota("Luna").await, agenda.huella.como(RECEPCION_LIMA).await);
    let mut body = bloqueo("10:00", "12:00");
    body["medico_id"] = json!(agenda.soto);
    let block = bloquear(&agenda, &body).await.created();
    assert_eq!(block["citas"], json!([]));
    for (inicio, fits) in [("09:30", true), ("09:31", false), ("11:45", false), ("12:00", true)] {
        let hold = recepcion.post("/citas/retener", json!({ "sede_id": agenda.lima, "servicio_id": agenda.consulta, "medico_id": agenda.soto, "inicio": format!("2026-03-09T{inicio}:00-05:00") })).await;
        assert_eq!(hold.status == 201, fits, "{inicio}: {}", hold.body);
        if fits {
            recepcion.delete(&format!("/retenciones/{}", id(&hold.body))).await;
        }
    }
    let problem = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-09T10:30:00")).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!((impedimentos(&problem), &problem["autorizable"]), (vec!["medico_bloqueado"], &json!(true)));
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-09T09:00:00")).await.created();
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-09T11:00:00-05:00");
    recepcion.put(&format!("/citas/{}", id(&cita)), cambio).await.problem(422, "cita-fuera-de-agenda");
    let mut serie = agenda.cita(&luna, "2026-03-02T10:30:00");
    for (key, value) in [("cada", json!(1)), ("unidad", json!("semanas")), ("veces", json!(3)), ("si_hay_conflicto", json!("omitir"))] {
        serie[key] = value;
    }
    let serie = recepcion.post("/citas/series", serie).await.created();
    assert_eq!(
        (serie["citas"].as_array().map(Vec::len), &serie["omitidas"][0]["impedimentos"][0]["tipo"]),
        (Some(2), &json!("medico_bloqueado"))
    );
    // Any other vet is free, and so is this one once the block is gone.
    let mut any = agenda.cita(&luna, "2026-03-09T10:30:00");
    any.as_object_mut().expect("an object").remove("medico_id");
    assert_eq!(recepcion.post("/citas/reservar", any).await.created()["medico_id"], agenda.rojas);
    let admin = agenda.huella.como(ADMIN_LIMA).await;
    assert_eq!(admin.delete(&format!("/bloqueos/{}", id(&block))).await.status, 204);
    let max = agenda.mascota("Max").await;
    recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-09T10:30:00")).await.created();
}

#[tokio::test]
async fn a_blocked_room_or_scanner_leaves_the_others_and_a_blocked_sede_nothing() {
    let agenda = Agenda::start().await;
    let (luna, recepcion) = (agenda.mascota("Luna").await, agenda.huella.como(RECEPCION_LIMA).await);
    let of = |table: &'static str, nombre: &'static str| agenda.huella.id_of("andina", table, "nombre", nombre);
    let rooms = [of("ambientes", "Consultorio 2").await, {
        let lima = format!("select id::text from ambientes where nombre = 'Consultorio 1' and sede_id = '{}'", agenda.lima);
        agenda.huella.scalar::<String>(&lima).await
    }];
    let mut one = bloqueo("10:00", "11:00");
    one["ambiente_id"] = json!(rooms[0]);
    bloquear(&agenda, &one).await.created();
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-09T10:00:00")).await.created();
    assert_eq!(cita["ambiente_id"], rooms[1]);
    one["ambiente_id"] = json!(rooms[1]);
    let problem = bloquear(&agenda, &one).await.problem(409, "bloqueo-con-citas");
    assert_eq!(
        (&problem["cuantas"], &problem["citas"][0]["id"], &problem["citas"][0]["mascota"]),
        (&json!(1), &cita["id"], &json!("Luna"))
    );
    one["confirmar"] = json!(true);
    let block = bloquear(&agenda, &one).await.created();
    assert_eq!(block["citas"][0]["id"], cita["id"], "it is there until somebody moves it");
    let max = agenda.mascota("Max").await;
    let mut other = agenda.cita(&max, "2026-03-09T10:30:00");
    other["medico_id"] = json!(agenda.rojas);
    let problem = recepcion.post("/citas/reservar", other).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!((impedimentos(&problem), &problem["autorizable"]), (vec!["ambiente_bloqueado"], &json!(false)), "{problem:#}");
    // What ends, with its buffer, as the block begins, or begins as it ends, is not in it.
    for hora in ["09:25", "11:00"] {
        let mut beside = agenda.cita(&max, &format!("2026-03-09T{hora}:00"));
        beside["medico_id"] = json!(agenda.rojas);
        recepcion.post("/citas/reservar", beside).await.created();
    }
    recepcion.delete(&format!("/citas/{}?motivo=Bloqueo", id(&cita))).await.ok();
    let left = agenda.huella.como(ADMIN_LIMA).await.get(&format!("/bloqueos/{}", id(&block))).await.ok();
    assert_eq!(left["citas"], json!([]));
    let mut scanner = bloqueo("15:00", "16:00");
    scanner["equipo_id"] = json!(of("equipos", "Ecógrafo 1").await);
    // Who needs no scanner is not in its way.
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-09T15:10:00")).await.created();
    assert_eq!(bloquear(&agenda, &scanner).await.created()["citas"], json!([]));
    let mut eco = agenda.cita(&max, "2026-03-09T14:15:00");
    eco["servicio_id"] = json!(agenda.eco);
    let problem = recepcion.post("/citas/reservar", eco).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!(impedimentos(&problem), ["equipo_bloqueado"], "by its buffer: {problem:#}");
    bloquear(&agenda, &bloqueo("17:00", "18:00")).await.created();
    let problem = recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-09T17:30:00")).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!(impedimentos(&problem), ["sede_bloqueada"]);
}

#[tokio::test]
async fn a_block_says_what_is_wrong_with_it_and_who_may() {
    let agenda = Agenda::start().await;
    let mut wrong = bloqueo("12:00", "10:00");
    (wrong["medico_id"], wrong["equipo_id"]) = (json!(agenda.soto), json!(agenda.eco));
    assert_eq!(bloquear(&agenda, &wrong).await.wrong_fields(), ["/hasta", "/medico_id"]);
    let mut foreign = bloqueo("10:00", "12:00");
    foreign["ambiente_id"] =
        json!(agenda.huella.scalar::<String>(&format!("select id::text from ambientes where sede_id = '{}'", agenda.cusco)).await);
    assert_eq!(bloquear(&agenda, &foreign).await.wrong_fields(), ["/ambiente_id"]);
    for (field, stranger) in [("medico_id", &agenda.eco), ("equipo_id", &agenda.eco)] {
        let mut unknown = bloqueo("10:00", "12:00");
        unknown[field] = json!(stranger);
        assert_eq!(bloquear(&agenda, &unknown).await.wrong_fields(), [format!("/{field}")]);
    }
    let long = json!({ "desde": "2026-03-09T10:00:00Z", "hasta": "2027-03-10T10:00:01Z", "motivo": "Licencia" });
    assert_eq!(bloquear(&agenda, &long).await.wrong_fields(), ["/hasta"]);
    let past = json!({ "desde": "2026-02-01T10:00:00Z", "hasta": "2026-02-01T11:00:00Z", "motivo": "Tarde" });
    assert_eq!(bloquear(&agenda, &past).await.wrong_fields(), ["/hasta"]);
    let path = format!("/sedes/{}/bloqueos", agenda.lima);
    agenda.huella.como(RECEPCION_LIMA).await.post(&path, bloqueo("10:00", "12:00")).await.problem(403, "sin-permiso");
    let block = bloquear(&agenda, &bloqueo("10:00", "12:00")).await.created();
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    cusco.get(&format!("/bloqueos/{}", id(&block))).await.problem(404, "no-encontrado");
    let listed = agenda.huella.como(RECEPCION_LIMA).await.get(&format!("{path}?desde=2026-03-09&hasta=2026-03-09")).await.ok();
    assert_eq!(listed[0]["id"], block["id"]);
    cusco.delete(&format!("/bloqueos/{}", id(&block))).await.problem(403, "sin-permiso");
    assert_eq!(agenda.huella.como(ADMIN_LIMA).await.delete(&format!("/bloqueos/{}", id(&block))).await.status, 204);
    // Who is being seen stays where they are: there is nothing to move.
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T08:05:00")).await.created();
    for estado in ["en_espera", "en_consulta"] {
        recepcion.put(&format!("/citas/{}/estado", id(&cita)), json!({ "estado": estado })).await.ok();
    }
    let now = json!({ "desde": "2026-03-02T08:00:00-05:00", "hasta": "2026-03-02T10:00:00-05:00", "motivo": "Inundación" });
    assert_eq!(bloquear(&agenda, &now).await.created()["citas"], json!([]));
    let said = "select string_agg(accion, ' ' order by id) from auditoria where entidad = 'bloqueo'";
    let told = "select string_agg(tema, ' ' order by id) from outbox where tema like 'bloqueo.%' and sede_id is not null";
    assert_eq!(
        (agenda.huella.scalar::<String>(said).await, agenda.huella.scalar::<String>(told).await),
        ("crear quitar crear".into(), "bloqueo.creado bloqueo.quitado bloqueo.creado".into())
    );
}

/// Whatever comes first, an appointment in a block is one that the block was told of.
#[tokio::test]
async fn a_block_and_a_booking_at_once_know_of_each_other() {
    let agenda = Agenda::start().await;
    let (recepcion, admin) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(ADMIN_LIMA).await);
    let path = format!("/sedes/{}/bloqueos", agenda.lima);
    let (mut blocked, mut told) = (0, 0);
    for round in 0..20 {
        let pet = agenda.mascota(&format!("Mascota {round}")).await;
        let day = format!("2026-03-{:02}", 10 + round);
        let inicio = format!("{day}T10:00:00");
        let mut body = json!({ "desde": format!("{day}T09:00:00-05:00"), "hasta": format!("{day}T12:00:00-05:00"), "motivo": "Carrera", "confirmar": true });
        body["medico_id"] = json!(agenda.soto);
        let (cita, block) = tokio::join!(recepcion.post("/citas/reservar", agenda.cita(&pet, &inicio)), admin.post(&path, body));
        let block = block.created();
        let seen = block["citas"].as_array().map(Vec::len);
        match cita.status.as_u16() {
            201 => {
                assert_eq!(seen, Some(1), "booked, and nobody told who blocked: {block:#}");
                told += 1;
            }
            // A Sunday is closed anyway.
            422 => {
                assert_eq!(seen, Some(0));
                blocked += 1;
            }
            other => panic!("{other}: {}", cita.body),
        }
    }
    assert!(blocked + told == 20);
}

/// A small generator: the same worlds in every run.
struct Azar(u64);
impl Azar {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
    /// A quarter of an hour between 8:00 and 18:45.
    fn hora(&mut self) -> (u64, u64) {
        (8 + self.next(11), 15 * self.next(4))
    }
}

/// Blocks, absences, shifts and appointments on Monday, the 9th.
async fn desordenar(agenda: &Agenda, azar: &mut Azar, pets: &[String]) {
    let admin = agenda.huella.como(ADMIN).await;
    let lima = &agenda.lima;
    let rooms: Vec<String> = sqlx::query_scalar("select id::text from ambientes where sede_id = $1::uuid order by nombre")
        .bind(lima)
        .fetch_all(&agenda.huella.sql)
        .await
        .expect("rooms");
    let scanner = agenda.huella.id_of("andina", "equipos", "nombre", "Ecógrafo 1").await;
    for _ in 0..4 {
        let ((h, m), length) = (azar.hora(), 1 + azar.next(6));
        let end = h * 60 + m + length * 15;
        let mut block = bloqueo(&format!("{h:02}:{m:02}"), &format!("{:02}:{:02}", end / 60, end % 60));
        block["confirmar"] = json!(true);
        match azar.next(7) {
            0 | 1 => block["medico_id"] = json!(agenda.soto),
            2 => block["medico_id"] = json!(agenda.rojas),
            3 | 4 => block["ambiente_id"] = json!(rooms[azar.next(rooms.len() as u64) as usize]),
            5 => block["equipo_id"] = json!(scanner),
            _ => {}
        }
        admin.post(&format!("/sedes/{lima}/bloqueos"), block).await.created();
    }
    if azar.next(2) == 0 {
        let away = json!({ "medico_id": agenda.soto, "fecha": "2026-03-09", "abierto": false, "desde": "13:00", "hasta": "15:00", "motivo": "Permiso" });
        admin.post(&format!("/sedes/{lima}/excepciones"), away).await.created();
    }
    if azar.next(3) > 0 {
        let (sede, from) = if azar.next(2) == 0 { (lima, 10) } else { (&agenda.cusco, 8) };
        let shift = json!({ "nombre": format!("Turno {}", azar.next(1_000_000)), "tramos": [{ "dia": 1, "desde": format!("{from:02}:00"), "hasta": "16:00" }] });
        let shift = admin.post(&format!("/sedes/{sede}/turnos"), shift).await.created();
        let medico = if azar.next(2) == 0 { &agenda.rojas } else { &agenda.soto };
        let works = json!({ "turno_id": shift["id"], "medico_id": medico, "desde": "2026-03-08", "hasta": "2026-03-10" });
        admin.post(&format!("/sedes/{sede}/turnos-asignados"), works).await.created();
    }
    for pet in pets {
        let (h, m) = azar.hora();
        let mut cita = agenda.cita(pet, &format!("2026-03-09T{h:02}:{m:02}:00"));
        match azar.next(4) {
            0 => cita["medico_id"] = json!(agenda.rojas),
            1 => (cita["sede_id"], cita["medico_id"]) = (json!(agenda.cusco), json!(agenda.rojas)),
            2 => cita["servicio_id"] = json!(agenda.eco),
            _ => {}
        }
        admin.post("/citas/reservar", cita).await;
    }
}

/// What is offered for a service with a vet on that day.
async fn ofrecidas(agenda: &Agenda, who: &Cliente, servicio: &str, medico: &str) -> BTreeSet<String> {
    let path =
        format!("/disponibilidad?servicio_id={servicio}&sedes={}&medico_id={medico}&desde=2026-03-09T05:00:00Z&limite=200", agenda.lima);
    let found = who.get(&path).await.ok();
    let starts = found["huecos"].as_array().expect("gaps").iter().filter_map(|hueco| hueco["inicio"].as_str().map(str::to_owned));
    starts.filter(|inicio| inicio.as_str() < "2026-03-10T05:00:00Z").collect()
}

/// What can be booked, by trying.
async fn reservables(agenda: &Agenda, who: &Cliente, servicio: &str, medico: &str) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for quarter in 12 * 4..26 * 4 {
        let inicio = format!("2026-03-{:02}T{:02}:{:02}:00Z", 9 + quarter / 96, quarter / 4 % 24, 15 * (quarter % 4));
        let hold = json!({ "sede_id": agenda.lima, "servicio_id": servicio, "medico_id": medico, "inicio": inicio });
        let hold = who.post("/citas/retener", hold).await;
        match hold.status.as_u16() {
            201 => {
                assert_eq!(who.delete(&format!("/retenciones/{}", id(&hold.body))).await.status, 204);
                taken.insert(inicio);
            }
            409 | 422 => assert!(!impedimentos(&hold.body).is_empty() || !resources(&hold.body).is_empty(), "{}", hold.body),
            other => panic!("{other}: {}", hold.body),
        }
    }
    taken
}

#[tokio::test]
async fn what_is_offered_can_be_booked_and_nothing_else() {
    let mut azar = Azar(20_260_309);
    let mut gaps = 0;
    for world in 0..4 {
        let agenda = Agenda::start().await;
        let pets = [agenda.mascota("A").await, agenda.mascota("B").await, agenda.mascota("C").await, agenda.mascota("D").await];
        desordenar(&agenda, &mut azar, &pets).await;
        for (servicio, medico) in [(&agenda.consulta, &agenda.soto), (&agenda.consulta, &agenda.rojas), (&agenda.eco, &agenda.soto)] {
            // Each asks with a measure of their own.
            let who = agenda.huella.como(if medico == &agenda.soto { RECEPCION_LIMA } else { ADMIN_LIMA }).await;
            let (offered, bookable) =
                (ofrecidas(&agenda, &who, servicio, medico).await, reservables(&agenda, &who, servicio, medico).await);
            assert_eq!(offered, bookable, "world {world}, service {servicio}, vet {medico}");
            gaps += offered.len();
        }
    }
    assert!(gaps > 50, "{gaps}: too little is free for this to mean anything");
}
