//! Requests about the structure, one file per resource.
mod ambientes;
mod areas;
mod cadenas;
mod entidades;
mod equipos;
mod sedes;

use super::{model::Sede, store};
use kernel::{App, Problem, Tx, ids::SedeId};
use utoipa_axum::router::OpenApiRouter;

pub fn router() -> OpenApiRouter<App> {
    cadenas::router()
        .merge(entidades::router())
        .merge(sedes::router())
        .merge(areas::router())
        .merge(ambientes::router())
        .merge(equipos::router())
}

async fn sede(tx: &mut Tx, id: SedeId) -> Result<Sede, Problem> {
    store::sedes::get(tx, id).await?.ok_or_else(Problem::not_found)
}
