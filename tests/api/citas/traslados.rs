//! A vet who works in two sedes needs the way between them.
use super::{Agenda, resources};
use huella_tests::andina::{ADMIN, ADMIN_LIMA, RECEPCION_CUSCO, RECEPCION_LIMA};
use serde_json::{Value, json};

impl Agenda {
    /// With Dra. Rojas, who works in Lima and Cusco, on a Monday.
    fn de_rojas(&self, sede: &str, mascota: &str, hora: &str) -> Value {
        let mut body = self.cita(mascota, &format!("2026-03-02T{hora}:00"));
        (body["medico_id"], body["sede_id"]) = (json!(self.rojas), json!(sede));
        body
    }

    async fn camino(&self, minutos: i64) {
        let admin = self.huella.como(ADMIN).await;
        admin.put(&format!("/traslados/{}/{}", self.lima, self.cusco), json!({ "minutos": minutos })).await.ok();
    }

    /// Pairs of the same vet in two sedes without the way between them.
    async fn imposibles(&self) -> i64 {
        self.huella
            .scalar(
                "select count(*) from citas a join citas b on a.id < b.id and a.medico_id = b.medico_id and a.sede_id <> b.sede_id
                  and a.activa and b.activa and not a.sobrecupo and not b.sobrecupo
                  join v_traslados t on t.sede_a = a.sede_id and t.sede_b = b.sede_id
                 where a.ocupado_desde < b.ocupado_hasta + make_interval(mins => t.minutos)
                   and a.ocupado_hasta > b.ocupado_desde - make_interval(mins => t.minutos)",
            )
            .await
    }
}

#[tokio::test]
async fn the_way_is_estimated_until_the_chain_says_better() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let listed = admin.get("/traslados").await.ok();
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["minutos"], &listed[0]["estimado"]), (Some(1), &json!(360), &json!(true)));
    let path = format!("/traslados/{}/{}", agenda.cusco, agenda.lima);
    let changed = admin.put_if(&path, "\"0\"", json!({ "minutos": 150 })).await;
    assert_eq!(changed.etag(), "\"1\"");
    assert_eq!(admin.get("/traslados").await.ok(), json!([changed.ok()]));
    admin.put_if(&path, "\"0\"", json!({ "minutos": 90 })).await.problem(412, "version-cambiada");
    assert_eq!(admin.put(&path, json!({ "minutos": 721 })).await.wrong_fields(), ["/minutos"]);
    admin.put(&format!("/traslados/{}/{}", agenda.lima, agenda.lima), json!({ "minutos": 5 })).await.problem(404, "no-encontrado");
    // Both ends are changed, so both must be one's own.
    agenda.huella.como(ADMIN_LIMA).await.put(&path, json!({ "minutos": 1 })).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn who_is_in_another_sede_is_also_on_the_way() {
    let agenda = Agenda::start().await;
    let (lima, cusco) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(RECEPCION_CUSCO).await);
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    agenda.camino(120).await;
    // 9:00 to 9:35 in Lima with its buffer: in Cusco from 11:35 on.
    let there = lima.post("/citas/reservar", agenda.de_rojas(&agenda.lima, &luna, "09:00")).await.created();
    let problem = cusco.post("/citas/reservar", agenda.de_rojas(&agenda.cusco, &max, "11:30")).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["traslado"], "{problem:#}");
    let conflict = &problem["conflictos"][0];
    assert_eq!((&conflict["recurso_id"], &conflict["fin"]), (&json!(agenda.rojas), &json!("2026-03-02T16:35:00Z")), "{problem:#}");
    assert!(
        !problem.to_string().contains(there["id"].as_str().expect("an id")) && !problem.to_string().contains(&agenda.lima),
        "{problem:#}"
    );
    // Availability knows, any vet is somebody else or nobody, and what fits is booked.
    let query = format!(
        "/disponibilidad?servicio_id={}&medico_id={}&sedes={}&desde=2026-03-02T08:00:00-05:00&limite=1",
        agenda.consulta, agenda.rojas, agenda.cusco
    );
    assert_eq!(cusco.get(&query).await.ok()["huecos"][0]["inicio"], "2026-03-02T16:45:00Z");
    let mut any = agenda.de_rojas(&agenda.cusco, &max, "11:30");
    any.as_object_mut().expect("an object").remove("medico_id");
    assert_eq!(resources(&cusco.post("/citas/reservar", any.clone()).await.problem(409, "cita-traslape")), ["traslado"]);
    let mut touching = agenda.de_rojas(&agenda.cusco, &max, "11:35");
    let cita = cusco.post("/citas/reservar", touching.clone()).await.created();
    // A move meets the same wall, and so does the way back.
    touching["inicio"] = json!("2026-03-02T11:00:00-05:00");
    touching.as_object_mut().expect("an object").remove("mascota_id");
    let moved = cusco.put(&format!("/citas/{}", cita["id"].as_str().expect("an id")), touching).await.problem(409, "cita-traslape");
    assert_eq!(resources(&moved), ["traslado"], "{moved:#}");
    let back = lima.post("/citas/reservar", agenda.de_rojas(&agenda.lima, &luna, "13:00")).await.problem(409, "cita-traslape");
    assert_eq!(resources(&back), ["traslado"], "{back:#}");
    assert_eq!(agenda.imposibles().await, 0);
}

