//! Holding a slot: it is taken while it lasts, and free by itself afterwards.
use super::{Agenda, resources};
use huella_tests::{
    andina::{RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The body of a hold where `cita` would be: without pet and reason.
fn hold(cita: &Value) -> Value {
    let keep = ["sede_id", "servicio_id", "medico_id", "inicio"];
    Value::Object(keep.iter().map(|key| ((*key).to_owned(), cita[*key].clone())).collect())
}

#[tokio::test]
async fn a_hold_takes_the_slot_and_becomes_the_appointment() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let wish = agenda.cita(&luna, "2026-03-02T10:00:00");
    let held = recepcion.post("/citas/retener", hold(&wish)).await.created();
    assert_eq!((held["retenida_hasta"].as_str(), held["mascota_id"].as_str()), (Some("2026-03-02T13:08:00Z"), None), "{held:#}");
    assert_eq!(held["fin"], "2026-03-02T15:30:00Z");
    // It conflicts like an appointment, and is named.
    let problem = recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T10:15:00")).await.problem(409, "cita-traslape");
    assert_eq!((&problem["conflictos"][0]["cita_id"], &problem["conflictos"][0]["retenida_hasta"]), (&held["id"], &held["retenida_hasta"]));
    // It is no appointment: the agenda does not list it, the list of holds does.
    let path = format!("/retenciones/{}", id(&held));
    recepcion.get(&format!("/citas/{}", id(&held))).await.problem(404, "no-encontrado");
    recepcion.delete(&format!("/citas/{}?motivo=nada", id(&held))).await.problem(404, "no-encontrado");
    let day = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-02&con_anuladas=true", agenda.lima)).await.ok();
    assert_eq!(day["items"], json!([]));
    assert_eq!(recepcion.get(&format!("/retenciones?sede_id={}", agenda.lima)).await.ok(), json!([held]));
    assert_eq!(recepcion.get(&path).await.ok(), held);
    // Confirmed, it is the appointment, of the same id.
    assert_eq!(recepcion.post(&format!("{path}/confirmar"), json!({})).await.wrong_fields(), ["/mascota_id"]);
    let cita = recepcion.post(&format!("{path}/confirmar"), json!({ "mascota_id": luna, "motivo": "Vacuna" })).await.created();
    assert_eq!((&cita["id"], &cita["mascota_id"], &cita["estado"]), (&held["id"], &json!(luna), &json!("programada")));
    agenda.huella.avanzar(SignedDuration::from_mins(60));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    assert_eq!(recepcion.get(&format!("/citas/{}", id(&held))).await.ok(), cita);
    recepcion.get(&path).await.problem(404, "no-encontrado");
    recepcion.post(&format!("{path}/confirmar"), json!({})).await.problem(404, "no-encontrado");
    let events: Vec<String> = sqlx::query_scalar("select tema from outbox where tema like 'cita.%' order by 1")
        .fetch_all(&agenda.huella.sql)
        .await
        .expect("events");
    assert_eq!(events, ["cita.reservada", "cita.retenida"]);
}

#[tokio::test]
async fn a_hold_that_is_over_is_free_everywhere_and_cannot_be_confirmed() {
    let agenda = Agenda::start().await;
    let (recepcion, luna, max) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let mut wish = hold(&agenda.cita(&luna, "2026-03-02T10:00:00"));
    (wish["minutos"], wish["mascota_id"]) = (json!(5), json!(luna));
    let held = recepcion.post("/citas/retener", wish).await.created();
    let query = format!(
        "/disponibilidad?servicio_id={}&medico_id={}&sedes={}&desde=2026-03-02T10:00:00-05:00&limite=1",
        agenda.consulta, agenda.soto, agenda.lima
    );
    assert_eq!(recepcion.get(&query).await.ok()["huecos"][0]["inicio"], "2026-03-02T15:45:00Z");
    agenda.huella.avanzar(SignedDuration::from_mins(4));
    recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T10:00:00")).await.problem(409, "cita-traslape");
    agenda.huella.avanzar(SignedDuration::from_mins(1));
    assert_eq!(recepcion.get(&query).await.ok()["huecos"][0]["inicio"], "2026-03-02T15:00:00Z");
    assert_eq!(recepcion.get(&format!("/retenciones?sede_id={}", agenda.lima)).await.ok(), json!([]));
    let confirm = format!("/retenciones/{}/confirmar", id(&held));
    recepcion.post(&confirm, json!({})).await.problem(410, "retencion-vencida");
    recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T10:00:00")).await.created();
    recepcion.post(&confirm, json!({})).await.problem(404, "no-encontrado");
    let left: i64 = agenda.huella.scalar("select count(*) from citas where retenida_hasta is not null").await;
    assert_eq!(left, 0, "the booking took the old hold away");
}

#[tokio::test]
async fn of_two_that_hold_one_slot_one_wins_and_release_frees_it() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let wish = hold(&agenda.cita(&luna, "2026-03-02T10:00:00"));
    let (one, two) = tokio::join!(recepcion.post("/citas/retener", wish.clone()), recepcion.post("/citas/retener", wish.clone()));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.body, two.body);
    let held = if one.status == 201 { one.body } else { two.body };
    let path = format!("/retenciones/{}", id(&held));
    agenda.huella.como(RECEPCION_CUSCO).await.delete(&path).await.problem(404, "no-encontrado");
    assert_eq!(recepcion.delete(&path).await.status.as_u16(), 204);
    recepcion.delete(&path).await.problem(404, "no-encontrado");
    recepcion.post("/citas/retener", wish.clone()).await.created();
    let mut bad = wish;
    (bad["minutos"], bad["mascota_id"]) = (json!(11), json!("x"));
    assert_eq!(recepcion.post("/citas/retener", bad).await.wrong_fields(), ["/mascota_id", "/minutos"]);
}

