//! Sessions: one per sign-in, kept alive by a refresh token that changes with every use.
pub(super) mod ingresar;
pub mod model;
mod renovar;
mod routes;
pub mod store;

pub use routes::router;

use kernel::{
    Change, Problem, Tx,
    ids::{SesionId, UsuarioId},
};
use model::Motivo;

/// Ends all sessions of a person, in the caller's transaction. After the commit call [`super::avisar`] to have
/// every instance know at once; within seconds they know anyway.
pub async fn revocar_todas(tx: &mut Tx, usuario: UsuarioId) -> Result<(), Problem> {
    revocar(tx, usuario, None, Motivo::Cuenta).await
}

/// The same, but for the session in which this is asked.
pub async fn revocar_otras(tx: &mut Tx, usuario: UsuarioId, menos: Option<SesionId>) -> Result<(), Problem> {
    revocar(tx, usuario, menos, Motivo::Cuenta).await
}

pub(super) async fn revocar(tx: &mut Tx, usuario: UsuarioId, menos: Option<SesionId>, motivo: Motivo) -> Result<(), Problem> {
    for sesion in store::revocar_de(tx, usuario, menos, motivo).await? {
        tx.audit(Change::new("revocar", "sesion", sesion).despues(motivo));
    }
    Ok(())
}
