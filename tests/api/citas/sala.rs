//! The flow board: who is in the house, who is next, and how long it took.
use super::{Agenda, resources};
use huella_tests::{
    Cliente,
    andina::{DR_SOTO, DRA_ROJAS, RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// Somebody without an appointment, for a consultation.
async fn llega(agenda: &Agenda, nombre: &str, triaje: Option<&str>) -> String {
    let mascota = agenda.mascota(nombre).await;
    let body = json!({ "mascota_id": mascota, "servicio_id": agenda.consulta, "triaje": triaje });
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    id(&recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), body).await.created())
}

async fn sala(agenda: &Agenda) -> Value {
    agenda.huella.como(RECEPCION_LIMA).await.get(&format!("/sedes/{}/sala", agenda.lima)).await.ok()
}

/// The names in a column.
fn nombres(sala: &Value, columna: &str) -> Vec<String> {
    let column = sala[columna].as_array().unwrap_or_else(|| panic!("{columna} in {sala:#}"));
    column.iter().filter_map(|one| one["mascota"].as_str().map(str::to_owned)).collect()
}

async fn siguiente(agenda: &Agenda, who: &str) -> huella_tests::Respuesta {
    agenda.huella.como(who).await.post(&format!("/sedes/{}/sala/siguiente", agenda.lima), json!({})).await
}

async fn estado(who: &Cliente, cita: &str, estado: &str) -> Value {
    who.put(&format!("/citas/{cita}/estado"), json!({ "estado": estado })).await.ok()
}

#[tokio::test]
async fn a_booked_patient_goes_through_the_columns_with_its_times() {
    let agenda = Agenda::start().await;
    let luna = agenda.mascota("Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = id(&recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T09:00:00")).await.created());
    assert_eq!(nombres(&sala(&agenda).await, "por_llegar"), ["Luna"]);
    agenda.huella.avanzar(minutes(50));
    estado(&agenda.huella.como(RECEPCION_LIMA).await, &cita, "en_espera").await;
    agenda.huella.avanzar(minutes(20));
    let waiting = sala(&agenda).await;
    let one = &waiting["en_espera"][0];
    assert_eq!(
        (&one["mascota"], &one["espera_min"], &one["visita"]["llegada_en"]),
        (&json!("Luna"), &json!(20), &json!("2026-03-02T13:50:00Z"))
    );
    assert_eq!((&one["cita"]["id"], &one["visita"]["sin_cita"]), (&json!(cita), &json!(false)));
    let vet = agenda.huella.como(DR_SOTO).await;
    estado(&vet, &cita, "en_consulta").await;
    agenda.huella.avanzar(minutes(15));
    estado(&agenda.huella.como(DR_SOTO).await, &cita, "por_cobrar").await;
    agenda.huella.avanzar(minutes(5));
    estado(&agenda.huella.como(RECEPCION_LIMA).await, &cita, "terminada").await;
    let done = sala(&agenda).await;
    let visita = &done["terminadas"][0]["visita"];
    let times = ["llegada_en", "consulta_en", "consulta_fin_en", "fin_en"].map(|key| visita[key].as_str().unwrap_or_default());
    assert_eq!(times, ["2026-03-02T13:50:00Z", "2026-03-02T14:10:00Z", "2026-03-02T14:25:00Z", "2026-03-02T14:30:00Z"]);
    assert_eq!((&done["terminadas"][0]["espera_min"], nombres(&done, "en_espera").len()), (&json!(20), 0));
}

