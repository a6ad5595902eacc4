//! Owners who do not come, or say so too late.
use super::Agenda;
use huella_tests::{
    Cliente,
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A pet and its owner.
async fn paciente(agenda: &Agenda, nombre: &str) -> (String, String) {
    let mascota = agenda.mascota(nombre).await;
    let tutor = format!("select tutor_id::text from tutores_mascotas where mascota_id = '{mascota}'");
    (mascota, agenda.huella.scalar(&tutor).await)
}

async fn reservar(agenda: &Agenda, who: &Cliente, mascota: &str, inicio: &str) -> String {
    id(&who.post("/citas/reservar", agenda.cita(mascota, inicio)).await.created())
}

/// No-shows, late cancellations, and whether to pay before.
async fn conducta(who: &Cliente, tutor: &str) -> (i64, i64, bool) {
    let body = who.get(&format!("/tutores/{tutor}")).await.ok();
    let of = |key: &str| body["conducta"][key].as_i64().unwrap_or_else(|| panic!("{body:#}"));
    (of("inasistencias"), of("anulaciones_tardias"), body["conducta"]["exige_pago_previo"].as_bool().expect("yes or no"))
}

async fn ajustar(agenda: &Agenda, change: Value) {
    let admin = agenda.huella.como(ADMIN).await;
    let mut ajustes = json!({ "aviso_horas": 24, "faltas_max": 3, "correccion_horas": 24 });
    change.as_object().expect("fields").iter().for_each(|(key, value)| ajustes[key] = value.clone());
    admin.put("/ajustes/citas", ajustes).await.ok();
}

#[tokio::test]
async fn who_does_not_come_is_counted_until_it_is_corrected() {
    let agenda = Agenda::start().await;
    let (luna, tutor) = paciente(&agenda, "Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = reservar(&agenda, &recepcion, &luna, "2026-03-02T08:30:00").await;
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 0, false));
    agenda.huella.avanzar(SignedDuration::from_mins(45));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let estado = format!("/citas/{cita}/estado");
    recepcion.put(&estado, json!({ "estado": "no_asistio" })).await.ok();
    assert_eq!(conducta(&recepcion, &tutor).await, (1, 0, false));
    let ficha = recepcion.get(&format!("/pacientes/{luna}")).await.ok();
    assert_eq!(ficha["conducta"]["inasistencias"], 1, "where a booking begins: {ficha:#}");
    let faltas = recepcion.get(&format!("/tutores/{tutor}/faltas")).await.ok();
    assert_eq!((&faltas["items"][0]["cita_id"], &faltas["items"][0]["tipo"]), (&json!(cita), &json!("no_asistio")));
    // A slip of the desk goes back, by either way.
    recepcion.put(&estado, json!({ "estado": "programada" })).await.ok();
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 0, false));
    recepcion.put(&estado, json!({ "estado": "no_asistio" })).await.ok();
    recepcion.put(&estado, json!({ "estado": "en_espera" })).await.ok();
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 0, false));
}

#[tokio::test]
async fn a_no_show_is_corrected_within_the_chains_time_and_not_after() {
    let agenda = Agenda::start().await;
    ajustar(&agenda, json!({ "correccion_horas": 2 })).await;
    let (luna, tutor) = paciente(&agenda, "Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = reservar(&agenda, &recepcion, &luna, "2026-03-02T08:30:00").await;
    agenda.huella.avanzar(SignedDuration::from_mins(45));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.put(&format!("/citas/{cita}/estado"), json!({ "estado": "no_asistio" })).await.ok();
    agenda.huella.avanzar(SignedDuration::from_mins(121));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    for estado in ["programada", "en_espera"] {
        let problem = recepcion.put(&format!("/citas/{cita}/estado"), json!({ "estado": estado })).await;
        let problem = problem.problem(409, "cita-cambio-no-permitido");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("2 horas")), "{problem:#}");
    }
    assert_eq!(conducta(&recepcion, &tutor).await, (1, 0, false), "and the count stays");
    assert_eq!(recepcion.get(&format!("/citas/{cita}")).await.ok()["estado"], "no_asistio");
}

