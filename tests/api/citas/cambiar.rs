//! Moving, cancelling, and the states of a visit.
use super::{Agenda, resources};
use huella_tests::{
    andina::{ADMIN, DR_SOTO, DRA_ROJAS, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};

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

#[tokio::test]
async fn a_move_takes_another_free_room_and_keeps_its_own_where_it_can() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let mut of_rojas = agenda.cita(&max, "2026-03-02T12:00:00");
    of_rojas["medico_id"] = json!(agenda.rojas);
    of_rojas["ambiente_id"] = cita["ambiente_id"].clone();
    recepcion.post("/citas/reservar", of_rojas).await.created();
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T12:00:00-05:00");
    let moved = recepcion.put(&format!("/citas/{}", id(&cita)), cambio.clone()).await.ok();
    assert_ne!(moved["ambiente_id"], cita["ambiente_id"], "its own is taken at noon, the other is free");
    // Where the room it has now is free, it stays, though another one comes first.
    cambio["inicio"] = json!("2026-03-02T15:00:00-05:00");
    let again = recepcion.put(&format!("/citas/{}", id(&cita)), cambio).await.ok();
    assert_eq!(again["ambiente_id"], moved["ambiente_id"]);
}

#[tokio::test]
async fn an_appointment_says_which_equipment_it_takes() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut eco = agenda.cita(&luna, "2026-03-02T10:00:00");
    eco["servicio_id"] = json!(agenda.eco);
    let cita = recepcion.post("/citas/reservar", eco).await.created();
    assert_eq!(cita["equipos"].as_array().map(Vec::len), Some(1), "{cita:#}");
    assert_eq!(recepcion.get(&format!("/citas/{}", id(&cita))).await.ok(), cita);
    let listed = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-02", agenda.lima)).await.ok();
    assert_eq!(listed["items"][0]["equipos"], cita["equipos"]);
    // Sent back as it was read, nothing moves.
    let mut cambio = agenda.cambio(&cita);
    cambio["equipos"] = cita["equipos"].clone();
    let same = recepcion.put(&format!("/citas/{}", id(&cita)), cambio).await.ok();
    assert_eq!((&same["equipos"], &same["ambiente_id"]), (&cita["equipos"], &cita["ambiente_id"]));
}

#[tokio::test]
async fn who_comes_late_meets_a_conflict_in_the_buffer_alone_and_in_the_scanner_alone() {
    let agenda = Agenda::start().await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut eco = agenda.cita(&luna, "2026-03-02T08:30:00");
    eco["servicio_id"] = json!(agenda.eco);
    let cita = recepcion.post("/citas/reservar", eco.clone()).await.created();
    agenda.huella.avanzar(jiff::SignedDuration::from_mins(31));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let estado = format!("/citas/{}/estado", id(&cita));
    recepcion.put(&estado, json!({ "estado": "no_asistio" })).await.ok();
    // Another vet's scan from the end of the visit on: only the buffer crosses, only in room and scanner.
    let mut other = eco;
    other["mascota_id"] = json!(max);
    other["medico_id"] = json!(agenda.rojas);
    other["inicio"] = cita["fin"].clone();
    let walk_in = recepcion.post("/citas/reservar", other).await.created();
    let problem = recepcion.put(&estado, json!({ "estado": "en_espera" })).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["ambiente", "equipo"], "{problem:#}");
    assert_eq!(problem["conflictos"][0]["cita_id"], walk_in["id"]);
}

/// Bookings, moves and cancellations of few pets and vets at once, in rounds: whatever wins, nobody is in two places.
#[tokio::test]
async fn whatever_races_nobody_is_in_two_places() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let pets = [agenda.mascota("A").await, agenda.mascota("B").await, agenda.mascota("C").await];
    let mut known: Vec<Value> = Vec::new();
    for round in 0..8_usize {
        let times = ["10:00", "10:15", "10:30", "11:00", "11:15"];
        let at = |n: usize| format!("2026-03-02T{}:00", times[(n + round) % times.len()]);
        let bookings = (0..9).map(|n| {
            let mut body = agenda.cita(&pets[n % 3], &at(n));
            body["medico_id"] = json!([&agenda.soto, &agenda.rojas][n % 2]);
            if n % 3 == 0 {
                body["servicio_id"] = json!(agenda.eco);
            }
            recepcion.post("/citas/reservar", body)
        });
        let moves = known.iter().enumerate().map(|(n, cita)| {
            let mut cambio = agenda.cambio(cita);
            cambio["inicio"] = json!(format!("{}-05:00", at(n + 2)));
            let (recepcion, path) = (&recepcion, format!("/citas/{}", id(cita)));
            async move { recepcion.put(&path, cambio).await }
        });
        let cancels = known.iter().skip(2).step_by(3).map(|cita| {
            let (recepcion, path) = (&recepcion, format!("/citas/{}?motivo=carrera", id(cita)));
            async move { recepcion.delete(&path).await }
        });
        let (booked, moved, cancelled) =
            tokio::join!(futures::future::join_all(bookings), futures::future::join_all(moves), futures::future::join_all(cancels));
        for answer in booked.iter().chain(&moved).chain(&cancelled) {
            assert!([200, 201, 409, 412].contains(&answer.status.as_u16()), "{}", answer.body);
        }
        known.extend(booked.into_iter().filter(|answer| answer.status == 201).map(|answer| answer.body));
    }
    assert!(known.len() >= 3, "some of it was booked");
    for resource in ["medico_id", "ambiente_id", "mascota_id"] {
        let twice: i64 = agenda
            .huella
            .scalar(&format!(
                "select count(*) from citas a join citas b on a.id < b.id and a.{resource} = b.{resource} and a.activa and b.activa
                   and tstzrange(a.ocupado_desde, a.ocupado_hasta) && tstzrange(b.ocupado_desde, b.ocupado_hasta)"
            ))
            .await;
        assert_eq!(twice, 0, "{resource}");
    }
    let pieces: i64 = agenda
        .huella
        .scalar(
            "select count(*) from citas_equipos a join citas_equipos b on a.cita_id < b.cita_id and a.equipo_id = b.equipo_id and a.activa and b.activa
               and tstzrange(a.ocupado_desde, a.ocupado_hasta) && tstzrange(b.ocupado_desde, b.ocupado_hasta)",
        )
        .await;
    assert_eq!(pieces, 0, "one piece of equipment is in two appointments");
    let scans: i64 = agenda.huella.scalar("select count(*) from citas_equipos").await;
    assert!(scans > 0, "some of it took a piece");
    let halves: i64 = agenda
        .huella
        .scalar(
            "select count(*) from citas c join servicios s on s.id = c.servicio_id
              where cardinality(s.equipos_tipos) <> (select count(*) from citas_equipos e where e.cita_id = c.id and e.activa = c.activa
                and e.ocupado_desde = c.ocupado_desde and e.ocupado_hasta = c.ocupado_hasta and e.sede_id = c.sede_id)",
        )
        .await;
    assert_eq!(halves, 0, "equipment goes where its appointment goes");
}
