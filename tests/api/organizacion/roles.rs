//! Who may do what, where.
use super::{Cadena, nueva_persona};
use huella_tests::{
    Cliente,
    andina::{ADMIN_LIMA, DR_SOTO, DRA_ROJAS, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};
use std::time::Duration;

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
