//! The published contract.
use super::HttpSettings;
use axum::Router;
use kernel::App;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;

/// The routes of every domain.
fn dominios() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

pub(super) fn parts(_settings: &HttpSettings) -> (Router<App>, OpenApi) {
    let base = OpenApiBuilder::new().info(InfoBuilder::new().title("Huella").version(env!("CARGO_PKG_VERSION")).build()).build();
    OpenApiRouter::with_openapi(base).nest("/api/v1", dominios()).split_for_parts()
}

/// The document, without a database.
pub fn document() -> OpenApi {
    parts(&HttpSettings::default()).1
}
