//! The way out of a chain whose only administrator lost phone and recovery codes: the platform's operator, who has
//! made sure of the person by other means.
use super::quitar;
use crate::identidad::{avisar, cuenta::store as cuentas};
use kernel::{Problem, SystemCtx, ids::TenantId};
use uuid::Uuid;

/// Audited in the platform's name; the person is told by mail.
pub async fn retirar_por_operador(system: &SystemCtx, cadena: &str, correo: &str) -> Result<(), Problem> {
    let nobody = || Problem::not_found().detail("No hay una cadena activa con esa clave, o nadie en ella con ese correo.");
    let mut tx = system.begin(TenantId(Uuid::nil())).await?;
    let tenant = cuentas::cadena_por_clave(&mut tx, cadena).await?.ok_or_else(nobody)?;
    drop(tx);
    let mut tx = system.begin(tenant).await?;
    let indice = cuentas::correo_indice(&tx, correo);
    let found = cuentas::por_correo(&mut tx, &indice).await?.ok_or_else(nobody)?;
    let credencial = cuentas::lock(&mut tx, found.id).await?.ok_or_else(nobody)?;
    quitar(&mut tx, &credencial).await?;
    tx.commit().await?;
    avisar(system.app(), tenant).await;
    Ok(())
}
