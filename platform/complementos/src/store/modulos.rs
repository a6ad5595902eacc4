//! Modules that a chain does without: one row, or none where nobody changed anything.
use kernel::{Problem, Tx};
use std::collections::BTreeSet;

pub async fn get(tx: &mut Tx) -> Result<(BTreeSet<String>, i32), Problem> {
    let row = sqlx::query!("select apagados, version from modulos_ajustes").fetch_optional(&mut **tx).await?;
    Ok(row.map_or_else(|| (BTreeSet::new(), 1), |row| (row.apagados.into_iter().collect(), row.version)))
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'modulos_ajustes', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn put(tx: &mut Tx, apagados: &BTreeSet<String>) -> Result<(), Problem> {
    let apagados: Vec<String> = apagados.iter().cloned().collect();
    sqlx::query!(
        "insert into modulos_ajustes as x (apagados, version) values ($1, 2)
         on conflict (tenant_id) do update set apagados = excluded.apagados, version = x.version + 1",
        &apagados
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
