//! A vet's appointments are the vet's: others change them with a permission.
use super::Agenda;
use huella_tests::{
    andina::{ADMIN, DR_SOTO, DRA_ROJAS, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};

/// A Monday at ten with Dr. Soto, as its PUT would move it to noon.
async fn de_soto(agenda: &Agenda) -> (String, Value) {
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let cita = recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T12:00:00-05:00");
    (id(&cita), cambio)
}

#[tokio::test]
async fn a_vet_changes_nothing_of_another_vets_appointment() {
    let agenda = Agenda::start().await;
    let (id, cambio) = de_soto(&agenda).await;
    let (rojas, path) = (agenda.huella.como(DRA_ROJAS).await, format!("/citas/{id}"));
    let mut reworded = agenda.cambio(&rojas.get(&path).await.ok());
    reworded["motivo"] = json!("Otro motivo");
    let mut taken_over = cambio.clone();
    taken_over["medico_id"] = json!(agenda.rojas);
    let answers = [
        rojas.put(&path, cambio.clone()).await,
        rojas.put(&path, reworded).await,
        rojas.put(&path, taken_over).await,
        rojas.put(&format!("{path}/estado"), json!({ "estado": "confirmada" })).await,
        rojas.delete(&format!("{path}?motivo=No+quiero")).await,
    ];
    for answer in answers {
        let problem = answer.problem(403, "sin-permiso");
        assert_eq!(problem["detail"], "La cita es de otro médico: cambiarla o anularla requiere el permiso cita.ajenas en esa sede.");
    }
    let cita = rojas.get(&path).await.ok();
    assert_eq!((&cita["estado"], &cita["inicio"], &cita["version"]), (&json!("programada"), &json!("2026-03-02T15:00:00Z"), &json!(1)));
    // Who may, may: reception changes anybody's.
    agenda.huella.como(RECEPCION_LIMA).await.put(&path, cambio).await.ok();
}

#[tokio::test]
async fn a_vet_edits_moves_and_cancels_their_own() {
    let agenda = Agenda::start().await;
    let (id, mut cambio) = de_soto(&agenda).await;
    let (soto, path) = (agenda.huella.como(DR_SOTO).await, format!("/citas/{id}"));
    assert_eq!(soto.put(&path, cambio.clone()).await.ok()["inicio"], "2026-03-02T17:00:00Z");
    soto.put(&format!("{path}/estado"), json!({ "estado": "confirmada" })).await.ok();
    // Given to a colleague, it is the colleague's.
    cambio["medico_id"] = json!(agenda.rojas);
    soto.put(&path, cambio.clone()).await.ok();
    soto.delete(&format!("{path}?motivo=Viaje")).await.problem(403, "sin-permiso");
    assert_eq!(agenda.huella.como(DRA_ROJAS).await.delete(&format!("{path}?motivo=Viaje")).await.ok()["estado"], "anulada");
}

#[tokio::test]
async fn a_series_goes_on_as_far_as_it_is_ones_own() {
    let agenda = Agenda::start().await;
    let (soto, luna) = (agenda.huella.como(DR_SOTO).await, agenda.mascota("Luna").await);
    let mut serie = agenda.cita(&luna, "2026-03-02T10:00:00");
    for (key, value) in [("cada", json!(1)), ("unidad", json!("semanas")), ("veces", json!(3)), ("si_hay_conflicto", json!("rechazar"))] {
        serie[key] = value;
    }
    let citas = soto.post("/citas/series", serie).await.created()["citas"].clone();
    let last = format!("/citas/{}", id(&citas[2]));
    let mut given = agenda.cambio(&citas[2]);
    given["medico_id"] = json!(agenda.rojas);
    given["inicio"] = json!("2026-03-17T10:00:00-05:00");
    soto.put(&last, given).await.ok();
    let first = format!("/citas/{}", id(&citas[0]));
    soto.delete(&format!("{first}?motivo=Viaje&alcance=todas")).await.problem(403, "sin-permiso");
    assert_eq!(soto.get(&first).await.ok()["estado"], "programada", "all or none");
    soto.delete(&format!("{first}?motivo=Viaje")).await.ok();
}

#[tokio::test]
async fn a_chain_may_let_its_vets_change_each_others_appointments() {
    let agenda = Agenda::start().await;
    let (id, cambio) = de_soto(&agenda).await;
    let admin = agenda.huella.como(ADMIN).await;
    let roles = admin.get("/roles").await.ok();
    let all = roles.as_array().or(roles["items"].as_array()).expect("roles");
    let vet = all.iter().find(|rol| rol["clave"] == "veterinario").expect("the role").clone();
    let mut permisos = vet["permisos"].as_array().expect("a list").clone();
    permisos.push(json!("cita.ajenas"));
    let role = json!({ "nombre": vet["nombre"], "permisos": permisos });
    admin.put(&format!("/roles/{}", huella_tests::id(&vet)), role).await.ok();
    agenda.huella.como(DRA_ROJAS).await.put(&format!("/citas/{id}"), cambio).await.ok();
}