/// Holds of scanner, room and vet that are over, one of them of another sede's vet and pet, and fifty who come at once.
#[tokio::test]
async fn fifty_at_once_onto_holds_that_are_over_and_one_wins() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pets = Vec::new();
    for number in 0..50 {
        pets.push(agenda.mascota(&format!("Mascota {number}")).await);
    }
    let mut scan = hold(&agenda.cita(&pets[0], "2026-03-02T11:00:00"));
    scan["servicio_id"] = json!(agenda.eco);
    recepcion.post("/citas/retener", scan).await.created();
    let mut other = hold(&agenda.cita(&pets[0], "2026-03-02T11:30:00"));
    other["medico_id"] = json!(agenda.rojas);
    other["mascota_id"] = json!(pets[3]);
    recepcion.post("/citas/retener", other).await.created();
    agenda.huella.avanzar(SignedDuration::from_mins(9));
    let tries = pets.iter().map(|pet| {
        let mut body = agenda.cita(pet, "2026-03-02T11:00:00");
        body["servicio_id"] = json!(agenda.eco);
        recepcion.post("/citas/reservar", body)
    });
    let statuses: Vec<u16> = futures::future::join_all(tries).await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 409).count(), 49, "{statuses:?}");
}

#[tokio::test]
async fn confirming_and_booking_at_the_end_of_a_hold_leave_one_appointment() {
    let agenda = Agenda::start().await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    for hour in 9..15 {
        let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
        let at = format!("2026-03-03T{hour:02}:00:00");
        let held = recepcion.post("/citas/retener", hold(&agenda.cita(&luna, &at))).await.created();
        if hour % 2 == 0 {
            agenda.huella.avanzar(SignedDuration::from_mins(8));
        }
        let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
        let confirm = format!("/retenciones/{}/confirmar", id(&held));
        let (a, b, c) = tokio::join!(
            recepcion.post(&confirm, json!({ "mascota_id": luna })),
            recepcion.post("/citas/reservar", agenda.cita(&max, &at)),
            recepcion.post(&confirm, json!({ "mascota_id": luna })),
        );
        let statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
        assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| [201, 404, 409, 410].contains(s)), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_pet_held_or_taken_meanwhile_is_named_when_the_hold_is_confirmed() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let held = recepcion.post("/citas/retener", hold(&agenda.cita(&luna, "2026-03-02T10:00:00"))).await.created();
    let mut elsewhere = agenda.cita(&luna, "2026-03-02T10:15:00");
    elsewhere["medico_id"] = json!(agenda.rojas);
    let there = recepcion.post("/citas/reservar", elsewhere).await.created();
    let problem =
        recepcion.post(&format!("/retenciones/{}/confirmar", id(&held)), json!({ "mascota_id": luna })).await.problem(409, "cita-traslape");
    assert_eq!((resources(&problem), &problem["conflictos"][0]["cita_id"]), (vec!["mascota"], &there["id"]), "{problem:#}");
    assert_eq!(recepcion.get(&format!("/retenciones/{}", id(&held))).await.ok(), held, "the hold is as it was");
}