#[tokio::test]
async fn an_arrival_by_mistake_leaves_the_board_and_another_day_has_its_own() {
    let agenda = Agenda::start().await;
    let luna = agenda.mascota("Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = id(&recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T09:00:00")).await.created());
    estado(&recepcion, &cita, "en_espera").await;
    estado(&recepcion, &cita, "confirmada").await;
    let board = sala(&agenda).await;
    assert_eq!((nombres(&board, "por_llegar"), &board["por_llegar"][0]["visita"]), (vec!["Luna".to_owned()], &Value::Null));
    // Somebody who waits over midnight is still there; of the day before it shows on that day.
    llega(&agenda, "Nocturno", Some("verde")).await;
    agenda.huella.avanzar(minutes(17 * 60));
    assert_eq!(nombres(&sala(&agenda).await, "en_espera"), ["Nocturno"]);
    let path = format!("/sedes/{}/sala?fecha=2026-03-03", agenda.lima);
    assert!(nombres(&agenda.huella.como(RECEPCION_LIMA).await.get(&path).await.ok(), "por_llegar").is_empty());
}

#[tokio::test]
async fn who_is_worse_goes_first_and_a_passed_target_shows() {
    let agenda = Agenda::start().await;
    llega(&agenda, "Azul", Some("azul")).await;
    llega(&agenda, "Verde", Some("verde")).await;
    llega(&agenda, "Nadie", None).await;
    agenda.huella.avanzar(minutes(1));
    let amarillo = llega(&agenda, "Amarillo", Some("amarillo")).await;
    llega(&agenda, "Rojo", Some("rojo")).await;
    agenda.huella.avanzar(minutes(60));
    let board = sala(&agenda).await;
    assert_eq!(nombres(&board, "en_espera"), ["Rojo", "Amarillo", "Verde", "Nadie", "Azul"], "who was not looked at is like a green one");
    let flags =
        |board: &Value| board["en_espera"].as_array().expect("a column").iter().map(|one| one["excedida"] == true).collect::<Vec<_>>();
    assert_eq!(flags(&board), [true, false, false, false, false], "60 minutes are not more than 60");
    assert_eq!((&board["en_espera"][1]["objetivo_min"], &board["en_espera"][3]["objetivo_min"]), (&json!(60), &Value::Null));
    agenda.huella.avanzar(minutes(1));
    assert_eq!(flags(&sala(&agenda).await), [true, true, false, false, false]);
    // Looked at again, it gets worse.
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let visita = recepcion.get(&format!("/visitas/{amarillo}")).await;
    let worse = json!({ "triaje": "naranja", "motivo": "Respira mal" });
    recepcion.put_if(&format!("/visitas/{amarillo}"), &visita.etag(), worse.clone()).await.ok();
    recepcion.put_if(&format!("/visitas/{amarillo}"), &visita.etag(), worse).await.problem(412, "version-cambiada");
    assert_eq!(sala(&agenda).await["en_espera"][1]["visita"]["motivo"], "Respira mal");
    let nobody = json!({ "triaje": "naranja", "medico_id": agenda.eco });
    assert_eq!(recepcion.put(&format!("/visitas/{amarillo}"), nobody).await.wrong_fields(), ["/medico_id"]);
}

#[tokio::test]
async fn two_vets_who_call_at_once_get_two_patients() {
    let agenda = Agenda::start().await;
    for nombre in ["Uno", "Dos", "Tres"] {
        llega(&agenda, nombre, Some("verde")).await;
        agenda.huella.avanzar(minutes(1));
    }
    let (a, b) = tokio::join!(siguiente(&agenda, DR_SOTO), siguiente(&agenda, DRA_ROJAS));
    let (a, b) = (a.created(), b.created());
    assert_ne!(a["mascota_id"], b["mascota_id"]);
    assert_eq!((&a["estado"], &a["medico_id"], &a["inicio"]), (&json!("en_consulta"), &json!(agenda.soto), &json!("2026-03-02T13:03:00Z")));
    assert_ne!(a["ambiente_id"], b["ambiente_id"], "each in a room of its own");
    let board = sala(&agenda).await;
    assert_eq!((nombres(&board, "en_espera"), nombres(&board, "en_consulta").len()), (vec!["Tres".to_owned()], 2));
    // The same call again is the same patient; and nobody takes one who is taken.
    let soto = agenda.huella.como(DR_SOTO).await;
    let taken = board["en_consulta"][0]["visita"]["id"].as_str().expect("an id");
    soto.post(&format!("/visitas/{taken}/tomar"), json!({})).await.problem(409, "visita-no-espera");
}

