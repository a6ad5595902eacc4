//! `/citas`, `/disponibilidad` and the hours of sedes and vets over HTTP.
mod calendario;
mod citas;
mod disponibilidad;
mod listas;
mod plan;

use kernel::App;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(citas::reservar))
        .routes(routes!(citas::ver, citas::cambiar, citas::anular))
        .routes(routes!(citas::cambiar_estado))
        .routes(routes!(listas::listar))
        .routes(routes!(disponibilidad::buscar))
        .routes(routes!(plan::ver_horarios, plan::cambiar_horarios))
        .routes(routes!(plan::ver_planes))
        .routes(routes!(plan::ver_plan, plan::cambiar_plan))
        .routes(routes!(plan::ver_excepciones, plan::crear_excepcion))
        .routes(routes!(plan::quitar_excepcion))
        .routes(routes!(plan::ver_feriados))
        .routes(routes!(calendario::listar, calendario::crear))
        .routes(routes!(calendario::revocar))
        .routes(routes!(calendario::leer))
}
