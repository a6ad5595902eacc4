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

/// Makes or changes the chain, as role `huella_operador`; commit before applying the rest. The API cannot
/// change a chain, so the file always wins.
pub async fn registrar(db: &mut PgConnection, cadena: &CadenaSeccion, now: Timestamp, report: &mut Report) -> Result<TenantId, Problem> {
    let CadenaSeccion { clave, nombre, plataforma, sandbox } = cadena;
    let Some(before) = store::find(db, clave).await? else {
        let id = TenantId::new();
        store::insert(db, id, cadena, now).await?;
        report.line(Outcome::Creado, "cadena", clave, Vec::new());
        return Ok(id);
    };
    let pairs =
        [("nombre", before.nombre != *nombre), ("plataforma", before.plataforma != *plataforma), ("sandbox", before.sandbox != *sandbox)];
    let campos: Vec<String> = pairs.iter().filter(|(_, changed)| *changed).map(|(campo, _)| (*campo).to_owned()).collect();
    if !campos.is_empty() {
        store::change(db, before.id, cadena).await?;
        report.line(Outcome::Cambiado, "cadena", clave, campos);
    }
    Ok(before.id)
}
