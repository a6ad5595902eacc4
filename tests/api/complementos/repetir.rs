//! A run of a chain, taken home and repeated there.
use super::{
    en_vuelo::otra_version,
    reales::{Mundo, VACUNAS, archivo, componente},
};
use huella_tests::{Casa, id, replay};
use serde_json::{Value, json};

#[tokio::test]
async fn a_run_that_was_downloaded_gives_the_same_at_home_and_changed_code_shows_where_it_does_not() {
    let mundo = Mundo::start(&[]).await;
    mundo.published("vacunas").await;
    mundo.installed(VACUNAS).await;
    let config = json!({ "sin": ["leptospira"] });
    mundo.andina.put(&format!("/complementos/{VACUNAS}/configuracion"), json!({ "config": config })).await.ok();
    mundo.switched_on(VACUNAS).await;
    let (_, luna) = mundo.familia("+51987654321").await;
    mundo.work().await;
    assert!(!mundo.alerts(&luna).await.is_empty());
    let runs = mundo.runs(&format!("complemento={VACUNAS}&operacion=evaluate")).await;
    let path = format!("/complementos/corridas/{}/repeticion", id(&runs[0]));
    let file = mundo.andina.get(&path).await;
    let document: Value = serde_json::from_slice(&file.bytes).expect("JSON");
    assert!(document["respuesta"].as_array().is_some_and(|said| !said.is_empty()), "it said nothing: {document:#}");

    let casa = Casa::new();
    let (run, config) = (casa.put("corrida.json", &file.bytes), casa.put("config.json", config.to_string().as_bytes()));
    let (same, said) = replay(&archivo("vacunas"), &run, &config);
    assert!(same && said.ends_with("igual que entonces\n") && !said.contains("aviso:"), "{said}");

    let other = otra_version(&componente("vacunas"), "0.1.1", ("rabiaRabiaperro", "rabiaRubiaperro"));
    let (same, said) = replay(&casa.put("otra.wasm", &other), &run, &config);
    assert!(!same && said.ends_with("distinto que entonces\n"), "{said}");
    assert!(said.contains("aviso: la corrida fue de otro código"), "{said}");
    assert!(said.lines().any(|line| line.starts_with("/respuesta/") && line.contains("era \"") && line.contains("Rubia")), "{said}");

    // Another configuration is another outcome as well.
    let (same, said) = replay(&archivo("vacunas"), &run, &casa.put("otra.json", br#"{"sin":["rabia"]}"#));
    assert!(!same && said.contains("y ahora es"), "{said}");
}
