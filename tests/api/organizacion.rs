//! The chain, its staff and their roles, as administrators handle them.
use huella_tests::{
    CLAVE, Cliente, Huella,
    andina::{ADMIN, ADMIN_LIMA, AUDITOR, DR_SOTO, DRA_ROJAS, RECEPCION_LIMA},
    costera, id,
};
use kernel::apply::{Outcome, Report};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};

/// What these tests need to know of the chain.
struct Cadena {
    huella: Huella,
    admin: Cliente,
    lima: String,
    cusco: String,
}

impl Cadena {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let admin = huella.como(ADMIN).await;
        let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
        let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
        Self { huella, admin, lima, cusco }
    }
    async fn persona(&self, apellidos: &str) -> String {
        self.huella.id_of("andina", "usuarios", "apellidos", apellidos).await
    }
    async fn rol(&self, clave: &str) -> String {
        self.huella.id_of("andina", "roles", "clave", clave).await
    }
    /// A role of the chain with these permissions, given to somebody.
    async fn dar(&self, usuario: &str, clave: &str, permisos: &[&str], sede: Option<&str>) -> String {
        let rol = id(&self.admin.post("/roles", json!({ "clave": clave, "nombre": clave, "permisos": permisos })).await.created());
        self.asignar(usuario, &rol, sede).await
    }
    async fn asignar(&self, usuario: &str, rol: &str, sede: Option<&str>) -> String {
        let body = json!({ "rol_id": rol, "sede_id": sede });
        id(&self.admin.post(&format!("/usuarios/{usuario}/asignaciones"), body).await.created())
    }
}

fn correos(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("a list").iter().filter_map(|item| item["correo"].as_str()).collect()
}

fn nueva_persona(correo: &str, rol: &str, sede: Option<&str>) -> Value {
    json!({ "nombres": "Iris", "apellidos": "Nueva Paz", "correo": correo, "telefono": "987 654 321",
            "documento": { "tipo": "dni", "numero": "01234567" }, "asignaciones": [{ "rol_id": rol, "sede_id": sede }] })
}

// ---- structure

#[tokio::test]
async fn what_a_sede_is_made_of_is_created_once_and_changed_by_version() {
    let c = Cadena::start().await;
    for (table, body, changed) in [
        ("areas", json!({ "nombre": "Tienda" }), json!({ "nombre": "Farmacia", "activa": false })),
        ("ambientes", json!({ "nombre": "Sala 9", "tipo": "bano" }), json!({ "nombre": "Sala 9", "tipo": "quirofano" })),
        ("equipos", json!({ "nombre": "Rayos 9", "tipo": "rayos_x" }), json!({ "nombre": "Rayos 9", "tipo": "rayos_x", "activo": false })),
    ] {
        let path = format!("/sedes/{}/{table}", c.lima);
        let first = c.admin.post_once(&path, "la-misma", &body).await;
        let again = c.admin.post_once(&path, "la-misma", &body).await;
        assert_eq!(again.headers.get("idempotency-replayed").map(|value| value.as_bytes()), Some(b"true".as_slice()));
        let etag = first.etag();
        let made = first.created();
        assert_eq!(again.created(), made);
        c.admin.post(&path, body.clone()).await.problem(409, "nombre-repetido");

        let one = format!("/{table}/{}", id(&made));
        assert_eq!(c.admin.get(&one).await.etag(), etag);
        let without = c.admin.request(reqwest::Method::PUT, &one).json(&changed).send().await.expect("an answer");
        assert_eq!(without.status(), 428);
        let answer = c.admin.put_if(&one, &etag, changed.clone()).await;
        assert_ne!(answer.etag(), etag);
        answer.ok();
        c.admin.put_if(&one, &etag, changed).await.problem(412, "version-cambiada");
        let listed = c.admin.get(&path).await.ok();
        assert!(listed["items"].as_array().expect("a list").iter().any(|item| item["id"] == made["id"] && item["version"] == 2));
    }
}

