//! Booking above a vet's agenda, with permission and a reason.
use super::{Agenda, resources};
use huella_tests::{
    andina::{ADMIN_LIMA, DR_SOTO, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};

fn con_sobrecupo(mut body: Value) -> Value {
    body["sobrecupo"] = json!(true);
    body["sobrecupo_motivo"] = json!("Urgencia de un paciente crónico");
    body
}

#[tokio::test]
async fn an_override_needs_its_permission_and_shows_everywhere() {
    let agenda = Agenda::start().await;
    let (recepcion, vet) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(DR_SOTO).await);
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let wish = agenda.cita(&max, "2026-03-02T10:00:00");
    let problem = recepcion.post("/citas/reservar", wish.clone()).await.problem(409, "cita-traslape");
    assert_eq!((resources(&problem), &problem["autorizable"]), (vec!["medico"], &json!(true)), "{problem:#}");
    recepcion.post("/citas/reservar", con_sobrecupo(wish.clone())).await.problem(403, "sin-permiso");
    let cita = vet.post("/citas/reservar", con_sobrecupo(wish)).await.created();
    assert_eq!((&cita["sobrecupo"], &cita["sobrecupo_motivo"]), (&json!(true), &json!("Urgencia de un paciente crónico")));
    let day = recepcion.get(&format!("/citas?sede_id={}&fecha=2026-03-02", agenda.lima)).await.ok();
    let shown: Vec<&Value> = day["items"].as_array().expect("items").iter().map(|c| &c["sobrecupo"]).collect();
    assert_eq!(shown, [&json!(false), &json!(true)]);
    let history = recepcion.get(&format!("/pacientes/{max}/historial")).await.ok();
    assert!(history.to_string().contains(r#""sobrecupo":true"#), "{history:#}");
    let audit: Value =
        agenda.huella.scalar(&format!("select despues from auditoria where entidad_id = '{}' and accion = 'reservar'", id(&cita))).await;
    assert_eq!(audit["sobrecupo_motivo"], "Urgencia de un paciente crónico", "{audit:#}");
    // Its room is taken like any other's: with both rooms full a third one does not fit.
    let third = vet.post("/citas/reservar", con_sobrecupo(agenda.cita(&agenda.mascota("C").await, "2026-03-02T10:00:00"))).await;
    let problem = third.problem(409, "cita-traslape");
    assert_eq!((resources(&problem), &problem["autorizable"]), (vec!["ambiente"], &json!(false)), "{problem:#}");
}

#[tokio::test]
async fn an_override_passes_over_hours_and_length_and_never_over_pet_or_death() {
    let agenda = Agenda::start().await;
    let vet = agenda.huella.como(DR_SOTO).await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    // At night, on a holiday, for three hours.
    let mut night = con_sobrecupo(agenda.cita(&luna, "2026-05-01T22:00:00"));
    night["duracion_min"] = json!(180);
    let cita = vet.post("/citas/reservar", night.clone()).await.created();
    assert_eq!(cita["fin"], "2026-05-02T06:00:00Z");
    night["medico_id"] = json!(agenda.rojas);
    let problem = vet.post("/citas/reservar", night).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["mascota"], "{problem:#}");
    agenda.huella.execute(&format!("update mascotas set fallecida_en = '2026-02-01' where id = '{max}'")).await;
    vet.post("/citas/reservar", con_sobrecupo(agenda.cita(&max, "2026-03-02T10:00:00"))).await.problem(422, "mascota-fallecida");
    let mut half = agenda.cita(&luna, "2026-03-02T10:00:00");
    half["sobrecupo"] = json!(true);
    half.as_object_mut().expect("an object").remove("medico_id");
    assert_eq!(vet.post("/citas/reservar", half).await.wrong_fields(), ["/medico_id", "/sobrecupo_motivo"]);
    let mut long = agenda.cita(&luna, "2026-03-02T10:00:00");
    long["duracion_min"] = json!(60);
    assert_eq!(vet.post("/citas/reservar", long).await.wrong_fields(), ["/duracion_min"]);
}

#[tokio::test]
async fn every_reason_and_every_conflict_come_at_once() {
    let agenda = Agenda::start().await;
    let (recepcion, vet, luna) =
        (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(DR_SOTO).await, agenda.mascota("Luna").await);
    // Dr. Rojas has no shift on Thursdays, and Luna is elsewhere, at night.
    vet.post("/citas/reservar", con_sobrecupo(agenda.cita(&luna, "2026-03-05T21:00:00"))).await.created();
    let mut wish = agenda.cita(&luna, "2026-03-05T21:15:00");
    wish["medico_id"] = json!(agenda.rojas);
    let problem = recepcion.post("/citas/reservar", wish).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!(problem["impedimentos"], json!([{ "tipo": "sede_cerrada" }, { "tipo": "medico_sin_turno" }]));
    assert_eq!((resources(&problem), &problem["autorizable"]), (vec!["mascota"], &json!(false)), "{problem:#}");
}

#[tokio::test]
async fn a_holiday_a_block_and_a_blocked_vet_are_all_told_and_one_override_passes_over_them() {
    let agenda = Agenda::start().await;
    let (admin, vet) = (agenda.huella.como(ADMIN_LIMA).await, agenda.huella.como(DR_SOTO).await);
    let (max, luna) = (agenda.mascota("Max").await, agenda.mascota("Luna").await);
    let bloquear = async |medico: Option<&String>| {
        let mut body = json!({ "desde": "2026-05-01T09:00:00-05:00", "hasta": "2026-05-01T11:00:00-05:00", "motivo": "Reunión" });
        if let Some(medico) = medico {
            body["medico_id"] = json!(medico);
        }
        admin.post(&format!("/sedes/{}/bloqueos", agenda.lima), body).await.created();
    };
    bloquear(None).await;
    bloquear(Some(&agenda.soto)).await;
    let wish = agenda.cita(&luna, "2026-05-01T10:00:00");
    let problem = vet.post("/citas/reservar", wish.clone()).await.problem(422, "cita-fuera-de-agenda");
    let told = |problem: &Value| problem["impedimentos"].clone();
    let all = json!([{ "tipo": "feriado" }, { "tipo": "sede_bloqueada" }, { "tipo": "medico_bloqueado" }]);
    assert_eq!((told(&problem), &problem["autorizable"]), (all, &json!(true)), "{problem:#}");
    vet.post("/citas/reservar", con_sobrecupo(wish)).await.created();
    // One reason that nobody may pass over makes all of it so: there is no such room.
    let mut elsewhere = agenda.cita(&max, "2026-05-01T10:00:00");
    elsewhere["ambiente_id"] = json!(agenda.eco);
    let problem = vet.post("/citas/reservar", elsewhere).await.problem(422, "cita-fuera-de-agenda");
    assert_eq!((&told(&problem)[3]["tipo"], &problem["autorizable"]), (&json!("ambiente_inactivo"), &json!(false)), "{problem:#}");
}

#[tokio::test]
async fn an_appointment_becomes_an_override_and_an_ordinary_one_again() {
    let agenda = Agenda::start().await;
    let (recepcion, vet) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(DR_SOTO).await);
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let cita = recepcion.post("/citas/reservar", agenda.cita(&max, "2026-03-02T12:00:00")).await.created();
    let path = format!("/citas/{}", id(&cita));
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T10:00:00-05:00");
    recepcion.put(&path, cambio.clone()).await.problem(409, "cita-traslape");
    let mut squeezed = con_sobrecupo(cambio.clone());
    recepcion.put(&path, squeezed.clone()).await.problem(403, "sin-permiso");
    let moved = vet.put(&path, squeezed.clone()).await.ok();
    assert_eq!((&moved["sobrecupo"], &moved["inicio"]), (&json!(true), &json!("2026-03-02T15:00:00Z")));
    // Who may not give one may still change the reason of the visit, also sending back what was read.
    squeezed["motivo"] = json!("Control");
    assert_eq!(recepcion.put(&path, squeezed).await.ok()["sobrecupo"], true);
    cambio["motivo"] = json!("Otro control");
    assert_eq!(recepcion.put(&path, cambio.clone()).await.ok()["sobrecupo"], true);
    // Moved without asking for it, it is one like all others.
    cambio["inicio"] = json!("2026-03-02T13:00:00-05:00");
    let back = recepcion.put(&path, cambio).await.ok();
    assert_eq!((&back["sobrecupo"], &back["sobrecupo_motivo"]), (&json!(false), &Value::Null));
    recepcion.post("/citas/reservar", agenda.cita(&agenda.mascota("C").await, "2026-03-02T13:00:00")).await.problem(409, "cita-traslape");
}

#[tokio::test]
async fn an_override_is_of_the_sede_where_it_is_allowed() {
    let agenda = Agenda::start().await;
    let (vet, luna) = (agenda.huella.como(DR_SOTO).await, agenda.mascota("Luna").await);
    let mut there = con_sobrecupo(agenda.cita(&luna, "2026-03-02T10:00:00"));
    there["sede_id"] = json!(agenda.cusco);
    vet.post("/citas/reservar", there).await.problem(403, "sin-permiso");
}
