//! People: invited, administered, leaving.
use super::{Cadena, correos, nueva_persona};
use huella_tests::{
    andina::{ADMIN, ADMIN_LIMA, DR_SOTO, DRA_ROJAS, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_person_is_invited_with_roles_and_named_faults() {
    let c = Cadena::start().await;
    let rol = c.rol("recepcion").await;
    let path = "/usuarios";
    let wrong = json!({ "nombres": " ", "apellidos": "X", "correo": "no", "asignaciones": [], "telefono": "12" });
    assert_eq!(c.admin.post(path, wrong).await.wrong_fields(), ["/asignaciones", "/correo", "/nombres", "/telefono"]);
    let mut wrong = nueva_persona("iris@andina.example.pe", &rol, Some(&c.lima));
    wrong["es_medico"] = json!(true);
    wrong["documento"]["numero"] = json!("12");
    assert_eq!(c.admin.post(path, wrong).await.wrong_fields(), ["/cmvp", "/documento/numero"]);

    let body = nueva_persona("Iris@Andina.example.pe", &rol, Some(&c.lima));
    let made = c.admin.post_once(path, "iris", &body).await.created();
    assert_eq!(c.admin.post_once(path, "iris", &body).await.created(), made, "asked twice, done once");
    assert_eq!((made["correo"].as_str(), made["telefono"].as_str()), (Some("iris@andina.example.pe"), Some("+51987654321")));
    assert_eq!((made["invitacion_pendiente"].as_bool(), made["asignaciones"][0]["rol"].as_str()), (Some(true), Some("recepcion")));
    c.admin.post(path, nueva_persona("IRIS@andina.example.pe", &rol, None)).await.problem(409, "correo-repetido");
    let links: i64 = c.huella.scalar(&format!("select count(*) from enlaces_cuenta where usuario_id = '{}'", id(&made))).await;
    assert_eq!(links, 1, "one invitation");
    // Nothing personal is in the clear: neither in the table nor in the audit.
    let clear: i64 = c.huella.scalar(
        "select (select count(*) from auditoria a where a::text ilike '%iris@andina%' or a::text like '%987654321%' or a::text like '%01234567%')
              + (select count(*) from usuarios u where u::text ilike '%iris@andina%' or position('iris'::bytea in correo_cifrado) > 0)",
    ).await;
    assert_eq!(clear, 0);
}

#[tokio::test]
async fn a_sede_administrator_sees_and_administers_their_own_staff_only() {
    let c = Cadena::start().await;
    let lima = c.huella.como(ADMIN_LIMA).await;
    let page = lima.get("/usuarios?limite=200").await.ok();
    let seen = correos(&page);
    assert!(seen.contains(&RECEPCION_LIMA) && seen.contains(&DRA_ROJAS) && seen.contains(&ADMIN), "{seen:?}");
    assert!(!seen.contains(&huella_tests::andina::RECEPCION_CUSCO), "{seen:?}");
    let elsewhere = c.persona("Huamán Ttito").await;
    for path in [format!("/usuarios/{elsewhere}"), format!("/usuarios/{elsewhere}/asignaciones")] {
        lima.get(&path).await.problem(404, "no-encontrado");
    }
    lima.post(&format!("/usuarios/{elsewhere}/desactivar"), json!({})).await.problem(404, "no-encontrado");
    lima.get(&format!("/usuarios?sede_id={}", c.cusco)).await.problem(403, "sin-permiso");

    // Who also works in Cusco is seen with the roles of Lima, and is not theirs to change.
    let rojas = c.persona("Rojas Vera").await;
    let seen = lima.get(&format!("/usuarios/{rojas}")).await.ok();
    assert_eq!(seen["asignaciones"].as_array().map(Vec::len), Some(1));
    let datos =
        json!({ "nombres": "Carmen", "apellidos": "Rojas Vera", "correo": "mio@andina.example.pe", "es_medico": true, "cmvp": "10234" });
    lima.put(&format!("/usuarios/{rojas}"), datos.clone()).await.problem(403, "excede-permisos");
    lima.post(&format!("/usuarios/{rojas}/desactivar"), json!({})).await.problem(403, "excede-permisos");
    // Nor is somebody above them.
    let admin = c.persona("Quispe Mamani").await;
    lima.post(&format!("/usuarios/{admin}/desactivar"), json!({})).await.problem(403, "excede-permisos");
    // Their own staff is; and whoever administers the chain may change anybody.
    let rosa = c.persona("Flores Cárdenas").await;
    let changed = lima
        .put(&format!("/usuarios/{rosa}"), json!({ "nombres": "Rosa", "apellidos": "Flores Ríos", "correo": RECEPCION_LIMA }))
        .await
        .ok();
    assert_eq!((changed["apellidos"].as_str(), changed["telefono"].is_null()), (Some("Flores Ríos"), true));
    c.admin.put(&format!("/usuarios/{rojas}"), datos).await.ok();
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_comes_back_with_their_roles() {
    let c = Cadena::start().await;
    let soto = c.huella.como(DR_SOTO).await;
    soto.get("/yo").await.ok();
    let path = format!("/usuarios/{}", c.persona("Soto Díaz").await);
    let left = c.admin.post(&format!("{path}/desactivar"), json!({})).await.ok();
    assert_eq!(
        (left["usuario"]["activo"].as_bool(), &left["por_reasignar"]),
        (Some(false), &json!([{ "tipo": "plan", "sede_id": c.lima }]))
    );
    assert_eq!(soto.get("/yo").await.status, 401);
    let open: i64 = c
        .huella
        .scalar("select count(*) from sesiones s join usuarios u on u.id = s.usuario_id where cmvp = '11567' and revocada_en is null")
        .await;
    assert_eq!(open, 0, "every device is ended, not only kept out");
    let rol = json!({ "rol_id": c.rol("caja").await, "sede_id": c.lima });
    c.admin.post(&format!("{path}/asignaciones"), rol).await.problem(409, "usuario-inactivo");
    c.admin.post(&format!("{path}/desactivar"), json!({})).await.ok();
    c.admin.post(&format!("{path}/activar"), json!({})).await.ok();
    assert_eq!(soto.get("/yo").await.status, 401, "an ended device stays ended");
    let back = c.huella.como(DR_SOTO).await.get("/yo").await.ok();
    assert_eq!(back["sedes"][0]["roles"], json!(["veterinario"]));
}

async fn una_mascota(c: &Cadena) -> Value {
    let body = json!({ "tutor": { "nombres": "Tutor de", "apellidos": "Luna" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "macho" } });
    c.admin.post("/pacientes/registro", body).await.created()["mascota"]["id"].clone()
}

/// A consultation with Dr. Rojas.
async fn cita_con_rojas(c: &Cadena, sede: &str, inicio: &str) -> Value {
    let (servicio, rojas) = (c.huella.id_of("andina", "servicios", "codigo", "CONS").await, c.persona("Rojas Vera").await);
    json!({ "sede_id": sede, "mascota_id": una_mascota(c).await, "servicio_id": servicio, "medico_id": rojas, "inicio": inicio })
}

#[tokio::test]
async fn who_leaves_leaves_a_whole_list_also_of_sedes_that_are_not_seen() {
    let c = Cadena::start().await;
    let rojas = c.persona("Rojas Vera").await;
    let plans: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select distinct sede_id::text from planes_medicos where medico_id = '{rojas}'")))
            .fetch_all(&c.huella.sql)
            .await
            .expect("plans");
    assert_eq!(plans.len(), 2, "she works in both sedes");
    let (desde_lima, desde_cusco) = hueco_de_rojas(&c).await;
    let here = id(&c.admin.post("/citas/reservar", cita_con_rojas(&c, &c.lima, &desde_lima).await).await.created());
    let there = id(&c.admin.post("/citas/reservar", cita_con_rojas(&c, &c.cusco, &desde_cusco).await).await.created());
    // She made a key, once, when she could; and works no more in Cusco.
    c.huella.execute(&format!("insert into claves_api (tenant_id, id, nombre, resumen, permisos, creada_por, creada_en, expira_en)
        select tenant_id, '0198c0de-0000-7000-8000-000000000001', 'Web', '', '{{}}', id, '2026-01-01', '2027-01-01' from usuarios where id = '{rojas}'")).await;
    for asignacion in c.admin.get(&format!("/usuarios/{rojas}/asignaciones")).await.ok()["items"].as_array().expect("a list") {
        if asignacion["sede_id"] == json!(c.cusco) {
            c.admin.delete(&format!("/asignaciones/{}", id(asignacion))).await.expect(204);
        }
    }
    let lima = c.huella.como(ADMIN_LIMA).await;
    let left = lima.post(&format!("/usuarios/{rojas}/desactivar"), json!({})).await.ok()["por_reasignar"].clone();
    let items = left.as_array().expect("a list");
    let of = |tipo: &str| items.iter().filter(|item| item["tipo"] == tipo).cloned().collect::<Vec<Value>>();
    let cita = |sede: &str| of("cita").into_iter().find(|item| item["sede_id"] == json!(sede)).expect("an appointment");
    assert_eq!(cita(&c.lima)["id"], json!(here));
    assert_eq!((cita(&c.cusco).get("id"), cita(&c.cusco)["desde"].is_string()), (None, true), "where and when, and no more");
    assert!(!left.to_string().contains(&there));
    assert_eq!((of("cita").len(), of("plan").len(), of("clave_api").len()), (2, 2, 1), "{left:#}");
    let whole = c.admin.post(&format!("/usuarios/{rojas}/desactivar"), json!({})).await.ok();
    assert!(whole["por_reasignar"].to_string().contains(&there), "whoever sees Cusco sees which");
}

/// A start in Lima and one in Cusco at which she can be booked.
async fn hueco_de_rojas(c: &Cadena) -> (String, String) {
    let rojas = c.persona("Rojas Vera").await;
    let mut found = Vec::new();
    for (sede, weeks) in [(&c.lima, 1), (&c.cusco, 2)] {
        let day: String = c
            .huella
            .scalar(&format!(
                "select to_char(date '2026-03-02' + 7 * {weeks} + (dia - 1), 'YYYY-MM-DD') || 'T' || to_char(desde, 'HH24:MI:SS') || '-05:00'
                   from planes_medicos where medico_id = '{rojas}' and sede_id = '{sede}' order by dia, desde limit 1"
            ))
            .await;
        found.push(day);
    }
    (found.remove(0), found.remove(0))
}

#[tokio::test]
async fn a_booking_that_races_the_deactivation_is_refused_or_listed() {
    let c = Cadena::start().await;
    let rojas = c.persona("Rojas Vera").await;
    let (first, _) = hueco_de_rojas(&c).await;
    let (mut refused, mut listed) = (0, 0);
    for week in 0..60_i64 {
        if week >= 20 && refused > 0 && listed > 0 {
            break;
        }
        let start: jiff::Timestamp = first.parse().expect("a time");
        let start = (start + jiff::SignedDuration::from_hours(7 * 24 * week)).to_string();
        let (path, cita) = (format!("/usuarios/{rojas}/desactivar"), cita_con_rojas(&c, &c.lima, &start).await);
        // In turn the one and the other is later, by a little more each time.
        let late = week / 2 % 20;
        let (book_after, leave_after) = if week % 2 == 0 { (0, late) } else { (late, 0) };
        let after = |millis: i64| tokio::time::sleep(Duration::from_millis(millis as u64));
        let book = async {
            after(book_after).await;
            c.admin.post("/citas/reservar", cita.clone()).await
        };
        let leave = async {
            after(leave_after).await;
            c.admin.post(&path, json!({})).await.ok()
        };
        let (booked, left) = tokio::join!(book, leave);
        c.admin.post(&format!("/usuarios/{rojas}/activar"), json!({})).await.ok();
        if booked.status.as_u16() == 201 {
            let cita = booked.body["id"].as_str().expect("an id");
            assert!(left["por_reasignar"].to_string().contains(cita), "booked and not listed");
            listed += 1;
        } else if c.admin.post("/citas/reservar", cita).await.status.as_u16() == 201 {
            // Nothing else stood in its way.
            refused += 1;
        }
    }
    assert!(refused > 0 && listed > 0, "{refused} refused, {listed} listed: both have to occur");
}

/// The same without luck: whoever deactivates waits for a booking that was told that the vet works here.
#[tokio::test]
async fn a_deactivation_waits_for_the_bookings_under_way() {
    let c = Cadena::start().await;
    let rojas = c.persona("Rojas Vera").await;
    let mut booking = c.huella.sql.begin().await.expect("a transaction");
    let context = format!("select set_config('app.tenant', tenant_id::text, true) from usuarios where id = '{rojas}'");
    sqlx::query(sqlx::AssertSqlSafe(context)).execute(&mut *booking).await.expect("a context");
    let told: bool =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select medico_activo('{rojas}')"))).fetch_one(&mut *booking).await.expect("yes");
    assert!(told);
    // Signing in needs her row too, and waits for nobody.
    tokio::time::timeout(Duration::from_secs(5), c.huella.como(DRA_ROJAS)).await.expect("no waiting");
    let path = format!("/usuarios/{rojas}/desactivar");
    let leave = c.admin.post(&path, json!({}));
    tokio::pin!(leave);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut leave).await.is_err(), "waits");
    drop(booking);
    leave.await.ok();
}