#[tokio::test]
async fn a_vet_is_called_to_their_own_and_to_whoever_may_have_any() {
    let agenda = Agenda::start().await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = id(&recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T08:30:00")).await.created());
    estado(&recepcion, &cita, "en_espera").await;
    agenda.huella.avanzar(minutes(5));
    let for_soto = json!({ "mascota_id": max, "servicio_id": agenda.consulta, "medico_id": agenda.soto });
    let visita = recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), for_soto.clone()).await.created();
    recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), for_soto).await.problem(409, "visita-ya-espera");
    siguiente(&agenda, DRA_ROJAS).await.problem(409, "sala-vacia");
    // Who has an appointment has its vet, room and time, here as well.
    let booked = sala(&agenda).await["en_espera"][0]["visita"]["id"].as_str().expect("an id").to_owned();
    let with_other = json!({ "medico_id": agenda.rojas });
    assert_eq!(recepcion.put(&format!("/visitas/{booked}"), with_other.clone()).await.wrong_fields(), ["/medico_id"]);
    assert_eq!(recepcion.post(&format!("/visitas/{booked}/tomar"), with_other).await.wrong_fields(), ["/medico_id"]);
    let taken = siguiente(&agenda, DR_SOTO).await.created();
    assert_eq!((&taken["id"], &taken["estado"]), (&json!(cita), &json!("en_consulta")), "who came first, booked");
    // Asked by name, somebody else may help out.
    let rojas = agenda.huella.como(DRA_ROJAS).await;
    let helped = rojas.post(&format!("/visitas/{}/tomar", id(&visita)), json!({})).await.created();
    assert_eq!((&helped["medico_id"], &helped["mascota_id"]), (&json!(agenda.rojas), &json!(max)));
    // For somebody else it takes a permission.
    let third = llega(&agenda, "Toby", None).await;
    let for_other = json!({ "medico_id": agenda.soto });
    rojas.post(&format!("/visitas/{third}/tomar"), for_other.clone()).await.problem(403, "sin-permiso");
    let problem = recepcion.post(&format!("/visitas/{third}/tomar"), for_other).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["ambiente", "medico"], "he is with Luna, and each room has somebody: {problem:#}");
}

#[tokio::test]
async fn an_emergency_passes_over_the_next_appointment_and_full_rooms_and_others_do_not() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    for (nombre, medico) in [("Luna", &agenda.soto), ("Max", &agenda.rojas)] {
        let mut cita = agenda.cita(&agenda.mascota(nombre).await, "2026-03-02T08:15:00");
        cita["medico_id"] = json!(medico);
        recepcion.post("/citas/reservar", cita).await.created();
    }
    let (verde, rojo) = (llega(&agenda, "Verde", Some("verde")).await, llega(&agenda, "Rojo", Some("rojo")).await);
    let soto = agenda.huella.como(DR_SOTO).await;
    let problem = soto.post(&format!("/visitas/{verde}/tomar"), json!({})).await.problem(409, "cita-traslape");
    assert_eq!((resources(&problem), &problem["visita_id"]), (vec!["ambiente", "medico"], &json!(verde)), "{problem:#}");
    let squeezed = json!({ "sobrecupo": true, "sobrecupo_motivo": "Solo una vacuna" });
    let problem = soto.post(&format!("/visitas/{verde}/tomar"), squeezed).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["ambiente"], "an override passes over the vet and not over the room: {problem:#}");
    let cita = soto.post(&format!("/visitas/{rojo}/tomar"), json!({})).await.created();
    assert_eq!((&cita["sobrecupo"], &cita["sobrecupo_motivo"]), (&json!(true), &json!("Emergencia: triaje rojo")));
    assert_eq!(cita["ambiente_id"], Value::Null, "every room is taken from 8:15 on");
    assert_eq!(nombres(&sala(&agenda).await, "en_consulta"), ["Rojo"]);
    // Orange cannot wait either; and an override that is none takes the right to one.
    let naranja = llega(&agenda, "Naranja", Some("naranja")).await;
    let cita = agenda.huella.como(DRA_ROJAS).await.post(&format!("/visitas/{naranja}/tomar"), json!({})).await.created();
    assert_eq!(cita["sobrecupo_motivo"], "Emergencia: triaje naranja");
    let squeezed = json!({ "medico_id": agenda.soto, "sobrecupo": true, "sobrecupo_motivo": "Solo una vacuna" });
    recepcion.post(&format!("/visitas/{verde}/tomar"), squeezed).await.problem(403, "sin-permiso");
    let said: i64 = agenda.huella.scalar("select count(*) from auditoria where accion = 'tomar' and entidad = 'visita'").await;
    assert_eq!(said, 2);
}

