//! Incidents and their 48 hours.
use super::{told, velar};
use huella_tests::{
    Huella,
    andina::{ADMIN, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn an_incident_has_forty_eight_hours_and_somebody_is_told() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let lost = json!({ "tipo": "perdida", "detectado_en": "2026-03-02T12:00:00Z", "descripcion": "Se perdió una portátil", "datos": ["teléfonos"] });
    let future = json!({ "tipo": "perdida", "detectado_en": "2026-03-02T14:00:00Z", "descripcion": "x", "datos": [""] });
    assert_eq!(recepcion.post("/incidentes-datos", future).await.wrong_fields(), ["/datos/0", "/detectado_en"]);
    let incident = recepcion.post("/incidentes-datos", lost.clone()).await.created();
    assert_eq!((incident["vence_en"].as_str(), incident["numero"].as_i64()), (Some("2026-03-04T12:00:00Z"), Some(1)));
    recepcion.get("/incidentes-datos").await.problem(403, "sin-permiso");
    let path = format!("/incidentes-datos/{}", id(&incident));

    huella.avanzar(SignedDuration::from_hours(34));
    velar(&huella).await;
    assert_eq!(told(&huella, "incidente").await, "incidente.registrado: 1");
    huella.avanzar(SignedDuration::from_hours(2));
    for _ in 0..2 {
        velar(&huella).await;
        assert_eq!(told(&huella, "incidente").await, "incidente.por_vencer: 1, incidente.registrado: 1");
    }
    huella.avanzar(SignedDuration::from_hours(12));
    velar(&huella).await;
    assert_eq!(told(&huella, "incidente").await, "incidente.por_vencer: 1, incidente.registrado: 1, incidente.vencido: 1");

    let admin = huella.como(ADMIN).await;
    let before = json!({ "notificado_en": "2026-03-02T11:00:00Z" });
    assert_eq!(admin.put(&format!("{path}/notificacion"), before).await.wrong_fields(), ["/notificado_en"]);
    let aviso = json!({ "notificado_en": "2026-03-04T13:00:00Z", "constancia": "ANPD-77" });
    let notified = admin.put(&format!("{path}/notificacion"), aviso.clone()).await.ok();
    assert_eq!((notified["estado"].as_str(), notified["fuera_de_plazo"].as_bool()), (Some("notificado"), Some(true)));
    admin.put(&format!("{path}/notificacion"), aviso).await.problem(409, "incidente-cerrado");
    let closed = admin.put(&format!("{path}/cierre"), json!({ "conclusion": "Se recuperó sin usar" })).await.ok();
    assert_eq!((closed["estado"].as_str(), closed["descripcion"].as_str()), (Some("cerrado"), Some("Se perdió una portátil")));
    admin.put(&path, lost).await.problem(409, "incidente-cerrado");
    assert_eq!(admin.get("/incidentes-datos?estado=cerrado").await.ok()["items"].as_array().map(Vec::len), Some(1));
}