#[tokio::test]
async fn a_sede_and_its_legal_entity_are_created_through_the_api() {
    let c = Cadena::start().await;
    let wrong = c.admin.post("/entidades-legales", json!({ "ruc": "20131312956", "razon_social": "  ", "otro": 1 })).await;
    assert_eq!(wrong.wrong_fields(), ["/otro", "/razon_social", "/ruc"]);
    let entidad = c.admin.post("/entidades-legales", json!({ "ruc": "20100070970", "razon_social": "Segunda S.A.C." })).await.created();
    c.admin.post("/entidades-legales", json!({ "ruc": "20100070970", "razon_social": "Otra" })).await.problem(409, "ruc-repetido");

    let sede =
        json!({ "entidad_legal_id": entidad["id"], "codigo": "PUN", "nombre": "Andina Puno", "ciudad": "Puno", "telefono": "051 555123" });
    let made = c.admin.post("/sedes", sede.clone()).await.created();
    assert_eq!((made["telefono"].as_str(), made["zona_horaria"].as_str()), (Some("+5151555123"), Some("America/Lima")));
    c.admin.post("/sedes", sede.clone()).await.problem(409, "codigo-repetido");
    let mut stranger = sede.clone();
    stranger["codigo"] = json!("XX");
    stranger["entidad_legal_id"] = json!(c.huella.id_of("costera", "entidades_legales", "razon_social", "Costera Prueba S.A.C.").await);
    assert_eq!(c.admin.post("/sedes", stranger).await.wrong_fields(), ["/entidad_legal_id"]);

    // Two to a page: the cursor leads through all of them, in order.
    let first = c.admin.get("/sedes?limite=2").await.ok();
    let second = c.admin.get(&format!("/sedes?limite=2&cursor={}", first["siguiente"].as_str().expect("more"))).await.ok();
    let codes: Vec<&str> =
        [&first, &second].iter().flat_map(|page| page["items"].as_array().expect("a list")).filter_map(|s| s["codigo"].as_str()).collect();
    assert_eq!((codes, second.get("siguiente")), (vec!["CUS", "LIM", "PUN"], None));
    assert_eq!(c.admin.get("/sedes?limite=0").await.wrong_fields(), ["?limite"]);
    assert_eq!(c.admin.get("/sedes?cursor=%21").await.wrong_fields(), ["?cursor"]);

    let other = c.huella.como(costera::ADMIN).await;
    other.get(&format!("/sedes/{}", id(&made))).await.problem(404, "no-encontrado");
    other.get(&format!("/entidades-legales/{}", id(&entidad))).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn an_inactive_sede_takes_nothing_new_and_only_the_chain_closes_it() {
    let c = Cadena::start().await;
    let path = format!("/sedes/{}", c.cusco);
    let sede = c.admin.get(&path).await.ok();
    let body = |activa: bool| json!({ "entidad_legal_id": sede["entidad_legal_id"], "codigo": "CUS", "nombre": "Andina Cusco", "ciudad": "Cusco", "activa": activa });
    let jefa = c.persona("Huamán Ttito").await;
    c.asignar(&jefa, &c.rol("administrador_sede").await, Some(&c.cusco)).await;
    let jefa = c.huella.como(huella_tests::andina::RECEPCION_CUSCO).await;
    jefa.put(&path, body(true)).await.ok();
    jefa.put(&path, body(false)).await.problem(403, "sin-permiso");
    jefa.put(&format!("/sedes/{}", c.lima), body(true)).await.problem(403, "sin-permiso");

    c.admin.put(&path, body(false)).await.ok();
    c.admin.post(&format!("{path}/areas"), json!({ "nombre": "Nueva" })).await.problem(409, "sede-inactiva");
    let asignacion = json!({ "rol_id": c.rol("recepcion").await, "sede_id": c.cusco });
    let soto = c.persona("Soto Díaz").await;
    c.admin.post(&format!("/usuarios/{soto}/asignaciones"), asignacion).await.problem(409, "sede-inactiva");
    assert!(c.admin.get("/sedes?activa=true").await.ok()["items"].as_array().expect("a list").iter().all(|s| s["codigo"] != "CUS"));
    c.admin.put(&path, body(true)).await.ok();
    c.admin.post(&format!("{path}/areas"), json!({ "nombre": "Nueva" })).await.created();
}

#[tokio::test]
async fn a_room_belongs_to_an_area_of_its_own_sede() {
    let c = Cadena::start().await;
    let area = c.admin.post(&format!("/sedes/{}/areas", c.cusco), json!({ "nombre": "Clínica" })).await.created();
    let body = json!({ "nombre": "Sala 8", "tipo": "bano", "area_id": area["id"] });
    assert_eq!(c.admin.post(&format!("/sedes/{}/ambientes", c.lima), body.clone()).await.wrong_fields(), ["/area_id"]);
    c.admin.post(&format!("/sedes/{}/ambientes", c.cusco), body).await.created();
    // Somebody of Lima sees neither Cusco's list nor its room.
    let lima = c.huella.como(ADMIN_LIMA).await;
    lima.get(&format!("/sedes/{}/areas", c.cusco)).await.problem(403, "sin-permiso");
    lima.get(&format!("/areas/{}", id(&area))).await.problem(404, "no-encontrado");
}

// ---- staff

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
    for week in 0..20_i64 {
        let start: jiff::Timestamp = first.parse().expect("a time");
        let start = (start + jiff::SignedDuration::from_hours(7 * 24 * week)).to_string();
        let (path, cita) = (format!("/usuarios/{rojas}/desactivar"), cita_con_rojas(&c, &c.lima, &start).await);
        let leave = async {
            tokio::time::sleep(Duration::from_millis(week as u64)).await;
            c.admin.post(&path, json!({})).await.ok()
        };
        let (booked, left) = tokio::join!(c.admin.post("/citas/reservar", cita), leave);
        if booked.status.as_u16() == 201 {
            let cita = booked.body["id"].as_str().expect("an id");
            assert!(left["por_reasignar"].to_string().contains(cita), "booked and not listed");
            listed += 1;
        } else {
            refused += 1;
        }
        c.admin.post(&format!("/usuarios/{rojas}/activar"), json!({})).await.ok();
    }
    println!("{refused} refused, {listed} listed");
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

// ---- roles

#[tokio::test]
async fn roles_differ_by_sede_and_need_no_new_sign_in() {
    let c = Cadena::start().await;
    let rojas = c.huella.como(DRA_ROJAS).await;
    let area = |sede: &str| format!("/sedes/{sede}/areas");
    rojas.post(&area(&c.cusco), json!({ "nombre": "Una" })).await.problem(403, "sin-permiso");
    let persona = c.persona("Rojas Vera").await;
    c.asignar(&persona, &c.rol("administrador_sede").await, Some(&c.cusco)).await;

    // The same token: a vet in Lima who administers Cusco cannot administer Lima.
    rojas.post(&area(&c.cusco), json!({ "nombre": "Una" })).await.created();
    rojas.post(&area(&c.lima), json!({ "nombre": "Una" })).await.problem(403, "sin-permiso");
    let yo = rojas.get("/yo").await.ok();
    let sede = |id: &str| yo["sedes"].as_array().expect("a list").iter().find(|sede| sede["id"] == *id).expect("her sede").clone();
    let permisos = |sede: Value| sede["permisos"].as_array().expect("a list").clone();
    assert!(permisos(sede(&c.cusco)).contains(&json!("sede.configurar")));
    assert!(!permisos(sede(&c.lima)).contains(&json!("sede.configurar")));
    assert_eq!(sede(&c.cusco)["roles"], json!(["administrador_sede", "veterinario"]));
    assert_eq!(yo["cadena"]["permisos"], json!([]));
}

#[tokio::test]
async fn a_permission_taken_away_is_gone_within_five_seconds_on_every_instance() {
    let c = Cadena::start().await;
    let other = c.huella.otra_instancia().await;
    let rosa = c.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..rosa.clone() };
    let asignacion = c.dar(&c.persona("Flores Cárdenas").await, "configura", &["sede.ver", "sede.configurar"], Some(&c.lima)).await;
    let path = format!("/sedes/{}/areas", c.lima);
    wait_for(&there, &path, "Antes", 201).await;
    rosa.post(&path, json!({ "nombre": "Aquí" })).await.created();
    assert_eq!(c.admin.delete(&format!("/asignaciones/{asignacion}")).await.status, 204);
    rosa.post(&path, json!({ "nombre": "Tarde" })).await.problem(403, "sin-permiso");
    wait_for(&there, &path, "Allá", 403).await;
}