#[tokio::test]
async fn a_consultation_that_ends_early_frees_its_vet_and_room_and_coming_back_takes_them() {
    let agenda = Agenda::start().await;
    let luna = agenda.mascota("Luna").await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut eco = agenda.cita(&luna, "2026-03-02T08:05:00");
    eco["servicio_id"] = json!(agenda.eco);
    let cita = id(&recepcion.post("/citas/reservar", eco).await.created());
    agenda.huella.avanzar(minutes(5));
    let soto = agenda.huella.como(DR_SOTO).await;
    for state in ["en_espera", "en_consulta"] {
        estado(&soto, &cita, state).await;
    }
    agenda.huella.avanzar(minutes(10));
    estado(&agenda.huella.como(DR_SOTO).await, &cita, "por_cobrar").await;
    llega(&agenda, "Max", None).await;
    let next = siguiente(&agenda, DR_SOTO).await.created();
    assert_eq!(next["inicio"], "2026-03-02T13:15:00Z");
    // It was not over after all, and the vet is with somebody else.
    let soto = agenda.huella.como(DR_SOTO).await;
    let problem = soto.put(&format!("/citas/{cita}/estado"), json!({ "estado": "en_consulta" })).await.problem(409, "cita-traslape");
    assert_eq!(problem["conflictos"][0]["cita_id"], next["id"], "{problem:#}");
    let scanner: bool = agenda
        .huella
        .scalar("select bool_and(e.ocupado_hasta = c.ocupado_hasta) from citas_equipos e join citas c on c.id = e.cita_id")
        .await;
    assert!(scanner, "its equipment is free as well");
}