#[tokio::test]
async fn only_an_owner_who_cancels_late_is_counted() {
    let agenda = Agenda::start().await;
    let (luna, tutor) = paciente(&agenda, "Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    // It is Monday, 8:00. The chain asks for 24 hours.
    let early = reservar(&agenda, &recepcion, &luna, "2026-03-03T08:00:00").await;
    let late = reservar(&agenda, &recepcion, &luna, "2026-03-02T19:00:00").await;
    let ours = reservar(&agenda, &recepcion, &luna, "2026-03-02T12:00:00").await;
    let unsaid = reservar(&agenda, &recepcion, &luna, "2026-03-02T14:00:00").await;
    let anular = async |cita: &str, por: &str| recepcion.delete(&format!("/citas/{cita}?motivo=No+puede{por}")).await.ok();
    assert_eq!(anular(&early, "&por=tutor").await["anulada_por"], "tutor", "24 hours are enough");
    assert_eq!(anular(&ours, "&por=clinica").await["anulada_por"], "clinica");
    assert_eq!(anular(&unsaid, "").await["anulada_por"], "clinica", "nobody is blamed unsaid");
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 0, false));
    anular(&late, "&por=tutor").await;
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 1, false));
    assert_eq!(recepcion.delete(&format!("/citas/{late}?motivo=x&por=nadie")).await.status, 422);
}

#[tokio::test]
async fn after_as_many_as_the_chain_says_an_owner_pays_before_until_a_year_has_passed() {
    let agenda = Agenda::start().await;
    ajustar(&agenda, json!({ "faltas_max": 2 })).await;
    let (luna, tutor) = paciente(&agenda, "Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    for inicio in ["2026-03-02T10:00:00", "2026-03-02T11:00:00"] {
        assert!(!conducta(&recepcion, &tutor).await.2);
        let cita = reservar(&agenda, &recepcion, &luna, inicio).await;
        recepcion.delete(&format!("/citas/{cita}?motivo=No+puede&por=tutor")).await.ok();
    }
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 2, true));
    ajustar(&agenda, json!({ "faltas_max": null })).await;
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 2, false), "a chain without that policy");
    ajustar(&agenda, json!({ "faltas_max": 2 })).await;
    agenda.huella.avanzar(SignedDuration::from_hours(24 * 366));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    assert_eq!(conducta(&recepcion, &tutor).await, (0, 0, false));
}

#[tokio::test]
async fn faults_stay_with_who_had_the_pet_and_follow_a_merge_and_its_undoing() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let ((luna, rosa), (_, ana)) = (paciente(&agenda, "Luna").await, paciente(&agenda, "Max").await);
    let cita = reservar(&agenda, &admin, &luna, "2026-03-02T10:00:00").await;
    admin.delete(&format!("/citas/{cita}?motivo=No+puede&por=tutor")).await.ok();
    // The pet goes to somebody else; what was lost was not theirs.
    let (_, zoe) = paciente(&agenda, "Toby").await;
    admin.post(&format!("/pacientes/{luna}/transferencia"), json!({ "tutor_id": zoe })).await.created();
    assert_eq!((conducta(&admin, &rosa).await.1, conducta(&admin, &zoe).await.1), (1, 0));
    // Rosa turns out to be Ana.
    let merge = admin.post(&format!("/tutores/{ana}/fusiones"), json!({ "con": rosa })).await.created();
    assert_eq!(conducta(&admin, &ana).await.1, 1);
    admin.delete(&format!("/fusiones/{}", id(&merge))).await.ok();
    assert_eq!((conducta(&admin, &rosa).await.1, conducta(&admin, &ana).await.1), (1, 0));
}

#[tokio::test]
async fn faults_of_another_sede_count_and_show_no_more_than_that_they_were() {
    let agenda = Agenda::start().await;
    let (luna, tutor) = paciente(&agenda, "Luna").await;
    let (lima, cusco) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(RECEPCION_CUSCO).await);
    let cita = reservar(&agenda, &lima, &luna, "2026-03-02T10:00:00").await;
    lima.delete(&format!("/citas/{cita}?motivo=No+puede&por=tutor")).await.ok();
    assert_eq!(conducta(&cusco, &tutor).await, (0, 1, false));
    let falta = cusco.get(&format!("/tutores/{tutor}/faltas")).await.ok()["items"][0].clone();
    assert_eq!(falta["tipo"], "anulacion_tardia");
    assert!(falta.get("cita_id").is_none() && falta.get("inicio").is_none() && falta.get("sede_id").is_none(), "{falta:#}");
    let foreign = agenda.huella.como(costera::ADMIN).await;
    foreign.get(&format!("/tutores/{tutor}/faltas")).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn two_who_change_the_policy_at_once_do_not_overwrite_each_other() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let etag = admin.get("/ajustes/citas").await.etag();
    let body = |horas: i64| json!({ "aviso_horas": horas, "correccion_horas": 24 });
    let (a, b) = tokio::join!(admin.put_if("/ajustes/citas", &etag, body(4)), admin.put_if("/ajustes/citas", &etag, body(8)));
    let mut answers = [a.status.as_u16(), b.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 412]);
    assert_eq!(admin.put("/ajustes/citas", body(169)).await.status, 422);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.put("/ajustes/citas", body(1)).await.problem(403, "sin-permiso");
}
