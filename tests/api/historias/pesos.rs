//! Weights that are odd, that were wrong, and the curve they draw.
use super::{luna, mascota, pages};
use huella_tests::{Huella, andina::RECEPCION_LIMA, id};
use serde_json::{Value, json};

#[tokio::test]
async fn a_weight_that_is_odd_is_asked_about_once() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let path = format!("/pacientes/{}/pesos", luna(&recepcion).await);
    let asked = recepcion.post(&path, json!({ "kg": 42 })).await.problem(409, "peso-por-confirmar");
    assert!(asked["motivos"][0].as_str().is_some_and(|why| why.contains("4.2 kg") && why.contains("+900 %")), "{asked:#}");
    let taken = recepcion.post(&path, json!({ "kg": 42, "confirmar": true, "condicion": 9 })).await.created();
    assert_eq!((taken["kg"].as_f64(), taken["condicion"].as_i64()), (Some(42.0), Some(9)));
    // Compared with the one before it, not with the last one.
    let earlier = json!({ "kg": 4.0, "pesado_en": "2026-03-02T12:59:00Z" });
    recepcion.post(&path, earlier).await.created();
    assert_eq!(recepcion.post(&path, json!({ "kg": 42, "condicion": 10 })).await.wrong_fields(), ["/condicion"]);
    let heavy = mascota(&recepcion, json!({ "nombre": "Michi", "especie": "gato", "sexo": "macho" })).await;
    let asked = recepcion.post(&format!("/pacientes/{heavy}/pesos"), json!({ "kg": 40 })).await.problem(409, "peso-por-confirmar");
    assert!(asked["motivos"][0].as_str().is_some_and(|why| why.contains("entre 0.05 y 14 kg")), "{asked:#}");
    let looked_twice: i64 = huella.scalar("select count(*) from pesos where confirmado").await;
    assert_eq!(looked_twice, 1);
}

#[tokio::test]
async fn a_weight_that_was_wrong_counts_no_more_and_is_seen_all_the_same() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let luna = luna(&recepcion).await;
    let path = format!("/pacientes/{luna}/pesos");
    let wrong = id(&recepcion.post(&path, json!({ "kg": 42, "confirmar": true })).await.created());
    let max = mascota(&recepcion, json!({ "nombre": "Max", "especie": "perro", "sexo": "macho" })).await;
    recepcion.delete(&format!("/pacientes/{max}/pesos/{wrong}?motivo=x")).await.problem(404, "no-encontrado");
    assert_eq!(recepcion.delete(&format!("{path}/{wrong}?motivo=")).await.wrong_fields(), ["?motivo"]);
    recepcion.delete(&format!("{path}/{wrong}?motivo=Se%20corri%C3%B3%20la%20coma")).await.expect(204);
    recepcion.delete(&format!("{path}/{wrong}?motivo=Otra%20vez")).await.problem(409, "peso-anulado");
    assert_eq!(recepcion.get(&path).await.ok()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(recepcion.get(&format!("/pacientes/{luna}")).await.ok()["ultimo_peso"]["kg"], 4.2);
    assert_eq!(recepcion.get(&format!("/pacientes/{luna}/hechos")).await.ok()["pesos"].as_array().map(Vec::len), Some(1));
    let all = pages(&recepcion, &luna, 50).await;
    let seen = all.iter().find(|entry| entry["id"] == json!(wrong)).expect("in the timeline");
    assert_eq!(seen["detalle"]["anulado_motivo"], "Se corrió la coma");
    // It is compared with the last one that counts.
    recepcion.post(&path, json!({ "kg": 4.3 })).await.created();
}

#[tokio::test]
async fn weights_draw_a_curve() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let luna = mascota(&recepcion, json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "nacimiento": "2025-12-01" })).await;
    for (kg, day) in [(2.0, "2026-01-10"), (4.0, "2026-02-10"), (5.0, "2026-02-24")] {
        recepcion
            .post(&format!("/pacientes/{luna}/pesos"), json!({ "kg": kg, "pesado_en": format!("{day}T15:00:00Z"), "condicion": 5 }))
            .await
            .created();
    }
    let curve = recepcion.get(&format!("/pacientes/{luna}/pesos/curva")).await.ok();
    let points: Vec<(Option<f64>, Option<i64>, Option<f64>)> = curve["puntos"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|point: &Value| (point["kg"].as_f64(), point["edad_dias"].as_i64(), point["cambio_pct"].as_f64()))
        .collect();
    assert_eq!(points, [(Some(2.0), Some(40), None), (Some(4.0), Some(71), Some(100.0)), (Some(5.0), Some(85), Some(25.0))]);
    assert_eq!((curve["especie"].as_str(), curve["tendencia"].as_str()), (Some("perro"), Some("sube")));
}
