//! `/plantillas-correo`, `/ajustes/correos`, `/mensajes` and the pages behind links over HTTP.
mod ajustes;
mod medicas;
mod mensajes;
mod plantillas;
mod respuestas;
mod solicitudes;

use kernel::App;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ajustes::ver, ajustes::cambiar))
        .routes(routes!(plantillas::listar))
        .routes(routes!(plantillas::ver, plantillas::cambiar, plantillas::restaurar))
        .routes(routes!(plantillas::previsualizar))
        .routes(routes!(mensajes::listar))
        .routes(routes!(medicas::alertas::de_mascota))
        .routes(routes!(medicas::alertas::estado))
        .routes(routes!(medicas::alertas::listar))
        .routes(routes!(medicas::alertas::descartar))
        .routes(routes!(medicas::alertas::reabrir))
        .routes(routes!(medicas::ensayos::listar, medicas::ensayos::ensayar))
        .routes(routes!(medicas::ensayos::ver))
        .routes(routes!(medicas::ensayos::cambios))
        .routes(routes!(respuestas::ver, respuestas::contestar))
        .routes(routes!(solicitudes::listar))
        .routes(routes!(solicitudes::atender))
}
