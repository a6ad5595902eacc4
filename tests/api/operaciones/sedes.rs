//! Every operation for somebody who holds every permission in one sede, and has no business in the other one.
use super::{
    CASOS, Mundo,
    casos::{DE_TODA_LA_CADENA, DE_UNA_SEDE},
    judged,
    mundo::operations,
};
use crate::conteo::{HAS_SEDE, SEDE_SIN_POLITICA, TABLES, names, set};
use huella_tests::{Huella, andina};
use serde_json::json;
use std::collections::BTreeSet;

/// Tables of a sede with rows of Lima in this world: what is looked for is there to be found.
const LLENAS: &[&str] = &[
    "ambientes",
    "areas",
    "asignaciones",
    "bloqueos",
    "citas",
    "citas_solicitudes",
    "equipos",
    "excepciones",
    "mensajes",
    "reclamos",
    "turnos",
    "turnos_asignados",
    "visitas",
];

/// Ids of all rows that belong to Lima and not to the whole chain, and the tables that have some. Who works where is known to
/// the chain, who was given which role there is not.
async fn of_lima(huella: &Huella) -> (BTreeSet<String>, BTreeSet<String>) {
    const HAS_ID: &str =
        "exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'uuid'::regtype)";
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let chain = &set(SEDE_SIN_POLITICA) - &set(&["asignaciones"]);
    let (mut ids, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for table in &names(huella, &format!("{TABLES} and {HAS_SEDE} and {HAS_ID}")).await - &chain {
        let rows = names(huella, &format!("select id::text from {table} where sede_id = '{lima}'")).await;
        if !rows.is_empty() {
            tables.insert(table);
        }
        ids.extend(rows);
    }
    (ids, tables)
}

#[tokio::test]
async fn another_sede_of_the_chain_finds_nothing() {
    let mundo = Mundo::start().await;
    let huella = &mundo.huella;
    let admin = huella.como(andina::ADMIN).await;
    let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let catalogue = admin.get("/permisos").await.ok();
    let permisos: Vec<&str> =
        catalogue.as_array().expect("a list").iter().filter(|p| p["alcance"] == "sede").filter_map(|p| p["clave"].as_str()).collect();
    assert!(permisos.len() > 10, "{catalogue}");
    let body = json!({ "nombre": "Cusco", "permisos": permisos, "sedes": [cusco], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let cusco = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let (theirs, tables) = of_lima(huella).await;
    assert!(set(LLENAS).is_subset(&tables), "rows in {tables:?}");
    let (mut asked, mut wrong) = (0, Vec::new());
    for operation in operations(&mundo.document) {
        if !operation.permiso.as_deref().is_some_and(|permiso| permisos.contains(&permiso)) {
            continue;
        }
        let answer = mundo.call(&cusco, &operation).await;
        let sent = mundo.body(&operation).map(|body| body.to_string()).unwrap_or_default() + mundo.path(&operation).as_str();
        if DE_TODA_LA_CADENA.contains(&operation.name().as_str()) {
            assert!(!answer.status.is_server_error(), "{}", operation.name());
            continue;
        }
        let (_, parts) = CASOS.iter().find(|(template, _)| *template == operation.template).unwrap_or(&("", &[]));
        let names = parts.iter().any(|(_, what)| DE_UNA_SEDE.contains(what));
        asked += usize::from(names);
        wrong.extend(judged(&operation, &answer, &sent, |seen| seen.to_another_sede(&theirs, names, &mundo.ids["sede"])));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked > 15, "{asked}");
}
