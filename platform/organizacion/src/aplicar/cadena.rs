//! The chain itself, which the platform's operator alone may write.
use super::CadenaSeccion;
use crate::estructura::store::cadena as store;
use jiff::Timestamp;
use kernel::{
    Problem,
    apply::{Outcome, Report},
    ids::TenantId,
};
use sqlx::PgConnection;

/// Makes or renames the chain, as role `huella_operador`; commit before applying the rest. The API cannot
/// change a chain, so the file always wins.
pub async fn registrar(db: &mut PgConnection, cadena: &CadenaSeccion, now: Timestamp, report: &mut Report) -> Result<TenantId, Problem> {
    let CadenaSeccion { clave, nombre } = cadena;
    match store::find(db, clave).await? {
        None => {
            let id = TenantId::new();
            store::insert(db, id, clave, nombre, now).await?;
            report.line(Outcome::Creado, "cadena", clave, Vec::new());
            Ok(id)
        }
        Some((id, before)) => {
            if before != *nombre {
                store::rename(db, id, nombre).await?;
                report.line(Outcome::Cambiado, "cadena", clave, vec!["nombre".to_owned()]);
            }
            Ok(id)
        }
    }
}
