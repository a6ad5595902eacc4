//! What everybody sees is remembered for seconds, and forgotten when something changes.
use super::*;
use jiff::{SignedDuration, Timestamp};

impl Publico {
    /// The first time with Dr. Soto, whom the owner may choose.
    async fn primera(&self) -> String {
        let found = self.huecos(&format!("&limite=1&medico_id={}", self.agenda.soto)).await;
        found[0]["inicio"].as_str().expect("a time").to_owned()
    }
}

#[tokio::test]
async fn a_time_that_is_taken_or_free_again_is_seen_once_that_is_told() {
    let publico = Publico::start(json!({ "elige_medico": true })).await;
    let recepcion = publico.agenda.huella.como(RECEPCION_LIMA).await;
    let luna = publico.mascota("Ana", "Luna", "perro").await;
    trabajar(&publico.agenda).await;
    let free = publico.primera().await;
    let cita = json!({ "sede_id": publico.agenda.lima, "mascota_id": luna, "servicio_id": publico.agenda.consulta,
                       "medico_id": publico.agenda.soto, "inicio": free });
    let cita = recepcion.post("/citas/reservar", cita).await.created();
    assert_eq!(publico.primera().await, free, "from memory: nobody has told yet");
    trabajar(&publico.agenda).await;
    assert_ne!(publico.primera().await, free, "it is taken");
    recepcion.delete(&format!("/citas/{}?motivo=Pedido", id(&cita))).await.ok();
    trabajar(&publico.agenda).await;
    assert_eq!(publico.primera().await, free, "it is free again");
}

#[tokio::test]
async fn what_a_sede_works_with_is_seen_as_soon_as_it_is_written() {
    let publico = Publico::start(json!({ "elige_medico": true })).await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    trabajar(&publico.agenda).await;
    let free = publico.primera().await;
    let end = free.parse::<Timestamp>().expect("a time") + SignedDuration::from_hours(1);
    let block = json!({ "medico_id": publico.agenda.soto, "desde": free, "hasta": end, "motivo": "Curso" });
    admin.post(&format!("/sedes/{}/bloqueos", publico.agenda.lima), block).await.created();
    assert!(publico.primera().await.parse::<Timestamp>().expect("a time") >= end, "the hour is blocked");
}