/// Tries until the answer is this one; five seconds are allowed.
async fn wait_for(who: &Cliente, path: &str, nombre: &str, status: u16) {
    for attempt in 0..50 {
        let answer = who.post(path, json!({ "nombre": format!("{nombre} {attempt}") })).await;
        if answer.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path} did not answer {status} within 5 s");
}

#[tokio::test]
async fn nobody_grants_more_than_they_hold() {
    let c = Cadena::start().await;
    let soto = c.persona("Soto Díaz").await;
    c.dar(&soto, "jefe_de_turno", &["usuario.ver", "usuario.administrar", "rol.ver"], Some(&c.lima)).await;
    let jefe = c.huella.como(DR_SOTO).await;
    let rosa = c.persona("Flores Cárdenas").await;
    let path = format!("/usuarios/{rosa}/asignaciones");
    let (sede_admin, vet) = (c.rol("administrador_sede").await, c.rol("veterinario").await);
    let refused = jefe.post(&path, json!({ "rol_id": sede_admin, "sede_id": c.lima })).await.problem(403, "excede-permisos");
    assert!(refused["faltan"].as_array().expect("a list").contains(&json!("sede.configurar")), "{refused:#}");
    // Not to themselves, not through a new person, not elsewhere, not for the whole chain.
    jefe.post(&format!("/usuarios/{soto}/asignaciones"), json!({ "rol_id": sede_admin, "sede_id": c.lima }))
        .await
        .problem(403, "excede-permisos");
    jefe.post("/usuarios", nueva_persona("otra@andina.example.pe", &sede_admin, Some(&c.lima))).await.problem(403, "excede-permisos");
    jefe.post(&path, json!({ "rol_id": vet, "sede_id": c.cusco })).await.problem(403, "sin-permiso");
    jefe.post(&path, json!({ "rol_id": vet })).await.problem(403, "sin-permiso");
    // What they hold there, they may give and take away; of a stronger colleague, nothing.
    let given = jefe.post(&path, json!({ "rol_id": vet, "sede_id": c.lima })).await.created();
    jefe.post(&path, json!({ "rol_id": vet, "sede_id": c.lima })).await.problem(409, "asignacion-repetida");
    assert_eq!(jefe.delete(&format!("/asignaciones/{}", id(&given))).await.status, 204);
    let luis = c.admin.get(&format!("/usuarios/{}/asignaciones", c.persona("Paredes Ríos").await)).await.ok();
    jefe.delete(&format!("/asignaciones/{}", id(&luis["items"][0]))).await.problem(403, "excede-permisos");
    let left: i64 = c.huella.scalar("select count(*) from usuarios where apellidos = 'Nueva Paz'").await;
    assert_eq!(left, 0, "what was refused left nothing behind");
}

