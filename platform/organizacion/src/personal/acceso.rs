//! The chain's policy compiled to bit sets, one chain-wide and one per sede. Checked against casbin by a
//! property test in [`super::politica`].
use super::store;
use kernel::{
    Access, Problem, Tx,
    ids::{SedeId, UsuarioId},
    permission::{CATALOGUE, PermissionSet, Scope, index_of},
};
use std::collections::BTreeMap;

/// What a person may do; nothing once deactivated.
pub async fn load(tx: &mut Tx, usuario: UsuarioId) -> Result<Access, Problem> {
    Ok(compile(store::asignaciones::granted(tx, usuario, true).await?))
}

/// What a person could do if active: what counts to decide who may administer them.
pub async fn load_dormant(tx: &mut Tx, usuario: UsuarioId) -> Result<Access, Problem> {
    Ok(compile(store::asignaciones::granted(tx, usuario, false).await?))
}

/// From (sede or whole chain, permission) to sets. A permission for the whole chain only counts when assigned
/// for the whole chain; one that the catalogue no longer has counts nowhere.
pub fn compile(granted: impl IntoIterator<Item = (Option<SedeId>, String)>) -> Access {
    let mut cadena = PermissionSet::default();
    let mut sedes: BTreeMap<SedeId, PermissionSet> = BTreeMap::new();
    for (sede, permiso) in granted {
        let Some(index) = index_of(&permiso) else { continue };
        match sede {
            None => cadena.insert(index),
            Some(sede) if CATALOGUE[index].alcance == Scope::Sede => sedes.entry(sede).or_default().insert(index),
            Some(_) => {}
        }
    }
    Access { cadena, sedes: sedes.into_iter().collect() }
}
