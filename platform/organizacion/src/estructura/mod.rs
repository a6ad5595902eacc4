//! Legal entities, sedes, and what a sede is made of: areas, rooms, equipment.
pub mod model;
pub mod routes;
pub mod store;

use crate::problemas::SOLO_PLATAFORMA;
use kernel::{Problem, Tx};

/// 403 unless this is the chain of those who run the platform.
pub async fn exigir_plataforma(tx: &mut Tx) -> Result<(), Problem> {
    if store::cadena::propia(tx).await?.plataforma { Ok(()) } else { Err(Problem::new(SOLO_PLATAFORMA)) }
}