#[tokio::test]
async fn who_edits_roles_cannot_reach_above_themselves() {
    let c = Cadena::start().await;
    c.dar(&c.persona("Soto Díaz").await, "gestor", &["rol.ver", "rol.administrar"], None).await;
    let gestor = c.huella.como(DR_SOTO).await;
    gestor
        .post("/roles", json!({ "clave": "poder", "nombre": "Poder", "permisos": ["usuario.administrar"] }))
        .await
        .problem(403, "excede-permisos");
    gestor.post("/roles", json!({ "clave": "ojos", "nombre": "Ojos", "permisos": ["rol.ver"] })).await.created();
    // His own role grows by nothing, and a stronger one is not his to weaken.
    let own = c.rol("gestor").await;
    gestor
        .put(&format!("/roles/{own}"), json!({ "nombre": "G", "permisos": ["rol.ver", "rol.administrar", "acceso.ver"] }))
        .await
        .problem(403, "excede-permisos");
    gestor
        .put(&format!("/roles/{}", c.rol("auditor").await), json!({ "nombre": "A", "permisos": [] }))
        .await
        .problem(403, "excede-permisos");
    // An administrator of one sede edits none.
    let lima = c.huella.como(ADMIN_LIMA).await;
    lima.post("/roles", json!({ "clave": "nada", "nombre": "Nada", "permisos": [] })).await.problem(403, "sin-permiso");
    let wrong = c.admin.post("/roles", json!({ "clave": "nada", "nombre": "Nada", "permisos": ["cita.ver", "no.hay", "ni.este"] })).await;
    assert_eq!(wrong.wrong_fields(), ["/permisos/1", "/permisos/2"]);
}

