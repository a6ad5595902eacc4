//! A pet's timeline and its clinical record.
mod clinica;
mod hechos;
mod pesos;
mod vacunas;

use huella_tests::{
    Cliente, Huella,
    andina::{AUDITOR, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn luna(cliente: &Cliente) -> String {
    mascota(cliente, json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "peso_kg": 4.2 })).await
}

async fn mascota(cliente: &Cliente, mascota: Value) -> String {
    let body = json!({ "tutor": { "nombres": "Ana", "apellidos": "Poma" }, "mascota": mascota });
    id(&cliente.post("/pacientes/registro?confirmar_duplicado=true", body).await.created()["mascota"])
}

/// A vaccine of the chain's catalogue.
async fn vacuna(huella: &Huella, clave: &str) -> String {
    huella.id_of("andina", "vacunas", "clave", clave).await
}

async fn pages(cliente: &Cliente, mascota: &str, limite: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = cliente.get(&format!("/pacientes/{mascota}/historial?limite={limite}{cursor}")).await.ok();
        all.extend(page["items"].as_array().expect("a list").iter().cloned());
        match page["siguiente"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["detalle"]["tipo"].as_str().unwrap_or_else(|| entry["origen"].as_str().expect("an origin"))).collect()
}

#[tokio::test]
async fn all_that_happened_stands_in_one_timeline_newest_first() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let luna = luna(&recepcion).await;
    let (lima, soto, consulta) = (
        huella.id_of("andina", "sedes", "codigo", "LIM").await,
        huella.id_of("andina", "usuarios", "cmvp", "11567").await,
        huella.id_of("andina", "servicios", "codigo", "CONS").await,
    );
    huella.avanzar(SignedDuration::from_mins(1));
    recepcion.post(&format!("/pacientes/{luna}/identificadores"), json!({ "tipo": "placa", "valor": "MIR-001" })).await.created();
    huella.avanzar(SignedDuration::from_mins(1));
    let beto = id(&recepcion.post("/tutores", json!({ "nombres": "Beto", "apellidos": "Ríos" })).await.created());
    recepcion.post(&format!("/pacientes/{luna}/transferencia"), json!({ "tutor_id": beto })).await.created();
    let cita =
        json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": consulta, "medico_id": soto, "inicio": "2026-03-02T10:00:00-05:00" });
    let cita = recepcion.post("/citas/reservar", cita).await.created();

    let all = pages(&recepcion, &luna, 50).await;
    assert_eq!(kinds(&all)[..1], ["cita"]);
    assert_eq!(
        (all[0]["detalle"]["cita_id"].as_str(), all[0]["detalle"]["medico"].as_str()),
        (Some(id(&cita).as_str()), Some("Jorge Soto Díaz"))
    );
    let mut rest = kinds(&all)[1..].to_vec();
    assert_eq!(rest[2], "identificador");
    rest.sort_unstable();
    assert_eq!(rest, ["identificador", "peso", "registro", "tutor", "tutor"]);
    let owners: Vec<(&str, &str)> = all
        .iter()
        .filter(|e| e["detalle"]["tipo"] == "tutor")
        .filter_map(|e| Some((e["detalle"]["accion"].as_str()?, e["detalle"]["tutor"].as_str()?)))
        .collect();
    assert!(owners.contains(&("retirado", "Ana Poma")) && owners.contains(&("agregado", "Beto Ríos")), "{owners:?}");
    assert_eq!(pages(&recepcion, &luna, 1).await, all);
    // Who works only in Cusco sees the pet's record, and no appointment of Lima.
    assert!(!kinds(&pages(&huella.como(RECEPCION_CUSCO).await, &luna, 50).await).contains(&"cita"));
}

#[tokio::test]
async fn no_entry_is_lost_or_doubled_between_pages() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let luna = luna(&recepcion).await;
    // Many at the very same instants, in both tables.
    huella
        .execute(&format!(
            "insert into pesos (tenant_id, id, mascota_id, pesado_en, kg, autor_id)
             select m.tenant_id, gen_random_uuid(), m.id, m.creado_en + (n % 7) * interval '1 hour', 4, m.id
               from mascotas m, generate_series(1, 60) n where m.id = '{luna}';
             insert into mascotas_hechos (tenant_id, id, mascota_id, en, tipo, detalle, autor_id)
             select m.tenant_id, gen_random_uuid(), m.id, m.creado_en + (n % 7) * interval '1 hour', 'foto', '{{\"tipo\": \"foto\"}}', m.id
               from mascotas m, generate_series(1, 60) n where m.id = '{luna}'"
        ))
        .await;
    let whole = pages(&recepcion, &luna, 200).await;
    assert_eq!(whole.len(), 122);
    for limite in [1, 7, 50] {
        let ids = |entries: &[Value]| entries.iter().map(id).collect::<Vec<_>>();
        assert_eq!(ids(&pages(&recepcion, &luna, limite).await), ids(&whole), "pages of {limite}");
    }
}

#[tokio::test]
async fn another_chains_pet_has_no_history() {
    let huella = Huella::start().await;
    let luna = luna(&huella.como(RECEPCION_LIMA).await).await;
    huella.como(costera::RECEPCION).await.get(&format!("/pacientes/{luna}/historial")).await.problem(404, "no-encontrado");
    huella.como(AUDITOR).await.get(&format!("/pacientes/{luna}/historial")).await.problem(403, "sin-permiso");
    let recepcion = huella.como(RECEPCION_LIMA).await;
    assert_eq!(recepcion.get(&format!("/pacientes/{luna}/historial?cursor=x")).await.wrong_fields(), ["?cursor"]);
}
