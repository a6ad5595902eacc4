//! Lists, gaps, hours and special days.
use super::Agenda;
use huella_tests::{
    andina::{ADMIN, RECEPCION_LIMA},
    id,
};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::before_opening("2026-03-03T07:30:00", &["sede_cerrada", "medico_sin_turno"])]
#[case::sunday("2026-03-08T10:00:00", &["sede_cerrada", "medico_sin_turno"])]
#[case::national_holiday("2026-05-01T10:00:00", &["feriado"])]
#[case::holiday_at_night("2026-05-01T21:00:00", &["feriado", "sede_cerrada", "medico_sin_turno"])]
#[case::vet_has_gone_home("2026-03-02T19:45:00", &["sede_cerrada", "medico_sin_turno"])]
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
async fn of_two_new_weeks_at_once_one_is_refused() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    for round in 0..5 {
        let path = format!("/sedes/{}/horarios", agenda.lima);
        let etag = admin.get(&path).await.etag();
        let week = |hasta: &str| json!({ "tramos": [{ "dia": 1, "desde": "08:00", "hasta": format!("{hasta}:{round}0") }] });
        let (one, two) = tokio::join!(admin.put_if(&path, &etag, week("18")), admin.put_if(&path, &etag, week("19")));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", one.body, two.body);
    }
}

#[tokio::test]
async fn a_clinic_that_never_closes_books_across_midnight() {
    let agenda = Agenda::start().await;
    let (admin, recepcion, luna) =
        (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let always = json!({ "tramos": (1..=7).map(|dia| json!({ "dia": dia, "desde": "00:00", "hasta": "24:00" })).collect::<Vec<_>>() });
    for path in [format!("/sedes/{}/horarios", agenda.lima), format!("/sedes/{}/medicos/{}/plan", agenda.lima, agenda.soto)] {
        assert_eq!(admin.put(&path, always.clone()).await.ok(), always);
        assert_eq!(admin.get(&path).await.ok(), always);
    }
    for inicio in ["2026-03-02T23:30:00", "2026-03-03T23:45:00"] {
        recepcion.post("/citas/reservar", agenda.cita(&luna, inicio)).await.created();
    }
    let query = format!(
        "/disponibilidad?servicio_id={}&medico_id={}&sedes={}&desde=2026-03-04T23:45:00-05:00&limite=1",
        agenda.consulta, agenda.soto, agenda.lima
    );
    assert_eq!(recepcion.get(&query).await.ok()["huecos"][0]["inicio"], "2026-03-05T04:45:00Z");
    // The next day is a holiday: what begins before midnight ends before it.
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-04-30T23:45:00")).await.problem(422, "cita-fuera-de-agenda");
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-04-30T23:30:00")).await.created();
}