#[tokio::test]
async fn a_role_is_edited_by_version_and_deleted_when_nobody_has_it() {
    let c = Cadena::start().await;
    let made = c.admin.post("/roles", json!({ "clave": "tienda", "nombre": "Tienda", "permisos": ["sede.ver"] })).await;
    let etag = made.etag();
    let rol = id(&made.created());
    let path = format!("/roles/{rol}");
    let changed = c.admin.put_if(&path, &etag, json!({ "nombre": "Tienda", "permisos": ["servicio.ver", "cita.ver"] })).await.ok();
    assert_eq!(changed["permisos"], json!(["cita.ver", "servicio.ver"]));
    c.admin.put_if(&path, &etag, json!({ "nombre": "Tarde", "permisos": [] })).await.problem(412, "version-cambiada");
    let asignacion = c.asignar(&c.persona("Soto Díaz").await, &rol, Some(&c.lima)).await;
    c.admin.delete(&path).await.problem(409, "rol-en-uso");
    assert_eq!(c.admin.delete(&format!("/asignaciones/{asignacion}")).await.status, 204);
    assert_eq!(c.admin.delete(&path).await.status, 204);
    c.admin.get(&path).await.problem(404, "no-encontrado");
    c.admin.delete(&format!("/roles/{}", c.rol("caja").await)).await.problem(409, "rol-de-sistema");
}

