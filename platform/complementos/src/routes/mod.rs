//! Routes of plugins, below `/complementos`, and the public address at which providers write.
mod catalogo;
mod configurar;
mod corridas;
mod editores;
mod fallas;
mod ganchos;
mod habilitar;
mod instalar;
mod modulos;
mod revision;
mod versiones;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;

/// Paths relative to `/api/v1`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(versiones::router())
        .merge(revision::router())
        .merge(editores::router())
        .merge(fallas::router())
        .merge(corridas::router())
        .merge(modulos::router())
        .merge(catalogo::router())
        .merge(instalar::router())
        .merge(configurar::router())
        .merge(habilitar::router())
        .merge(ganchos::router())
}

/// Paths relative to the root.
pub fn public_router() -> OpenApiRouter<App> {
    ganchos::public_router()
}
