//! The privacy desk over HTTP.
pub mod conservacion;
mod incidentes;
pub mod solicitudes;

use axum::Extension;
use kernel::ports::AgendaDeMascotas;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// `agenda`: who keeps the appointments of pets.
pub fn router(agenda: Arc<dyn AgendaDeMascotas>) -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new()
        .routes(routes!(solicitudes::responder))
        .layer(Extension(agenda))
        .routes(routes!(solicitudes::listar, solicitudes::anotar))
        .routes(routes!(solicitudes::ver))
        .routes(routes!(solicitudes::observar))
        .routes(routes!(solicitudes::subsanar))
        .routes(routes!(solicitudes::ampliar))
        .routes(routes!(solicitudes::expediente))
        .routes(routes!(incidentes::listar, incidentes::anotar))
        .routes(routes!(incidentes::ver, incidentes::cambiar))
        .routes(routes!(incidentes::notificar))
        .routes(routes!(incidentes::cerrar))
        .routes(routes!(conservacion::listar))
        .routes(routes!(conservacion::cambiar))
        .routes(routes!(conservacion::ensayar))
}
