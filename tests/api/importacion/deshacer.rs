//! The way back.
use super::{CLIENTES, Mudanza, PACIENTES, outcome};
use huella_tests::id;
use serde_json::json;

const TABLAS: [&str; 7] =
    ["tutores", "mascotas", "tutores_mascotas", "mascotas_palabras", "mascotas_hechos", "mascotas_identificadores", "pesos"];

async fn counts(mudanza: &Mudanza) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLAS {
        counts.push(mudanza.count(table).await);
    }
    counts
}

#[tokio::test]
async fn what_nobody_touched_is_taken_back_whole() {
    let mudanza = Mudanza::start().await;
    let keys = mudanza.count("claves_personales").await;
    let owners = mudanza.imported("tutores", CLIENTES).await;
    let pets = mudanza.imported("mascotas", PACIENTES).await;
    assert!(counts(&mudanza).await.iter().all(|count| *count > 0));
    // The owners carry the pets: first the pets.
    let refused = mudanza.admin.delete(&format!("/importaciones/{}", id(&owners))).await.problem(409, "importacion-tocada");
    assert_eq!(refused["tocados"].as_array().map(Vec::len), Some(2));
    assert!(refused["tocados"][0]["motivo"].as_str().is_some_and(|why| why.contains("mascotas")), "{refused:#}");
    for importacion in [&pets, &owners] {
        mudanza.admin.delete(&format!("/importaciones/{}", id(importacion))).await.expect(202);
        mudanza.works().await;
        let after = mudanza.admin.get(&format!("/importaciones/{}", id(importacion))).await.ok();
        assert_eq!(after["estado"], "deshecha");
        // Owners whose pets went are found by their own names, until they go too.
        assert_eq!(mudanza.count("tutores_palabras").await > 0, after["tipo"] == "mascotas");
    }
    assert_eq!(counts(&mudanza).await, [0; 7]);
    // The two files have keys of their own, until they are forgotten.
    assert_eq!(mudanza.count("claves_personales").await, keys + 2);
    // And in again: nothing is remembered of it.
    assert_eq!(outcome(&mudanza.done(&id(&owners)).await), ("importada", [3, 0, 0, 0]));
}

#[tokio::test]
async fn one_touched_record_keeps_all_of_it() {
    let mudanza = Mudanza::start().await;
    mudanza.imported("tutores", CLIENTES).await;
    let pets = mudanza.imported("mascotas", PACIENTES).await;
    let before = counts(&mudanza).await;
    let luna: String = mudanza.huella.scalar("select id::text from mascotas where nombre = 'Luna'").await;
    mudanza.admin.post(&format!("/pacientes/{luna}/pesos"), json!({ "kg": 13.0 })).await.created();
    let path = format!("/importaciones/{}", id(&pets));
    let refused = mudanza.admin.delete(&path).await.problem(409, "importacion-tocada");
    assert_eq!(refused["tocados"][0]["registro_id"], luna, "{refused:#}");
    // Touched after it was asked and before it is done.
    mudanza.huella.execute("delete from pesos where kg = 13").await;
    mudanza.admin.delete(&path).await.expect(202);
    let servicio = mudanza.huella.id_of("andina", "servicios", "codigo", "CONS").await;
    let sede = mudanza.huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let cita = json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": servicio, "inicio": "2026-03-02T11:00:00-05:00" });
    mudanza.admin.post("/citas/reservar", cita).await.created();
    mudanza.works().await;
    let after = mudanza.admin.get(&path).await.ok();
    assert_eq!(after["estado"], "importada");
    assert!(after["error"].as_str().is_some_and(|why| why.contains("no se deshizo nada")), "{after:#}");
    assert_eq!(counts(&mudanza).await, before);
}
