//! The HTTP face: routes of all domains behind one front, served by our own accept loop.
mod front;
mod health;
pub mod metrics;
mod openapi;
mod problems;
mod serve;
mod settings;
mod tls;
pub mod trace;

pub use front::Peer;
pub use health::figures;
pub use openapi::document;
pub use problems::all as problem_kinds;
pub use serve::{ServeSettings, Server, serve};
pub use settings::HttpSettings;
pub use tls::{Tls, TlsError, install_provider};

use axum::{Router, middleware};
use kernel::App;
use std::sync::Arc;

/// The whole API, ready to be served.
pub fn router(app: &App, settings: &HttpSettings) -> Router {
    metrics::install();
    let (api, document) = openapi::parts(settings);
    let front = Arc::new(front::Front::new(settings.clone()));
    api.merge(openapi::docs(&document))
        .merge(health::guarded_figures(settings))
        .fallback(front::not_found)
        .method_not_allowed_fallback(front::method_not_allowed)
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(front, front::enter))
}
