//! `/plantillas-correo`, `/plantillas-mensaje`, `/ajustes/correos`, `/ajustes/recordatorios`, `/recordatorios`, `/mensajes` and the pages behind links over HTTP.
mod ajustes;
mod canales;
mod cortas;
mod entrantes;
mod escalera;
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
        .routes(routes!(mensajes::reenviar))
        .routes(routes!(mensajes::atender))
        .routes(routes!(entrantes::listar))
        .routes(routes!(entrantes::atender))
        .routes(routes!(cortas::listar))
        .routes(routes!(cortas::ver, cortas::cambiar, cortas::restaurar))
        .routes(routes!(canales::ver, canales::cambiar))
        .routes(routes!(escalera::ver, escalera::cambiar))
        .routes(routes!(escalera::previstos))
        .routes(routes!(escalera::conversion))
        .routes(routes!(respuestas::ver, respuestas::contestar))
        .routes(routes!(solicitudes::listar))
        .routes(routes!(solicitudes::atender))
}