/// Who has no plan in the other sede any more still has to go there for what is left.
#[tokio::test]
async fn an_appointment_that_is_left_where_the_vet_has_no_plan_any_more_still_counts() {
    let agenda = Agenda::start().await;
    let (admin, lima) = (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await);
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    agenda.camino(120).await;
    admin.post("/citas/reservar", agenda.de_rojas(&agenda.cusco, &luna, "11:30")).await.created();
    let plan = format!("/sedes/{}/medicos/{}/plan", agenda.cusco, agenda.rojas);
    admin.put(&plan, json!({ "tramos": [] })).await.ok();
    // 9:30 to 10:05 and two hours on the way: too late for 11:30. After 8:30 she gets there.
    let problem = lima.post("/citas/reservar", agenda.de_rojas(&agenda.lima, &max, "09:30")).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["traslado"], "{problem:#}");
    let cita = lima.post("/citas/reservar", agenda.de_rojas(&agenda.lima, &max, "08:30")).await.created();
    let mut cambio = agenda.cambio(&cita);
    cambio["inicio"] = json!("2026-03-02T09:30:00-05:00");
    let path = format!("/citas/{}", cita["id"].as_str().expect("an id"));
    assert_eq!(resources(&lima.put(&path, cambio).await.problem(409, "cita-traslape")), ["traslado"]);
    assert_eq!(agenda.imposibles().await, 0);
}

/// Bookings, moves and cancellations of one vet in two sedes at once: whatever wins, the way fits.
#[tokio::test]
async fn whatever_races_the_way_fits() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    agenda.camino(60).await;
    let mut pets = Vec::new();
    for number in 0..12 {
        pets.push(agenda.mascota(&format!("Mascota {number}")).await);
    }
    let mut known: Vec<Value> = Vec::new();
    for round in 0..6_usize {
        let hours = ["08:00", "09:00", "09:45", "10:30", "11:15", "12:00"];
        let bookings = pets.iter().enumerate().map(|(n, pet)| {
            let sede = [&agenda.lima, &agenda.cusco][(n + round) % 2];
            let mut body = agenda.de_rojas(sede, pet, hours[(n + round) % hours.len()]);
            if n % 4 == 3 {
                body.as_object_mut().expect("an object").remove("medico_id");
            }
            admin.post("/citas/reservar", body)
        });
        let moves = known.iter().enumerate().map(|(n, cita)| {
            let mut cambio = agenda.cambio(cita);
            cambio["medico_id"] = json!(agenda.rojas);
            cambio["sede_id"] = json!([&agenda.cusco, &agenda.lima][(n + round) % 2]);
            cambio["inicio"] = json!(format!("2026-03-02T{}:00-05:00", hours[(n * 2 + round) % hours.len()]));
            let (admin, path) = (&admin, format!("/citas/{}", cita["id"].as_str().expect("an id")));
            async move { admin.put(&path, cambio).await }
        });
        let cancels = known.iter().skip(1).step_by(3).map(|cita| {
            let (admin, path) = (&admin, format!("/citas/{}?motivo=carrera", cita["id"].as_str().expect("an id")));
            async move { admin.delete(&path).await }
        });
        let (booked, moved, cancelled) =
            tokio::join!(futures::future::join_all(bookings), futures::future::join_all(moves), futures::future::join_all(cancels));
        for answer in booked.iter().chain(&moved).chain(&cancelled) {
            assert!([200, 201, 409, 412].contains(&answer.status.as_u16()), "{}", answer.body);
        }
        known.extend(booked.into_iter().filter(|answer| answer.status == 201).map(|answer| answer.body));
        assert_eq!(agenda.imposibles().await, 0, "round {round}");
    }
    assert!(known.len() >= 3, "some of it was booked");
}

#[tokio::test]
async fn a_hold_in_another_sede_that_is_over_keeps_nobody() {
    let agenda = Agenda::start().await;
    let (lima, cusco) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.huella.como(RECEPCION_CUSCO).await);
    let max = agenda.mascota("Max").await;
    agenda.camino(120).await;
    let mut hold = agenda.de_rojas(&agenda.lima, &max, "09:00");
    hold.as_object_mut().expect("an object").remove("mascota_id");
    lima.post("/citas/retener", hold).await.created();
    let wish = agenda.de_rojas(&agenda.cusco, &max, "10:00");
    let problem = cusco.post("/citas/reservar", wish.clone()).await.problem(409, "cita-traslape");
    assert_eq!(resources(&problem), ["traslado"], "{problem:#}");
    agenda.huella.avanzar(jiff::SignedDuration::from_mins(8));
    cusco.post("/citas/reservar", wish).await.created();
}
