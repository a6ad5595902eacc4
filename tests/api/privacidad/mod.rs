//! What a chain owes to the people whose data it holds: their requests, incidents, and how long data is kept.
mod conservacion;
mod derechos;
mod incidentes;

use huella_tests::{Cliente, Huella, id};
use serde_json::{Value, json};
use server::trabajos;

fn ana() -> Value {
    json!({ "nombres": "Anastasia", "apellidos": "Pomacocha", "documento": { "tipo": "dni", "numero": "40302010" }, "telefono": "987654321" })
}

/// An owner with a pet: their ids.
async fn registrar(cliente: &Cliente, tutor: Value) -> (String, String) {
    let pet = json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra" });
    let body = cliente.post("/pacientes/registro", json!({ "tutor": tutor, "mascota": pet })).await.created();
    (id(&body["tutor"]), id(&body["mascota"]))
}

/// The clocks are looked at.
async fn velar(huella: &Huella) {
    trabajos::velar(&huella.parts.system()).await.expect("looked at");
}

/// How often each event of a family was told, as `evento: veces`.
async fn told(huella: &Huella, family: &str) -> String {
    let query = format!(
        "select coalesce(string_agg(tema || ': ' || veces, ', ' order by tema), '') from (select tema, count(*) as veces from outbox where tema like '{family}.%' group by 1) t"
    );
    huella.scalar(&query).await
}
