//! Legal entities, sedes, areas, rooms.
use super::Cadena;
use huella_tests::{andina::ADMIN_LIMA, costera, id};
use serde_json::json;

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
