//! A run that went wrong, taken home: there it goes wrong in the same way, until what is wrong is mended.
use crate::{
    huespedes::{DESPIERTA, regla},
    mundo::{Mundo, Pieza},
};
use huella_tests::{Casa, id, replay};
use serde_json::json;

#[tokio::test]
async fn a_trap_traps_again_at_home_and_a_limit_is_met_again() {
    let mundo = Mundo::start().await;
    let casa = Casa::new();
    for (name, evil, outcome) in [("trampa", "unreachable", "\"trap\""), ("bucle", "(loop $l (br $l)) unreachable", "\"limit\"")] {
        let pieza = Pieza::durmiente("alerts", &format!("repetida-{name}"), &regla("", "", evil), json!({}));
        mundo.awake(&pieza).await;
        mundo.mascota(&mundo.andina, "Luna").await;
        mundo.work().await;
        let runs = mundo.runs(&mundo.andina, &pieza.id).await;
        let failed = runs.iter().find(|run| run["operacion"] == "evaluate").unwrap_or_else(|| panic!("it did not run: {runs:#?}"));
        let file = mundo.andina.get(&format!("/complementos/corridas/{}/repeticion", id(failed))).await;
        let (component, run) = (casa.put("regla.wasm", &pieza.bytes), casa.put("corrida.json", &file.bytes));
        let (same, said) = replay(&component, &run, &casa.put("config.json", DESPIERTA.as_bytes()));
        assert!(same && said.ends_with("igual que entonces\n") && !said.contains("aviso:"), "{name}: {said}");
        // With what does not wake it, it does what it should.
        let (same, said) = replay(&component, &run, &casa.put("otra.json", b"{}"));
        assert!(!same && said.contains(&format!("/resultado: era {outcome}")) && said.contains("y ahora es \"ok\""), "{name}: {said}");
        assert!(said.contains("aviso: la cadena tenía otra configuración"), "{name}: {said}");
    }
    mundo.vecino_responde().await;
}
