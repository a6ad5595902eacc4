//! Shifts, the roster, and who is there.
use super::Agenda;
use huella_tests::{
    Cliente,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn turno(agenda: &Agenda, admin: &Cliente, nombre: &str, tramos: Value) -> Value {
    admin.post(&format!("/sedes/{}/turnos", agenda.lima), json!({ "nombre": nombre, "tramos": tramos })).await.created()
}

fn de(turno: &Value, medico: &str, desde: &str, hasta: &str) -> Value {
    json!({ "turno_id": turno["id"], "medico_id": medico, "desde": desde, "hasta": hasta })
}

#[tokio::test]
async fn a_shift_takes_the_place_of_the_weekly_plan_on_its_dates() {
    let agenda = Agenda::start().await;
    let (admin, recepcion) = (agenda.huella.como(ADMIN_LIMA).await, agenda.huella.como(RECEPCION_LIMA).await);
    // Dr. Soto works every day from 8 to 20; that week only the mornings of Monday.
    let shift = turno(&agenda, &admin, "Mañana", json!([{ "dia": 1, "desde": "08:00", "hasta": "12:00" }])).await;
    let path = format!("/sedes/{}/turnos-asignados", agenda.lima);
    let works = admin.post(&path, de(&shift, &agenda.soto, "2026-03-09", "2026-03-15")).await.created();
    let twice = admin.post(&path, de(&shift, &agenda.soto, "2026-03-15", "2026-03-20")).await;
    twice.problem(409, "turno-ya-asignado");
    for (inicio, fits) in
        [("2026-03-09T11:30:00", true), ("2026-03-09T11:45:00", false), ("2026-03-10T10:00:00", false), ("2026-03-16T15:00:00", true)]
    {
        let pet = agenda.mascota("Luna").await;
        let answer = recepcion.post("/citas/reservar", agenda.cita(&pet, inicio)).await;
        assert_eq!(answer.status == 201, fits, "{inicio}: {}", answer.body);
    }
    assert_eq!(admin.delete(&format!("/turnos/{}", id(&shift))).await.status, 409);
    assert_eq!(admin.delete(&format!("/turnos-asignados/{}", id(&works))).await.status, 204);
    let pet = agenda.mascota("Max").await;
    recepcion.post("/citas/reservar", agenda.cita(&pet, "2026-03-10T10:00:00")).await.created();
    assert_eq!(admin.delete(&format!("/turnos/{}", id(&shift))).await.status, 204);
    assert_eq!(admin.get(&format!("/sedes/{}/turnos", agenda.lima)).await.ok(), json!([]));
    let said = "select string_agg(accion || ' ' || entidad, ', ' order by id) from auditoria where entidad like 'turno%'";
    assert_eq!(agenda.huella.scalar::<String>(said).await, "crear turno, crear turno_asignado, quitar turno_asignado, borrar turno");
}

#[tokio::test]
async fn the_roster_shows_who_works_when_and_who_is_there_now() {
    let agenda = Agenda::start().await;
    let (admin, recepcion) = (agenda.huella.como(ADMIN_LIMA).await, agenda.huella.como(RECEPCION_LIMA).await);
    let shift = turno(
        &agenda,
        &admin,
        "Tarde",
        json!([{ "dia": 1, "desde": "14:00", "hasta": "20:00" }, { "dia": 2, "desde": "14:00", "hasta": "24:00" }]),
    )
    .await;
    admin.post(&format!("/sedes/{}/turnos-asignados", agenda.lima), de(&shift, &agenda.rojas, "2026-03-02", "2026-03-03")).await.created();
    let block =
        json!({ "medico_id": agenda.soto, "desde": "2026-03-02T10:00:00-05:00", "hasta": "2026-03-02T11:00:00-05:00", "motivo": "Curso" });
    admin.post(&format!("/sedes/{}/bloqueos", agenda.lima), block).await.created();
    let rol = recepcion.get(&format!("/sedes/{}/rol?desde=2026-03-02", agenda.lima)).await.ok();
    let hours = |day: usize, medico: &str| -> Value {
        let medicos = rol["dias"][day]["medicos"].as_array().expect("vets");
        medicos.iter().find(|one| one["medico_id"] == medico).map_or(Value::Null, |one| one["horas"].clone())
    };
    assert_eq!(rol["dias"].as_array().map(Vec::len), Some(7));
    assert_eq!(hours(0, &agenda.soto), json!([{ "desde": "08:00", "hasta": "10:00" }, { "desde": "11:00", "hasta": "20:00" }]));
    assert_eq!(hours(0, &agenda.rojas), json!([{ "desde": "14:00", "hasta": "20:00" }]));
    assert_eq!(hours(1, &agenda.rojas), json!([{ "desde": "14:00", "hasta": "20:00" }]), "no longer than the sede is open");
    assert_eq!((hours(2, &agenda.rojas), hours(6, &agenda.soto)), (json!([{ "desde": "08:00", "hasta": "20:00" }]), Value::Null));
    assert_eq!(rol["dias"][0]["medicos"][0]["turnos"], json!([id(&shift)]), "by name Rojas comes first: {rol:#}");
    // It is 8:00, then 10:30, then 15:00.
    for (minutes, there) in [(0, vec![&agenda.soto]), (150, vec![]), (270, vec![&agenda.rojas, &agenda.soto])] {
        agenda.huella.avanzar(SignedDuration::from_mins(minutes));
        let who = agenda.huella.como(RECEPCION_LIMA).await.get(&format!("/sedes/{}/de-turno", agenda.lima)).await.ok();
        let ids: Vec<&Value> = who.as_array().expect("a list").iter().map(|one| &one["medico_id"]).collect();
        assert_eq!(ids, there, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn who_works_by_shift_elsewhere_needs_the_way_too() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    // Dr. Soto has a plan in Lima only; on the 9th he has a shift in Cusco.
    let body = json!({ "nombre": "Apoyo", "tramos": [{ "dia": 1, "desde": "08:00", "hasta": "13:00" }] });
    let shift = admin.post(&format!("/sedes/{}/turnos", agenda.cusco), body).await.created();
    admin.post(&format!("/sedes/{}/turnos-asignados", agenda.cusco), de(&shift, &agenda.soto, "2026-03-09", "2026-03-09")).await.created();
    let mut there = agenda.cita(&agenda.mascota("Luna").await, "2026-03-09T10:00:00");
    there["sede_id"] = json!(agenda.cusco);
    admin.post("/citas/reservar", there).await.created();
    let left = admin.post(&format!("/usuarios/{}/desactivar", agenda.soto), json!({})).await.ok();
    let plans: Vec<&Value> =
        left["por_reasignar"].as_array().expect("a list").iter().filter(|one| one["tipo"] == "plan").map(|one| &one["sede_id"]).collect();
    assert!(plans.contains(&&json!(agenda.cusco)), "a shift is left behind like a plan: {left:#}");
    admin.post(&format!("/usuarios/{}/activar", agenda.soto), json!({})).await.ok();
    let here = agenda.cita(&agenda.mascota("Max").await, "2026-03-09T12:00:00");
    let problem = admin.post("/citas/reservar", here.clone()).await.problem(409, "cita-traslape");
    assert_eq!(super::resources(&problem), ["traslado"], "{problem:#}");
    // Also where the question is asked of nobody but the database.
    let other = agenda.mascota("Toby").await;
    let forced = format!(
        "insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, inicio, fin, ocupado_desde, ocupado_hasta, estado, activa, creado_en, creado_por, actualizado_en)
         select tenant_id, gen_random_uuid(), '{}', '{other}', medico_id, servicio_id, inicio + interval '2 hours', fin + interval '2 hours',
                ocupado_desde + interval '2 hours', ocupado_hasta + interval '2 hours', estado, activa, creado_en, creado_por, actualizado_en from citas limit 1",
        agenda.lima
    );
    agenda
        .huella
        .execute(&format!("select set_config('app.tenant', (select id::text from tenants where clave = 'andina'), false); {forced}"))
        .await;
    assert_eq!(agenda.huella.scalar::<i64>("select count(*) from citas").await, 1, "the trigger skipped it");
}

#[tokio::test]
async fn a_shift_says_what_is_wrong_with_it() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN_LIMA).await;
    let path = format!("/sedes/{}/turnos", agenda.lima);
    let crossing = json!([{ "dia": 1, "desde": "08:00", "hasta": "12:00" }, { "dia": 1, "desde": "11:00", "hasta": "13:00" }, { "dia": 2, "desde": "10:00", "hasta": "09:00" }]);
    assert_eq!(admin.post(&path, json!({ "nombre": "Mal", "tramos": crossing })).await.wrong_fields(), ["/tramos/1", "/tramos/2/hasta"]);
    let shift = turno(&agenda, &admin, "Mañana", json!([{ "dia": 1, "desde": "08:00", "hasta": "12:00" }])).await;
    let body = json!({ "nombre": "Mañana", "tramos": shift["tramos"] });
    assert_eq!(admin.post(&path, body.clone()).await.wrong_fields(), ["/nombre"]);
    let night = turno(&agenda, &admin, "Noche", json!([{ "dia": 1, "desde": "20:00", "hasta": "24:00" }])).await;
    assert_eq!(admin.put(&format!("/turnos/{}", id(&night)), body).await.wrong_fields(), ["/nombre"]);
    let renamed = json!({ "nombre": "Guardia", "tramos": night["tramos"] });
    let changed = admin.put_if(&format!("/turnos/{}", id(&night)), "\"1\"", renamed.clone()).await.ok();
    assert_eq!((&changed["nombre"], &changed["tramos"][0]["hasta"]), (&json!("Guardia"), &json!("24:00")));
    admin.put_if(&format!("/turnos/{}", id(&night)), "\"1\"", renamed).await.problem(412, "version-cambiada");
    let asignar = format!("/sedes/{}/turnos-asignados", agenda.lima);
    assert_eq!(admin.post(&asignar, de(&shift, &agenda.soto, "2026-03-09", "2026-03-08")).await.wrong_fields(), ["/hasta"]);
    assert_eq!(admin.post(&asignar, de(&shift, &agenda.soto, "2026-03-09", "2027-03-10")).await.wrong_fields(), ["/hasta"]);
    let elsewhere = json!({ "nombre": "Mañana", "tramos": shift["tramos"] });
    let everywhere = agenda.huella.como(ADMIN).await;
    let elsewhere = everywhere.post(&format!("/sedes/{}/turnos", agenda.cusco), elsewhere).await.created();
    assert_eq!(everywhere.post(&asignar, de(&elsewhere, &agenda.soto, "2026-03-09", "2026-03-09")).await.wrong_fields(), ["/turno_id"]);
    assert_eq!(admin.post(&asignar, de(&shift, &agenda.consulta, "2026-03-09", "2026-03-09")).await.wrong_fields(), ["/medico_id"]);
    assert_eq!(
        admin
            .post(&asignar, json!({ "turno_id": agenda.eco, "medico_id": agenda.soto, "desde": "2026-03-09", "hasta": "2026-03-09" }))
            .await
            .wrong_fields(),
        ["/turno_id"]
    );
}