#[tokio::test]
async fn the_chain_keeps_an_administrator() {
    let c = Cadena::start().await;
    let ana = c.persona("Quispe Mamani").await;
    let own = c.admin.get(&format!("/usuarios/{ana}/asignaciones")).await.ok();
    let own = id(&own["items"][0]);
    let rol = c.admin.get(&format!("/roles/{}", c.rol("administrador_cadena").await)).await.ok();
    let weaker: Vec<&Value> = rol["permisos"].as_array().expect("a list").iter().filter(|clave| **clave != "usuario.administrar").collect();
    let try_all = async |who: &Cliente| {
        who.post(&format!("/usuarios/{ana}/desactivar"), json!({})).await.problem(409, "ultimo-administrador");
        who.delete(&format!("/asignaciones/{own}")).await.problem(409, "ultimo-administrador");
        let change = json!({ "nombre": "Débil", "permisos": weaker });
        who.put(&format!("/roles/{}", id(&rol)), change).await.problem(409, "ultimo-administrador");
    };
    try_all(&c.admin).await;
    // A second one who is deactivated does not count; active, they do.
    let soto = c.persona("Soto Díaz").await;
    c.asignar(&soto, &id(&rol), None).await;
    c.admin.post(&format!("/usuarios/{soto}/desactivar"), json!({})).await.ok();
    try_all(&c.admin).await;
    c.admin.post(&format!("/usuarios/{soto}/activar"), json!({})).await.ok();
    // Nor does one who has not accepted the invitation.
    let phc: String = c.huella.scalar(&format!("select contrasena from usuarios where id = '{soto}'")).await;
    c.huella.execute(&format!("update usuarios set contrasena = null where id = '{soto}'")).await;
    try_all(&c.admin).await;
    c.huella.execute(&format!("update usuarios set contrasena = '{phc}' where id = '{soto}'")).await;
    assert_eq!(c.admin.delete(&format!("/asignaciones/{own}")).await.status, 204);
    c.admin.get("/roles").await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn the_policy_can_be_read_and_asked() {
    let c = Cadena::start().await;
    let text = c.admin.get("/politica").await.ok();
    assert!(text["modelo"].as_str().expect("text").contains("[matchers]"));
    let rojas = c.persona("Rojas Vera").await;
    let line = format!("g, {rojas}, veterinario, {}", c.cusco);
    assert!(text["politica"].as_str().expect("text").lines().any(|found| found == line));
    let ask = async |sede: Option<&str>, permiso: &str| {
        c.admin.post("/politica/evaluar", json!({ "usuario_id": rojas, "sede_id": sede, "permiso": permiso })).await.ok()
    };
    let yes = ask(Some(&c.cusco), "cita.atender").await;
    assert_eq!(yes, json!({ "permitido": true, "reglas": ["p, veterinario, cita.atender, sede", line] }));
    assert_eq!(ask(None, "cita.atender").await["permitido"], false);
    assert_eq!(ask(Some(&c.lima), "usuario.administrar").await, json!({ "permitido": false, "reglas": [] }));
    let unknown = json!({ "usuario_id": rojas, "sede_id": c.lima, "permiso": "no.hay" });
    assert_eq!(c.admin.post("/politica/evaluar", unknown).await.wrong_fields(), ["/permiso"]);
    c.huella.como(ADMIN_LIMA).await.get("/politica").await.problem(403, "sin-permiso");
    let catalogue = c.admin.get("/permisos").await.ok();
    assert!(catalogue.as_array().expect("a list").iter().any(|entry| entry["clave"] == "cita.ver" && entry["alcance"] == "sede"));
}

// ---- audit

#[tokio::test]
async fn the_audit_tells_who_changed_what_from_where() {
    let c = Cadena::start().await;
    let made = c.admin.post(&format!("/sedes/{}/areas", c.lima), json!({ "nombre": "Tienda" })).await.created();
    c.admin.put(&format!("/areas/{}", id(&made)), json!({ "nombre": "Boutique" })).await.ok();
    c.admin.post(&format!("/sedes/{}/areas", c.cusco), json!({ "nombre": "Otra" })).await.created();
    let auditor = c.huella.como(AUDITOR).await;
    let history = auditor.get(&format!("/auditoria/area/{}", id(&made))).await.ok();
    let newest = &history["items"][0];
    assert_eq!((newest["accion"].as_str(), newest["actor"]["nombre"].as_str()), (Some("cambiar"), Some("Ana Quispe Mamani")));
    assert_eq!((newest["antes"]["nombre"].as_str(), newest["despues"]["nombre"].as_str()), (Some("Tienda"), Some("Boutique")));
    assert_eq!((newest["ip"].as_str(), newest["en"].as_str()), (Some("127.0.0.1"), Some(huella_tests::NOW)));
    assert_eq!(history["items"].as_array().map(Vec::len), Some(2));

    let page = auditor.get("/auditoria?entidad=area&accion=crear&limite=1").await.ok();
    let next = auditor
        .get(&format!("/auditoria?entidad=area&accion=crear&limite=200&cursor={}", page["siguiente"].as_str().expect("more")))
        .await
        .ok();
    assert_eq!(page["items"][0]["sede_id"], json!(c.cusco));
    assert!(next["items"].as_array().expect("a list").iter().any(|hecho| hecho["entidad_id"] == made["id"]));
    assert_eq!(auditor.get("/auditoria?desde=2026-03-03T00:00:00Z").await.ok()["items"], json!([]));

    // Of a sede one sees that sede, and nothing of the chain's own affairs.
    let lima = c.huella.como(ADMIN_LIMA).await.get("/auditoria?limite=200").await.ok();
    let lines = lima["items"].as_array().expect("a list");
    assert!(lines.iter().any(|hecho| hecho["entidad_id"] == made["id"]));
    assert!(
        lines.iter().all(|hecho| hecho["sede_id"] != json!(c.cusco) && hecho["entidad"] != "usuario" && hecho["entidad"] != "rol"),
        "{lima:#}"
    );
    c.huella.como(costera::ADMIN).await.get(&format!("/auditoria/area/{}", id(&made))).await.ok()["items"]
        .as_array()
        .map(Vec::len)
        .filter(|n| *n == 0)
        .expect("nothing");
    c.huella.como(RECEPCION_LIMA).await.get("/auditoria").await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn personal_values_in_the_audit_open_only_for_who_may_and_until_forgotten() {
    let c = Cadena::start().await;
    let made = c.admin.post("/usuarios", nueva_persona("iris@andina.example.pe", &c.rol("recepcion").await, Some(&c.lima))).await.created();
    let path = format!("/auditoria?entidad=usuario&accion=crear&entidad_id={}", id(&made));
    let value = async |who: &Cliente| who.get(&path).await.ok()["items"][0]["despues"]["correo"].clone();
    let auditor = c.huella.como(AUDITOR).await;
    assert_eq!(value(&auditor).await, "iris@andina.example.pe");
    c.dar(&c.persona("Soto Díaz").await, "solo_auditoria", &["auditoria.ver"], None).await;
    let blind = c.huella.como(DR_SOTO).await;
    assert_eq!(value(&blind).await, "[cifrado]");
    c.huella.execute(&format!("delete from claves_personales where persona_id = '{}'", id(&made))).await;
    assert_eq!(value(&auditor).await, "[olvidado]");
}

// ---- files

/// A chain's folder that a test may edit.
struct Carpeta(PathBuf);

impl Carpeta {
    fn new(text: &str) -> Self {
        let root = std::env::temp_dir().join(format!("huella-cadena-{}", uuid::Uuid::now_v7())).join("prueba");
        std::fs::create_dir_all(&root).expect("a folder");
        let folder = Self(root);
        folder.write(text);
        folder
    }
    fn write(&self, text: &str) {
        std::fs::write(self.0.join("tenant.toml"), text).expect("a file");
    }
    async fn apply(&self, huella: &Huella) -> anyhow::Result<Report> {
        let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tenants/_base");
        server::tenant::apply(&huella.parts.system(), &huella.parts.identidad, &base, &self.0, Some(CLAVE)).await
    }
}

impl Drop for Carpeta {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap_or(&self.0));
    }
}

