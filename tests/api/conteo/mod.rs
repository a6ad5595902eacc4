//! Tests that count, so that nothing can be forgotten: tables, views and functions (`esquema`), the rows that the
//! app's role sees (`filas`), what knows a person (`personas`), imports and what is linked (`casa`), what the source may say
//! where (`textos`), queries (`consultas`), what documents claim (`comparacion`); operations in `operaciones`, roles in
//! `organizacion`, the contract in `plataforma.rs`. Each finder is given something to find.
mod casa;
mod comparacion;
mod consultas;
mod esquema;
mod filas;
mod personas;
mod textos;

use huella_tests::Huella;
use std::collections::BTreeSet;

pub async fn names(huella: &Huella, query: &str) -> BTreeSet<String> {
    let rows: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_all(&huella.sql).await.expect("a catalogue query");
    rows.into_iter().collect()
}

pub fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

pub const TABLES: &str = "select c.relname::text from pg_class c where c.relnamespace = 'huella'::regnamespace and c.relkind in ('r', 'p')";
pub const HAS_TENANT: &str =
    "exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)";
pub const HAS_SEDE: &str = "exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'sede_id' and not a.attisdropped)";

/// Tables with a `sede_id` that the whole chain sees, and why.
pub const SEDE_SIN_POLITICA: &[&str] = &[
    "aperturas",            // reviewed by the chain
    "asignaciones",         // who works where; filtered by permission
    "auditoria",            // rows without a sede belong to the chain; its own policy
    "autoreserva_sesiones", // who proves an address has no sede yet; what it holds is read in its sede
    "calendarios",          // of a sede, of a vet or of both; their maker and those who set up the sede see them
    "citas_avisadas",       // what an owner was last told; read by background work alone
    "eventos",              // rows without a sede belong to the chain; its own policy
    "hechos_clinicos",      // part of the pet's record, which the chain shares
    "outbox",               // written by requests, read by the relay alone
    "pesos",                // part of the pet's record, which the chain shares
];
