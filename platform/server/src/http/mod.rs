//! The HTTP face: routes of all domains behind one front, served by our own accept loop.
pub mod front;
mod openapi;
pub mod serve;
mod settings;

pub use openapi::document;
pub use serve::serve;
pub use settings::HttpSettings;

use axum::Router;
use kernel::App;
use std::sync::Arc;

/// The whole API, ready to be served.
pub fn router(app: &App, settings: &HttpSettings) -> Router {
    let (api, _document) = openapi::parts(settings);
    let front = Arc::new(front::Front::new(settings.clone()));
    api.fallback(front::not_found)
        .method_not_allowed_fallback(front::method_not_allowed)
        .with_state(app.clone())
        .layer(axum::middleware::from_fn_with_state(front, front::enter))
}