#[tokio::test]
async fn the_sweep_takes_holds_away_that_are_long_over_and_nothing_else() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut scan = hold(&agenda.cita(&luna, "2026-03-02T11:00:00"));
    scan["servicio_id"] = json!(agenda.eco);
    recepcion.post("/citas/retener", scan.clone()).await.created();
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T16:00:00")).await.created();
    agenda.huella.avanzar(SignedDuration::from_mins(70));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    scan["inicio"] = json!("2026-03-02T18:00:00-05:00");
    recepcion.post("/citas/retener", scan).await.created();
    server::trabajos::clean(&agenda.huella.parts.system()).await.expect("swept");
    let left: Vec<Option<String>> =
        sqlx::query_scalar("select to_char(retenida_hasta at time zone 'UTC', 'HH24:MI') from citas order by inicio")
            .fetch_all(&agenda.huella.sql)
            .await
            .expect("rows");
    assert_eq!(left, [None, Some("14:18".to_owned())]);
    let equipment: i64 = agenda.huella.scalar("select count(*) from citas_equipos").await;
    assert_eq!(equipment, 1);
}

#[tokio::test]
async fn a_hold_is_in_no_calendar_and_goes_with_the_pet_that_it_was_for() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut wish = hold(&agenda.cita(&luna, "2026-03-02T10:00:00"));
    wish["mascota_id"] = json!(luna);
    let held = recepcion.post("/citas/retener", wish).await.created();
    let calendar = recepcion.post("/calendarios", json!({ "sede_id": agenda.lima })).await.created();
    let read = agenda.huella.nadie().get(&format!("/{}", calendar["ruta"].as_str().expect("an address"))).await;
    let text = String::from_utf8_lossy(&read.bytes);
    assert!(text.contains("BEGIN:VCALENDAR") && !text.contains("BEGIN:VEVENT"), "{text}");
    let death = json!({ "fecha": "2026-03-02", "causa": "Vejez" });
    let death = recepcion.post(&format!("/pacientes/{luna}/fallecimiento"), death).await.created();
    assert_eq!(death["citas_anuladas"], json!([]), "{death:#}");
    recepcion.post(&format!("/retenciones/{}/confirmar", id(&held)), json!({})).await.problem(404, "no-encontrado");
    // The hour is free again, and told to be; who asks for another one for that pet hears why not.
    let told: i64 = agenda.huella.scalar("select count(*) from outbox where tema = 'cita.soltada'").await;
    assert_eq!(told, 1);
    let free = recepcion.post("/citas/retener", hold(&agenda.cita(&luna, "2026-03-02T10:00:00"))).await.created();
    let wish = json!({ "mascota_id": luna });
    recepcion.post(&format!("/retenciones/{}/confirmar", id(&free)), wish).await.problem(422, "mascota-fallecida");
}
