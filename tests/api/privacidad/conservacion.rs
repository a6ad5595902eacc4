//! How long data is kept: looked at first, then forgotten at night.
use super::{ana, registrar, told, velar};
use huella_tests::{
    Huella,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::trabajos::worker::work_once;

/// As if nothing had happened to them for six years.
async fn long_ago(huella: &Huella, tutor: &str) {
    for sql in [
        format!("update tutores set actualizado_en = '2020-01-01' where id = '{tutor}'"),
        format!(
            "update mascotas set actualizado_en = '2020-01-01' where id in (select mascota_id from tutores_mascotas where tutor_id = '{tutor}')"
        ),
    ] {
        huella.execute(&sql).await;
    }
}

fn of(reglas: &Value, clase: &str) -> Value {
    reglas.as_array().into_iter().flatten().find(|regla| regla["clase"] == clase).cloned().unwrap_or_default()
}

#[tokio::test]
async fn owners_without_a_visit_for_years_are_forgotten_once_somebody_looked_who_they_are() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (gone, _) = registrar(&recepcion, ana()).await;
    let (here, rex) = registrar(&recepcion, json!({ "nombres": "Beto", "apellidos": "Ríos" })).await;
    let (lima, consulta) =
        (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let cita = json!({ "sede_id": lima, "mascota_id": rex, "servicio_id": consulta, "inicio": "2026-03-02T16:00:00-05:00" });
    recepcion.post("/citas/reservar", cita).await.created();
    for tutor in [&gone, &here] {
        long_ago(&huella, tutor).await;
    }
    huella.como(ADMIN_LIMA).await.get("/conservacion").await.problem(403, "sin-permiso");
    let regla = of(&admin.get("/conservacion").await.ok(), "tutores");
    assert_eq!(
        (regla["minimo_meses"].as_i64(), regla["activa"].as_bool(), regla["accion"].as_str()),
        (Some(60), Some(false), Some("anonimizar"))
    );
    assert_eq!(admin.put("/conservacion/tutores", json!({ "meses": 59, "activa": false })).await.wrong_fields(), ["/meses"]);
    assert_eq!(admin.put("/conservacion/auditoria", json!({ "meses": 59, "activa": false })).await.wrong_fields(), ["{clase}"]);
    admin.put("/conservacion/tutores", json!({ "meses": 60, "activa": true })).await.problem(409, "conservacion-sin-ensayo");
    admin.put("/conservacion/tutores", json!({ "meses": 60, "activa": false })).await.ok();
    let dry = admin.post("/conservacion/tutores/ensayo", json!({})).await.ok();
    assert_eq!((dry["cantidad"].as_i64(), &dry["muestra"]), (Some(1), &json!([gone])));
    assert_eq!(admin.get(&format!("/tutores/{gone}")).await.ok()["nombres"], "Anastasia", "a dry run changes nothing");
    admin.put("/conservacion/tutores", json!({ "meses": 60, "activa": true })).await.ok();

    velar(&huella).await;
    assert_eq!(work_once(&huella.parts).await.expect("worked").done, 0, "not by day");
    huella.avanzar(SignedDuration::from_hours(18));
    for done in [1, 0] {
        velar(&huella).await;
        assert_eq!(work_once(&huella.parts).await.expect("worked").done, done, "once a night");
    }
    let admin = huella.como(ADMIN).await;
    assert_eq!(admin.get(&format!("/tutores/{gone}")).await.ok()["nombres"], "Anónimo");
    assert_eq!(admin.get(&format!("/tutores/{here}")).await.ok()["nombres"], "Beto");
    let regla = of(&admin.get("/conservacion").await.ok(), "tutores");
    assert_eq!(regla["cumplida_cantidad"], 1);
    assert_eq!(told(&huella, "conservacion").await, "conservacion.cumplida: 1");
    let audited: i64 = huella
        .scalar(&format!("select count(*) from auditoria where accion = 'anonimizar' and entidad_id = '{gone}' and actor_tipo = 'sistema'"))
        .await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn copies_that_were_handed_over_go_first_and_the_request_with_its_key_later() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (ana, _) = registrar(&recepcion, ana()).await;
    let asked = json!({ "derecho": "acceso", "canal": "correo", "tutor_id": ana, "identidad": "documento",
                        "pedido": { "nombre": "Anastasia", "detalle": "Mis datos" } });
    let request = id(&recepcion.post("/solicitudes-datos", asked).await.created());
    let path = format!("/solicitudes-datos/{request}");
    admin.put(&format!("{path}/respuesta"), json!({ "resultado": "atendida", "respuesta": "Enviado" })).await.ok();
    for (clase, meses) in [("expedientes", 1), ("solicitudes", 48)] {
        admin.put(&format!("/conservacion/{clase}"), json!({ "meses": meses, "activa": false })).await.ok();
        assert_eq!(admin.post(&format!("/conservacion/{clase}/ensayo"), json!({})).await.ok()["cantidad"], 0);
        admin.put(&format!("/conservacion/{clase}"), json!({ "meses": meses, "activa": true })).await.ok();
    }
    huella.avanzar(SignedDuration::from_hours(24 * 40 + 18));
    velar(&huella).await;
    assert_eq!(work_once(&huella.parts).await.expect("worked").done, 1);
    let admin = huella.como(ADMIN).await;
    admin.get(&format!("{path}/expediente")).await.problem(409, "sin-expediente");
    assert_eq!(admin.get(&path).await.ok()["pedido"]["nombre"], "Anastasia");
    huella.avanzar(SignedDuration::from_hours(24 * 365 * 4));
    velar(&huella).await;
    work_once(&huella.parts).await.expect("worked");
    assert_eq!(huella.como(ADMIN).await.get(&path).await.status, 404);
    let keys: i64 = huella.scalar(&format!("select count(*) from claves_personales where persona_id = '{request}'")).await;
    assert_eq!(keys, 0);
}
