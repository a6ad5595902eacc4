//! What an examination tells of a plugin that does no harm and is no good.
use crate::{
    codigo::{NO_ALERTS, check},
    mundo::{compiler, packaged},
};
use plugin_host::{Profile, Smoke, smoke};
use serde_json::{Value, json};

async fn examined(schema: Option<Value>) -> Smoke {
    let hook = "#handle-webhook\") (param i32) (result i32) unreachable)";
    let module = check("", "(call $ok)");
    assert!(module.contains(hook));
    // It hears a provider's words in peace, and dies where it should send.
    let module = module.replacen(hook, &format!("#handle-webhook\") (param i32) (result i32) {NO_ALERTS})"), 1);
    let more = if schema.is_some() { json!({ "config": { "schema": "config.schema.json" } }) } else { json!({}) };
    let packaged = packaged("notification", &module, more, schema);
    let code = compiler().compile(&packaged, Profile::Io).await.expect("compiled");
    smoke(&packaged, &code).await.expect("examined")
}

#[tokio::test]
async fn cases_that_fail_are_told_to_whoever_reviews_and_enough_of_them_are_enough() {
    let Smoke { faults, notes } = examined(None).await;
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(notes[0], "0 de 5 casos bien; no se probó más");
    assert!(notes.len() == 6 && notes[1].starts_with("falló «no responde»: dio trap"), "{notes:?}");
}

#[tokio::test]
async fn what_a_schema_does_not_say_is_not_made_up() {
    let with = |property: Value| Some(json!({ "type": "object", "required": ["numero"], "properties": { "numero": property } }));
    let untold = examined(with(json!({ "type": "string", "pattern": "^[0-9]{9}$" }))).await.notes;
    assert!(untold.len() == 1 && untold[0].starts_with("no se probó") && untold[0].contains("examples"), "{untold:?}");
    let told = examined(with(json!({ "type": "string", "pattern": "^[0-9]{9}$", "examples": ["987654321"] }))).await.notes;
    assert_eq!(told[0], "0 de 5 casos bien; no se probó más");
}
