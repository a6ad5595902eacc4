//! Reading the audit.
use super::{Cadena, nueva_persona};
use huella_tests::{
    Cliente,
    andina::{ADMIN_LIMA, AUDITOR, DR_SOTO, RECEPCION_LIMA},
    costera, id,
};
use serde_json::json;

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