const PRUEBA: &str = r#"
[cadena]
clave = "prueba"
nombre = "Prueba"

[[roles]]
clave = "ayudante"
nombre = "Ayudante"
permisos = ["sede.ver"]

[[entidades_legales]]
ruc = "20131312955"
razon_social = "Prueba S.A.C."

[[sedes]]
codigo = "LIM"
nombre = "Prueba Lima"
entidad_legal = "20131312955"
ciudad = "Lima"
telefono = "01 555 0100"
areas = [{ nombre = "Clínica" }]
ambientes = [{ nombre = "Consultorio 1", tipo = "consultorio", area = "Clínica" }]
equipos = [{ nombre = "Ecógrafo", tipo = "ecografo" }]

[[personal]]
nombres = "Ada"
apellidos = "Primera"
correo = "ada@prueba.example.pe"
asignaciones = [{ rol = "administrador_cadena" }]

[[personal]]
nombres = "Leo"
apellidos = "Inventado"
correo = "leo@prueba.example.pe"
telefono = "987654321"
cmvp = "4321"
asignaciones = [{ rol = "veterinario", sede = "LIM" }, { rol = "ayudante", sede = "LIM" }]
"#;

fn lines(report: &Report, outcome: Outcome) -> Vec<(&str, &str, Vec<&str>)> {
    let of = report.lines.iter().filter(|line| line.outcome == outcome);
    of.map(|line| (line.tipo.as_str(), line.entrada.as_str(), line.campos.iter().map(String::as_str).collect())).collect()
}

#[tokio::test]
async fn applying_twice_changes_nothing() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(PRUEBA);
    let first = folder.apply(&huella).await.expect("a chain");
    assert!(lines(&first, Outcome::Creado).contains(&("ambiente", "LIM/Consultorio 1", vec![])), "{first}");
    let count = "select count(*) from auditoria";
    let before: i64 = huella.scalar(count).await;
    let second = folder.apply(&huella).await.expect("the same chain");
    assert_eq!((second.lines.len(), second.to_string().as_str()), (0, "sin cambios"));
    assert_eq!(huella.scalar::<i64>(count).await, before, "and leaves no trace");
    let leo = huella.como("leo@prueba.example.pe").await.get("/yo").await.ok();
    assert_eq!(leo["sedes"][0]["roles"], json!(["ayudante", "veterinario"]));
    let clear: i64 = huella.scalar("select count(*) from tenants_aplicados t where t::text ilike '%inventado%' or t::text like '%987654321%' or t::text ilike '%leo@%'").await;
    assert_eq!(clear, 0, "what is remembered of people is not in the clear");
}

