//! How a chain keeps its owners and pets: one row, or none where nobody changed anything.
use crate::model::{Ajustes, CambioAjustes};
use kernel::{Problem, Tx};

pub async fn get(tx: &mut Tx) -> Result<Ajustes, Problem> {
    let row = sqlx::query_as!(Ajustes, "select fusion_dias, version from pacientes_ajustes").fetch_optional(&mut **tx).await?;
    Ok(row.unwrap_or_default())
}

/// Whether each sede sees its own patients only.
pub async fn cada_sede_los_suyos(tx: &mut Tx) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from pacientes_ajustes where visibilidad = 'sede') as "own!""#)
        .fetch_one(&mut **tx)
        .await?)
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'pacientes_ajustes', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn put(tx: &mut Tx, cambio: &CambioAjustes) -> Result<(), Problem> {
    sqlx::query!(
        "insert into pacientes_ajustes as x (fusion_dias, version) values ($1, 2)
         on conflict (tenant_id) do update set fusion_dias = $1, version = x.version + 1",
        cambio.fusion_dias
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
