//! A pet dies: nothing lies ahead of it any more, anywhere.
use super::{mascota, registrar, tutor};
use huella_tests::{
    Huella,
    andina::{ADMIN, DR_SOTO, RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

/// Ids that a booking needs.
struct Sala {
    huella: Huella,
    lima: String,
    cusco: String,
    rojas: String,
    soto: String,
    consulta: String,
}

impl Sala {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, cusco) = (of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await);
        let (rojas, soto) = (of("usuarios", "cmvp", "10234").await, of("usuarios", "cmvp", "11567").await);
        let consulta = of("servicios", "codigo", "CONS").await;
        Self { huella, lima, cusco, rojas, soto, consulta }
    }
    fn en_lima(&self, mascota: &str, inicio: &str) -> Value {
        json!({ "sede_id": self.lima, "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.soto, "inicio": format!("{inicio}-05:00") })
    }
    fn en_cusco(&self, mascota: &str, inicio: &str) -> Value {
        json!({ "sede_id": self.cusco, "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.rojas, "inicio": format!("{inicio}-05:00") })
    }
}

fn murio() -> Value {
    json!({ "fecha": "2026-03-02", "causa": "Falla renal", "nota": "La señora Ana pidió las cenizas" })
}

#[tokio::test]
async fn a_death_cancels_what_lies_ahead_in_every_sede_and_leaves_the_record() {
    let sala = Sala::start().await;
    let (lima, cusco) = (sala.huella.como(RECEPCION_LIMA).await, sala.huella.como(RECEPCION_CUSCO).await);
    let (luna, _) = registrar(&lima, tutor("Ana", "Poma"), mascota("Luna")).await;
    let (max, _) = registrar(&lima, tutor("Eva", "Paz"), mascota("Max")).await;
    let waiting = lima.post("/citas/reservar", sala.en_lima(&luna, "2026-03-02T09:00:00")).await.created();
    let waiting = lima.put(&format!("/citas/{}/estado", id(&waiting)), json!({ "estado": "en_espera" })).await.ok();
    let here = lima.post("/citas/reservar", sala.en_lima(&luna, "2026-03-03T10:00:00")).await.created();
    let there = cusco.post("/citas/reservar", sala.en_cusco(&luna, "2026-03-02T16:00:00")).await.created();
    let other = lima.post("/citas/reservar", sala.en_lima(&max, "2026-03-03T11:00:00")).await.created();

    let path = format!("/pacientes/{luna}/fallecimiento");
    let muerte = lima.post_once(&path, "una-vez", &murio()).await.created();
    let anuladas =
        json!([{ "sede_id": sala.cusco, "inicio": there["inicio"] }, { "id": here["id"], "sede_id": sala.lima, "inicio": here["inicio"] }]);
    assert_eq!(muerte["citas_anuladas"], anuladas, "all of them, the other sede's without its id");
    assert_eq!(lima.post_once(&path, "una-vez", &murio()).await.created(), muerte, "a repetition is no second death");
    lima.post(&path, murio()).await.problem(409, "mascota-ya-fallecida");
    assert_eq!(lima.get(&path).await.ok(), muerte);

    for (who, cita) in [(&lima, &here), (&cusco, &there)] {
        let now = who.get(&format!("/citas/{}", id(cita))).await.ok();
        assert_eq!((now["estado"].as_str(), now["anulada_motivo"].as_str()), (Some("anulada"), Some("La mascota falleció")), "{now}");
        let audited = format!(
            "select count(*) from auditoria where accion = 'anular' and entidad_id = '{0}' and sede_id = '{1}'",
            id(cita),
            now["sede_id"].as_str().expect("a sede")
        );
        let told =
            format!("select count(*) from outbox where tema = 'cita.anulada' and cuerpo ->> 'id' = '{}' and sede_id is not null", id(cita));
        assert_eq!((sala.huella.scalar::<i64>(&audited).await, sala.huella.scalar::<i64>(&told).await), (1, 1));
    }
    assert_eq!(lima.get(&format!("/citas/{}", id(&other))).await.ok()["estado"], "programada", "another pet's stays");
    assert_eq!(lima.get(&format!("/citas/{}", id(&waiting))).await.ok()["estado"], "en_espera", "what has begun ends as usual");
    lima.put(&format!("/citas/{}/estado", id(&waiting)), json!({ "estado": "en_consulta" })).await.ok();
    lima.post("/citas/reservar", sala.en_lima(&luna, "2026-03-04T10:00:00")).await.problem(422, "mascota-fallecida");

    let ficha = lima.get(&format!("/pacientes/{luna}")).await.ok();
    assert_eq!((ficha["fallecida_en"].as_str(), ficha["nombre"].as_str()), (Some("2026-03-02"), Some("Luna")));
    let historial = lima.get(&format!("/pacientes/{luna}/historial")).await.ok();
    let hecho =
        historial["items"].as_array().into_iter().flatten().find(|e| e["detalle"]["tipo"] == "fallecimiento").expect("in the timeline");
    assert_eq!(hecho["detalle"]["causa"], "Falla renal");
    assert_eq!(sala.huella.scalar::<i64>("select count(*) from outbox where tema = 'mascota.fallecida'").await, 1);
    let kept: bool = sala.huella.scalar("select bool_or(coalesce(despues::text, '') like '%cenizas%') from auditoria").await;
    assert!(!kept, "what the note says of people is sealed in the audit");
}

#[tokio::test]
async fn a_mistaken_death_is_corrected_by_who_may_and_brings_no_appointment_back() {
    let sala = Sala::start().await;
    let (recepcion, soto) = (sala.huella.como(RECEPCION_LIMA).await, sala.huella.como(DR_SOTO).await);
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let cita = recepcion.post("/citas/reservar", sala.en_lima(&luna, "2026-03-03T10:00:00")).await.created();
    let path = format!("/pacientes/{luna}/fallecimiento");
    recepcion.get(&path).await.problem(404, "no-encontrado");
    soto.delete(&format!("{path}?motivo=Error")).await.problem(404, "no-encontrado");
    recepcion.post(&path, murio()).await.created();
    recepcion.delete(&format!("{path}?motivo=Error")).await.problem(403, "sin-permiso");
    assert_eq!(soto.delete(&format!("{path}?motivo=%20")).await.wrong_fields(), ["?motivo"]);

    let corregido = soto.delete(&format!("{path}?motivo=Era%20otra%20Luna")).await.ok();
    assert_eq!(corregido["citas_anuladas"][0]["id"], cita["id"], "who corrects is told what to book again");
    assert_eq!(corregido["corregido_motivo"], "Era otra Luna");
    recepcion.get(&path).await.problem(404, "no-encontrado");
    assert_eq!(recepcion.get(&format!("/citas/{}", id(&cita))).await.ok()["estado"], "anulada");
    assert!(recepcion.get(&format!("/pacientes/{luna}")).await.ok()["fallecida_en"].is_null());
    recepcion.post("/citas/reservar", sala.en_lima(&luna, "2026-03-03T10:00:00")).await.created();
    let again = recepcion.post(&path, murio()).await.created();
    assert_eq!(again["citas_anuladas"].as_array().map(Vec::len), Some(1));
    let hechos = "select string_agg(tipo, ' ' order by id) from mascotas_hechos where tipo like 'fallecimiento%'";
    assert_eq!(sala.huella.scalar::<String>(hechos).await, "fallecimiento fallecimiento_corregido fallecimiento");
}

#[rstest]
#[case(json!({ "fecha": "2026-03-03", "causa": "Vejez" }), "/fecha")]
#[case(json!({ "fecha": "2019-12-31", "causa": "Vejez" }), "/fecha")]
#[case(json!({ "fecha": "2026-03-02", "causa": "" }), "/causa")]
#[tokio::test]
async fn a_death_has_a_day_of_its_life_and_a_cause(#[case] muerte: Value, #[case] wrong: &str) {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let mut luna = mascota("Luna");
    luna["nacimiento"] = json!("2020-01-01");
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), luna).await;
    assert_eq!(recepcion.post(&format!("/pacientes/{luna}/fallecimiento"), muerte).await.wrong_fields(), [wrong]);
}

/// The booking has read that the pet lives; the death commits before it writes.
#[tokio::test]
async fn a_booking_that_was_under_way_when_the_pet_died_is_refused() {
    let sala = Sala::start().await;
    let recepcion = sala.huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let mut death = sala.huella.sql.begin().await.expect("a transaction");
    sqlx::query("select from mascotas where id = $1::uuid for update").bind(&luna).execute(&mut *death).await.expect("held");
    sqlx::query("update mascotas set fallecida_en = '2026-03-02' where id = $1::uuid")
        .bind(&luna)
        .execute(&mut *death)
        .await
        .expect("dead");
    let body = sala.en_lima(&luna, "2026-03-03T10:00:00");
    let booking = {
        let (recepcion, body) = (recepcion.clone(), body.clone());
        tokio::spawn(async move { recepcion.post("/citas/reservar", body).await })
    };
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..500 {
        if sala.huella.scalar::<i64>(waits).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!booking.is_finished(), "it waits for the death");
    death.commit().await.expect("committed");
    booking.await.expect("an answer").problem(422, "mascota-fallecida");
    recepcion.post("/citas/reservar", body).await.problem(422, "mascota-fallecida");
    assert_eq!(sala.huella.scalar::<i64>(&format!("select count(*) from citas where mascota_id = '{luna}'")).await, 0);
}

/// Bookings, moves and arrivals against a death, many times.
#[tokio::test]
async fn no_appointment_survives_a_race_with_the_death() {
    let sala = Sala::start().await;
    let (recepcion, admin) = (sala.huella.como(RECEPCION_LIMA).await, sala.huella.como(ADMIN).await);
    for round in 0..6 {
        let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota(&format!("Luna {round}"))).await;
        let day = format!("2026-03-{:02}", [3, 4, 5, 6, 10, 11][round]);
        let first = recepcion.post("/citas/reservar", sala.en_lima(&luna, &format!("{day}T09:00:00"))).await.created();
        let mut all = tokio::task::JoinSet::new();
        for hour in 10..16 {
            let (who, body) = (recepcion.clone(), sala.en_lima(&luna, &format!("{day}T{hour}:00:00")));
            all.spawn(async move { who.post("/citas/reservar", body).await.status.as_u16() });
        }
        let (who, path) = (recepcion.clone(), format!("/citas/{}/estado", id(&first)));
        all.spawn(async move { who.put(&path, json!({ "estado": "confirmada" })).await.status.as_u16() });
        let (who, path) = (admin.clone(), format!("/pacientes/{luna}/fallecimiento"));
        all.spawn(async move { 1000 + who.post(&path, murio()).await.status.as_u16() });
        let answers = all.join_all().await;
        assert!(answers.contains(&1201), "the death is recorded: {answers:?}");
        assert!(answers.iter().all(|status| [200, 201, 409, 412, 422, 503, 1201].contains(status)), "{answers:?}");
        let ahead = format!("select count(*) from citas where mascota_id = '{luna}' and activa and inicio > '2026-03-02T13:00:00Z'");
        assert_eq!(sala.huella.scalar::<i64>(&ahead).await, 0, "{answers:?}");
    }
}
