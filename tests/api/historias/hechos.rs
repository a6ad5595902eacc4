//! The document that alert rules read: of one pet, of all of a chain, and its schema.
use super::{kinds, luna, mascota, pages, vacuna};
use historias::{Hechos, Lector};
use huella_tests::{
    Huella,
    andina::{DR_SOTO, RECEPCION_LIMA},
    id,
};
use kernel::ids::{MascotaId, TenantId};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use uuid::Uuid;

#[tokio::test]
async fn a_document_says_all_that_a_rule_reads() {
    let huella = Huella::start().await;
    let soto = huella.como(DR_SOTO).await;
    let luna = mascota(
        &soto,
        json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "esterilizado": true, "edad_meses": 14, "peso_kg": 12.5 }),
    )
    .await;
    let shot = json!({ "vacuna_id": vacuna(&huella, "antirrabica").await, "fecha": "2026-02-02", "proxima": "2027-02-02" });
    let shot = soto.post(&format!("/pacientes/{luna}/vacunaciones"), shot).await.created();
    let allergic = json!({ "a": "Pollo", "sustancia": "alimento", "gravedad": "leve" });
    let allergic = soto.post(&format!("/pacientes/{luna}/alergias"), allergic).await.created();
    let mut facts = soto.get(&format!("/pacientes/{luna}/hechos")).await.ok();
    let weight = facts["pesos"][0]["id"].take();
    assert!(weight.is_string());
    assert_eq!(
        facts,
        json!({
            "esquema": "hechos/v1",
            "mascota": {
                "id": luna, "especie": "perro", "sexo": "hembra", "esterilizado": true, "nacimiento": "2025-01-02", "nacimiento_estimado": true
            },
            "pesos": [{ "id": null, "en": "2026-03-02T13:00:00Z", "kg": 12.5 }],
            "vacunas": [{
                "id": id(&shot), "fecha": "2026-02-02", "producto": "Antirrábica", "antigenos": ["rabia"], "por_nombre": false, "anterior": false,
                "proxima": "2027-02-02"
            }],
            "desparasitaciones": [],
            "problemas": [],
            "alergias": [{ "id": id(&allergic), "desde": "2026-03-02", "a": "Pollo", "sustancia": "alimento", "gravedad": "leve" }],
            "tratamientos": [],
        })
    );
    // The same schema in the API, in the repository and for whoever asks.
    let published = huella.nadie().get("/esquemas/hechos/v1").await.ok();
    assert_eq!(published, historias::esquema());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/esquemas/hechos-v1.json");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&file, serde_json::to_string_pretty(&published).expect("JSON") + "\n").expect("written");
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("a schema")).expect("JSON");
    assert_eq!(kept, published, "docs/esquemas/hechos-v1.json: renew it with INSTA_UPDATE=always");
}

/// All pets that live, each once, in batches that say the same as one by one.
#[tokio::test]
async fn a_chain_is_read_in_batches() {
    let huella = Huella::start().await;
    let (soto, recepcion) = (huella.como(DR_SOTO).await, huella.como(RECEPCION_LIMA).await);
    let mut pets = Vec::new();
    for number in 0..7 {
        let pet = luna(&recepcion).await;
        soto.post(&format!("/pacientes/{pet}/problemas"), json!({ "nombre": format!("Problema {number}") })).await.created();
        pets.push(pet);
    }
    soto.post(&format!("/pacientes/{}/fallecimiento", pets[1]), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    recepcion.post(&format!("/pacientes/{}/fusiones", pets[2]), json!({ "con": pets[3] })).await.created();
    let tenant: Uuid = huella.scalar("select id from tenants where clave = 'andina'").await;
    let mut tx = huella.parts.system().begin(TenantId(tenant)).await.expect("begun");
    let lector = Lector::new(&mut tx).await.expect("a catalogue");
    let (mut read, mut after): (Vec<Hechos>, Option<MascotaId>) = (Vec::new(), None);
    loop {
        let batch = lector.lote(&mut tx, after, 2).await.expect("a batch");
        let Some(last) = batch.last() else { break };
        after = Some(last.mascota.id);
        read.extend(batch);
    }
    let ids: Vec<String> = read.iter().map(|one| one.mascota.id.to_string()).collect();
    let alive: BTreeSet<String> = [0, 2, 4, 5, 6].map(|which: usize| pets[which].clone()).into();
    assert_eq!((ids.len(), ids.iter().cloned().collect::<BTreeSet<_>>()), (5, alive));
    for one in &read {
        assert_eq!(lector.una(&mut tx, one.mascota.id).await.expect("read").as_ref(), Some(one));
    }
    let merged = read.iter().find(|one| one.mascota.id.to_string() == pets[2]).expect("goes on");
    assert_eq!(merged.problemas.iter().map(|one| one.nombre.as_str()).collect::<Vec<_>>(), ["Problema 2", "Problema 3"]);
}

/// Two thousand lines, many of one instant: no page loses or repeats one, whatever else stands between.
#[tokio::test]
async fn a_long_record_is_read_to_its_end() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let luna = luna(&recepcion).await;
    huella
        .execute(&format!(
            "insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, anterior, autor_id, registrado_en)
             select m.tenant_id, gen_random_uuid(), m.id,
                    case n % 2 when 0 then '{{\"tipo\": \"problema\", \"cronico\": false}}'::jsonb
                               else '{{\"tipo\": \"vacuna\", \"antigenos\": [\"rabia\"]}}'::jsonb end,
                    'Número ' || n, date '2020-01-01' + n / 4, timestamptz '2020-01-01 17:00Z' + n / 4 * interval '1 day', true, m.id, now()
               from mascotas m, generate_series(1, 2000) n where m.id = '{luna}'"
        ))
        .await;
    let whole = pages(&recepcion, &luna, 200).await;
    assert_eq!(whole.len(), 2_002);
    assert!(whole.is_sorted_by(|one, other| one["en"].as_str() >= other["en"].as_str()));
    assert_eq!(whole.iter().map(id).collect::<BTreeSet<_>>().len(), whole.len());
    assert_eq!(pages(&recepcion, &luna, 37).await.iter().map(id).collect::<Vec<_>>(), whole.iter().map(id).collect::<Vec<_>>());
    let shots = recepcion.get(&format!("/pacientes/{luna}/historial?tipos=vacuna&limite=200")).await.ok();
    let shots = shots["items"].as_array().cloned().expect("a list");
    assert!(shots.len() == 200 && kinds(&shots).iter().all(|kind| *kind == "vacuna"));
}