#[tokio::test]
async fn what_the_api_changed_stays_until_the_file_changes() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(PRUEBA);
    folder.apply(&huella).await.expect("a chain");
    let admin = huella.como("ada@prueba.example.pe").await;
    let sede = admin.get("/sedes").await.ok()["items"][0].clone();
    let body = json!({ "entidad_legal_id": sede["entidad_legal_id"], "codigo": "LIM", "nombre": "Por la API", "ciudad": "Lima", "telefono": "+5115550100" });
    admin.put(&format!("/sedes/{}", id(&sede)), body).await.ok();
    let leo = huella.id_of("prueba", "usuarios", "apellidos", "Inventado").await;
    admin.put(&format!("/usuarios/{leo}"), json!({ "nombres": "Leonardo", "apellidos": "Inventado", "correo": "leo@prueba.example.pe", "es_medico": true, "cmvp": "4321" })).await.ok();

    let report = folder.apply(&huella).await.expect("the same file");
    let kept = lines(&report, Outcome::Conservado);
    assert_eq!(kept, [("sede", "LIM", vec!["nombre"]), ("persona", "leo@prueba.example.pe", vec!["nombres", "telefono"])]);
    assert!(report.to_string().ends_with("sin cambios"), "{report}");
    assert_eq!(admin.get(&format!("/sedes/{}", id(&sede))).await.ok()["nombre"], "Por la API");

    // The entry changes: now the file wins, wholly, and says so. What left the file stays in the chain.
    folder.write(
        &PRUEBA
            .replace("01 555 0100", "01 555 0199")
            .replace("equipos = [{ nombre = \"Ecógrafo\", tipo = \"ecografo\" }]", "")
            .replace(", { rol = \"ayudante\", sede = \"LIM\" }", ""),
    );
    let report = folder.apply(&huella).await.expect("a changed file");
    assert_eq!(lines(&report, Outcome::Sobrescrito), [("sede", "LIM", vec!["nombre", "telefono"])]);
    assert_eq!(lines(&report, Outcome::Cambiado), [("roles de persona", "leo@prueba.example.pe", vec!["asignaciones"])]);
    assert_eq!(lines(&report, Outcome::Retirado), [("equipo", "LIM/Ecógrafo", vec![])]);
    let now = admin.get(&format!("/sedes/{}", id(&sede))).await.ok();
    assert_eq!((now["nombre"].as_str(), now["telefono"].as_str()), (Some("Prueba Lima"), Some("+5115550199")));
    let equipos = admin.get(&format!("/sedes/{}/equipos", id(&sede))).await.ok();
    assert_eq!(equipos["items"].as_array().map(Vec::len), Some(1), "nothing is deleted");
    assert_eq!(folder.apply(&huella).await.expect("once more").changes(), 0);
}

#[tokio::test]
async fn a_faulty_file_names_everything_and_writes_nothing() {
    let huella = Huella::start().await;
    let folder =
        Carpeta::new(&PRUEBA.replace("nombre = \"Prueba Lima\"", "nombre = \"\"\nnombres = \"x\"").replace("20131312955", "20131312956"));
    let text = folder.apply(&huella).await.expect_err("three faults").to_string();
    for fault in
        ["sedes[0].nombre: no puede estar vacío", "sedes[0].nombres: no es un campo conocido", "entidades_legales[0].ruc: debe ser un RUC"]
    {
        assert!(text.contains(&format!("prueba/tenant.toml: {fault}")), "{text}");
    }
    folder.write(&PRUEBA.replace("rol = \"administrador_cadena\"", "rol = \"recepcion\""));
    folder.apply(&huella).await.expect_err("nobody could administer it");
    assert_eq!(huella.scalar::<i64>("select count(*) from usuarios where apellidos = 'Inventado'").await, 0);
}