#[tokio::test]
async fn who_leaves_unseen_leaves_the_queue() {
    let agenda = Agenda::start().await;
    let visita = llega(&agenda, "Max", Some("azul")).await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let path = format!("/visitas/{visita}");
    assert_eq!(recepcion.delete(&path).await.wrong_fields(), ["?motivo"]);
    agenda.huella.como(RECEPCION_CUSCO).await.delete(&format!("{path}?motivo=x")).await.problem(404, "no-encontrado");
    recepcion.delete(&format!("{path}?motivo=Se+cans%C3%B3+de+esperar")).await.ok();
    recepcion.delete(&format!("{path}?motivo=otra+vez")).await.problem(409, "visita-no-espera");
    siguiente(&agenda, DR_SOTO).await.problem(409, "sala-vacia");
    let board = sala(&agenda).await;
    assert_eq!((nombres(&board, "en_espera").len(), nombres(&board, "retiradas")), (0, vec!["Max".to_owned()]));
    // Who came to an appointment leaves by cancelling it.
    let luna = agenda.mascota("Luna").await;
    let cita = id(&recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T08:30:00")).await.created());
    estado(&recepcion, &cita, "en_espera").await;
    let waiting = sala(&agenda).await["en_espera"][0]["visita"]["id"].as_str().expect("an id").to_owned();
    recepcion.delete(&format!("/visitas/{waiting}?motivo=Se+fue")).await.problem(409, "visita-no-espera");
    recepcion.delete(&format!("/citas/{cita}?motivo=Se+fue&por=tutor")).await.ok();
    assert_eq!(nombres(&sala(&agenda).await, "retiradas"), ["Luna", "Max"]);
}

#[tokio::test]
async fn a_dead_pet_a_closed_service_and_an_unknown_vet_do_not_wait() {
    let agenda = Agenda::start().await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let path = format!("/sedes/{}/visitas", agenda.lima);
    let wrong = json!({ "mascota_id": agenda.lima, "servicio_id": luna, "medico_id": max });
    assert_eq!(recepcion.post(&path, wrong).await.wrong_fields(), ["/mascota_id", "/medico_id", "/servicio_id"]);
    agenda.huella.execute(&format!("update mascotas set fallecida_en = '2026-02-01' where id = '{max}'")).await;
    recepcion.post(&path, json!({ "mascota_id": max, "servicio_id": agenda.consulta })).await.problem(422, "mascota-fallecida");
    recepcion
        .post(&format!("/sedes/{}/visitas", agenda.cusco), json!({ "mascota_id": luna, "servicio_id": agenda.consulta }))
        .await
        .problem(403, "sin-permiso");
}

#[tokio::test]
async fn waiting_times_are_told_by_day_hour_vet_and_triage() {
    let agenda = Agenda::start().await;
    // Ten who wait 5, 10, … 50 minutes, seen by two vets in turns.
    let mut citas = Vec::new();
    for number in 0..10 {
        let visita = llega(&agenda, &format!("Mascota {number}"), Some(if number < 2 { "naranja" } else { "verde" })).await;
        citas.push(visita);
    }
    for (number, visita) in citas.iter().enumerate() {
        agenda.huella.avanzar(minutes(5));
        let vet = agenda.huella.como(if number % 2 == 0 { DR_SOTO } else { DRA_ROJAS }).await;
        let cita = id(&vet.post(&format!("/visitas/{visita}/tomar"), json!({})).await.created());
        estado(&vet, &cita, "por_cobrar").await;
    }
    let left = llega(&agenda, "Impaciente", None).await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.delete(&format!("/visitas/{left}?motivo=Se+fue")).await.ok();
    let path = format!("/sedes/{}/sala/tiempos", agenda.lima);
    let told = recepcion.get(&format!("{path}?desde=2026-03-01&hasta=2026-03-31")).await.ok();
    assert_eq!(
        (&told["total"]["visitas"], &told["total"]["mediana"], &told["total"]["p90"]),
        (&json!(10), &json!(27.5), &json!(45.5)),
        "{told:#}"
    );
    assert_eq!((&told["total"]["excedidas"], &told["retiradas"]), (&json!(0), &json!(1)));
    assert_eq!(
        (&told["por_dia"][0]["de"], &told["por_hora"][0]["de"], &told["por_hora"][0]["visitas"]),
        (&json!("2026-03-02"), &json!(8), &json!(10))
    );
    assert_eq!(told["por_medico"].as_array().map(Vec::len), Some(2));
    let by_triage: Vec<(&Value, &Value)> =
        told["por_triaje"].as_array().expect("a list").iter().map(|one| (&one["de"], &one["mediana"])).collect();
    assert_eq!(by_triage, [(&json!("naranja"), &json!(7.5)), (&json!("verde"), &json!(32.5))]);
    assert_eq!(recepcion.get(&format!("{path}?desde=2026-01-01&hasta=2026-04-03")).await.wrong_fields(), ["?hasta"]);
    recepcion.get(&format!("{path}?desde=2026-01-01&hasta=2026-04-02")).await.ok();
    let empty = recepcion.get(&format!("{path}?desde=2026-03-03")).await.ok();
    assert_eq!((&empty["total"], &empty["por_dia"]), (&Value::Null, &json!([])));
}
