//! In a demonstration owners hear of their appointments on the phone, from providers that are simulated beside it.
use super::number;
use huella_tests::Cliente;
use serde_json::json;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Books for people who said that they want to be reminded, and waits until one of them has it by WhatsApp.
pub async fn una_reserva_llega_por_whatsapp(env: &HashMap<String, String>, recepcion: &Cliente) {
    let url = &env["DATABASE_ADMIN_URL"];
    let sede = recepcion.get("/yo").await.ok()["sedes"][0]["id"].as_str().expect("a sede").to_owned();
    let servicios = recepcion.get("/servicios?limite=200").await.ok();
    let consulta = servicios["items"].as_array().expect("a list").iter().find(|one| one["codigo"] == "CONS").expect("a consultation");
    let servicio = consulta["id"].as_str().expect("an id").to_owned();
    let huecos = recepcion.get(&format!("/disponibilidad?servicio_id={servicio}&sedes={sede}&limite=5")).await.ok();
    for (which, hueco) in huecos["huecos"].as_array().expect("gaps").iter().enumerate() {
        let mascota = mascota_de_quien_consiente(url, which).await;
        let body = json!({ "sede_id": sede, "mascota_id": mascota, "servicio_id": servicio, "medico_id": hueco["medico_id"], "inicio": hueco["inicio"] });
        recepcion.post("/citas/reservar", body).await;
    }
    let told = "select count(*) from mensajes_envios where canal = 'whatsapp' and entrega in ('entregado', 'leido')";
    let start = Instant::now();
    while number(url, told).await == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody heard of a booking by WhatsApp");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    eprintln!("told by WhatsApp after {} ms", start.elapsed().as_millis());
}

async fn mascota_de_quien_consiente(url: &str, which: usize) -> String {
    let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.expect("signs in");
    let query = format!(
        "select tm.mascota_id::text from huella.consentimientos c join huella.tutores_mascotas tm on tm.tenant_id = c.tenant_id and tm.tutor_id = c.tutor_id
           join huella.tenants t on t.id = c.tenant_id
          where t.clave = 'andes' and c.finalidad = 'recordatorios' and c.otorgado and tm.hasta is null order by c.id offset {which} limit 1"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&mut db).await.expect("somebody who agreed")
}
