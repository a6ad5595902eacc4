//! Every operation of the published document: 401 to nobody, 403 without its permission, and to another chain or sede
//! 404 or an answer with nothing of theirs. An operation without a case here fails the test.
mod basura;
mod casos;
mod faltas;
mod lecturas;
mod listas;
mod mundo;
mod repetir;
mod sedes;

pub use casos::CASOS;
pub use mundo::Mundo;

use casos::{DE_CADA_CADENA, DE_TODA_LA_CADENA, PIDEN_MAS, PUBLICAS, SEGUNDOS};
use faltas::Visto;
use huella_tests::{Cliente, Huella, Respuesta, andina, costera};
use mundo::{Operacion, operations};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An API key for the whole chain with these permissions.
async fn clave(admin: &Cliente, permisos: &[&str]) -> Value {
    let body = json!({ "nombre": "Prueba", "permisos": permisos, "expira_en": "2026-12-31T00:00:00Z" });
    admin.post("/claves-api", body).await.created()
}

/// What is wrong with an answer, by one of the judges.
fn judged(operation: &Operacion, answer: &Respuesta, sent: &str, judge: impl Fn(&Visto) -> Option<String>) -> Option<String> {
    let (name, text) = (operation.name(), String::from_utf8_lossy(&answer.bytes));
    judge(&Visto { nombre: &name, estado: answer.status.as_u16(), texto: &text, enviado: sent })
}

#[tokio::test]
async fn every_operation_has_its_case() {
    let document = Huella::start().await.nadie().get("/openapi.json").await.ok();
    let all = operations(&document);
    let with_parts: BTreeSet<&str> = all.iter().filter(|one| one.has_parts()).map(|one| one.template.as_str()).collect();
    assert_eq!(faltas::without_case(&with_parts, CASOS), BTreeSet::new());
    let names: BTreeSet<String> = all.iter().map(Operacion::name).collect();
    for list in [PUBLICAS, PIDEN_MAS, DE_CADA_CADENA, DE_TODA_LA_CADENA] {
        assert_eq!(faltas::gone(&names, list), [""; 0]);
    }
}

#[tokio::test]
async fn nobody_gets_in() {
    let mundo = Mundo::start().await;
    let nobody = mundo.huella.nadie();
    let (mut public, mut wrong) = (BTreeSet::new(), Vec::new());
    for operation in operations(&mundo.document) {
        if operation.permiso.is_none() {
            public.insert(operation.name());
            continue;
        }
        let answer = mundo.call(&nobody, &operation).await;
        wrong.extend(judged(&operation, &answer, "", |seen| seen.to_nobody()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(public, PUBLICAS.iter().map(|name| (*name).to_owned()).collect());
}

#[tokio::test]
async fn without_its_permission_an_operation_is_forbidden_and_with_it_alone_it_is_not() {
    let mundo = Mundo::start().await;
    let admin = mundo.huella.como(andina::ADMIN).await;
    let catalogue = admin.get("/permisos").await.ok();
    let catalogue: Vec<String> =
        catalogue.as_array().expect("a list").iter().filter_map(|p| p["clave"].as_str().map(str::to_owned)).collect();
    let mut keys = BTreeMap::new();
    for permiso in &catalogue {
        let others: Vec<&str> = catalogue.iter().filter(|other| *other != permiso).map(String::as_str).collect();
        let (without, alone) = (clave(&admin, &others).await, clave(&admin, &[permiso]).await);
        let client =
            |key: &Value| mundo.huella.nadie().with_token(key["secreto"].as_str().or(key["clave"].as_str()).expect("the key's text"));
        keys.insert(permiso.clone(), (client(&without), client(&alone)));
    }
    let (mut used, mut wrong) = (BTreeSet::new(), Vec::new());
    // What destroys comes last, so that everything before still finds its rows.
    let mut all = operations(&mundo.document);
    all.sort_by_key(|operation| operation.method == Method::DELETE);
    for operation in all {
        let Some(permiso) = operation.permiso.as_deref().filter(|permiso| *permiso != "propio") else { continue };
        let (without, alone) = keys.get(permiso).unwrap_or_else(|| panic!("{}: {permiso} is not in the catalogue", operation.name()));
        used.insert(permiso.to_owned());
        let answer = mundo.call(without, &operation).await;
        wrong.extend(judged(&operation, &answer, "", |seen| seen.without(permiso)));
        let answer = mundo.call(alone, &operation).await;
        wrong.extend(judged(&operation, &answer, "", |seen| seen.alone(permiso, PIDEN_MAS)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(faltas::unused(&catalogue, &used, SEGUNDOS), [""; 0], "permissions that nothing asks for");
}

#[tokio::test]
async fn another_chain_finds_nothing() {
    let mundo = Mundo::start().await;
    let mut other = mundo.huella.como(costera::ADMIN).await;
    let ours = every_id(&mundo.huella).await;
    assert!(ours.len() > 60, "{}", ours.len());
    let mut wrong = Vec::new();
    for operation in operations(&mundo.document) {
        if operation.permiso.is_none() {
            continue;
        }
        let answer = mundo.call(&other, &operation).await;
        if ["DELETE /portal/sesion", "DELETE /sesiones/actual"].contains(&operation.name().as_str()) {
            other = mundo.huella.como(costera::ADMIN).await;
        }
        let sent = mundo.body(&operation).map(|body| body.to_string()).unwrap_or_default();
        let names = operation.has_parts() && !DE_CADA_CADENA.contains(&operation.name().as_str());
        wrong.extend(judged(&operation, &answer, &sent, |seen| seen.to_another_chain(&ours, names)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let moved: i64 = mundo.huella.scalar("select count(*) from auditoria where tenant_id = (select id from tenants where clave = 'andina') and actor_id in (select id from usuarios where tenant_id <> (select id from tenants where clave = 'andina'))").await;
    assert_eq!(moved, 0, "another chain's people left no trace in ours");
}

/// Every id of the chain `andina`, in every table.
async fn every_id(huella: &Huella) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns c where table_schema = 'huella' and column_name = 'id' and data_type = 'uuid'
           and exists (select from information_schema.columns t where t.table_schema = 'huella' and t.table_name = c.table_name and t.column_name = 'tenant_id')
           and exists (select from information_schema.tables t where t.table_schema = 'huella' and t.table_name = c.table_name and t.table_type = 'BASE TABLE')",
    )
    .fetch_all(&huella.sql)
    .await
    .expect("the catalogue");
    let mut ids = BTreeSet::new();
    for table in tables {
        let query = format!("select id::text from {table} where tenant_id = (select id from tenants where clave = 'andina')");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&huella.sql).await.expect("ids");
        ids.extend(rows);
    }
    ids
}
