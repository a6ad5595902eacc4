//! The clinical record over HTTP.
mod clinicos;
mod hechos;
mod historial;
mod vacunas;

use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new()
        .routes(routes!(historial::historial))
        .routes(routes!(hechos::de_mascota))
        .routes(routes!(hechos::esquema))
        .routes(routes!(clinicos::vacunar))
        .routes(routes!(clinicos::desparasitar))
        .routes(routes!(clinicos::anotar_problema))
        .routes(routes!(clinicos::anotar_alergia))
        .routes(routes!(clinicos::anotar_tratamiento))
        .routes(routes!(clinicos::ver, clinicos::anular))
        .routes(routes!(clinicos::terminar))
        .routes(routes!(vacunas::antigenos, vacunas::crear_antigeno))
        .routes(routes!(vacunas::cambiar_antigeno))
        .routes(routes!(vacunas::listar, vacunas::crear))
        .routes(routes!(vacunas::cambiar))
}
