//! Owners and pets over HTTP.
mod busqueda;
mod especies;
mod fotos;
mod identificadores;
mod mascotas;
mod pesos;
mod registro;
mod tutores;
mod vinculos;

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new()
        .routes(routes!(registro::registrar))
        .routes(routes!(busqueda::buscar))
        .routes(routes!(busqueda::ubigeos))
        .routes(routes!(mascotas::ver, mascotas::cambiar))
        .routes(routes!(fotos::ver, fotos::poner))
        .routes(routes!(identificadores::agregar))
        .routes(routes!(identificadores::retirar))
        .routes(routes!(pesos::listar, pesos::anotar))
        .routes(routes!(vinculos::listar, vinculos::agregar))
        .routes(routes!(vinculos::terminar))
        .routes(routes!(vinculos::transferir))
        .routes(routes!(tutores::crear))
        .routes(routes!(tutores::ver, tutores::cambiar))
        .routes(routes!(tutores::mascotas))
        .routes(routes!(especies::listar, especies::crear))
        .routes(routes!(especies::cambiar))
        .routes(routes!(especies::razas, especies::crear_raza))
        .routes(routes!(especies::cambiar_raza))
}

/// Página de una lista.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pagina {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}
