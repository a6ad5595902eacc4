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

use crate::exportar::Exportar;
use crate::limites::Limites;
use axum::{Extension, Router, middleware};
use kernel::SystemCtx;
use portal::{Dist, Portal};
use std::sync::Arc;

/// The whole API, ready to be served.
///
/// `url`: where people reach it; what stands before its host names a chain.
pub fn router(system: &SystemCtx, settings: &HttpSettings, url: &str) -> Router {
    metrics::install();
    let app = system.app();
    let (api, document) = openapi::parts(settings);
    let limites = Limites::new(app, settings.limites);
    app.set_limits(Arc::new(limites.clone()));
    let exportar = Exportar::new(app, &document);
    let front = Arc::new(front::Front::new(settings.clone(), limites, exportar));
    let portal = Portal::new(url, settings.portal.clone().map_or(Dist::Propio, Dist::Carpeta));
    api.merge(openapi::docs(&document))
        .merge(citas::public_router())
        .merge(reclamos::public_router())
        .merge(health::guarded_figures(settings))
        .fallback(move |request| front::unrouted(portal.clone(), request))
        .method_not_allowed_fallback(front::method_not_allowed)
        .with_state(app.clone())
        .layer(Extension(health::Puerta(system.clone())))
        .layer(middleware::from_fn_with_state(front, front::enter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use axum::{body::Body, http::Request, routing::get};
    use std::{collections::HashMap, time::Instant};
    use tower::ServiceExt;

    const ROUNDS: u32 = 20_000;

    async fn per_request(router: &Router, path: &str) -> f64 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            let request = Request::get(path).header("user-agent", "costo").body(Body::empty()).expect("a request");
            assert!(router.clone().oneshot(request).await.expect("infallible").status().is_success());
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    }

    /// What the front costs per request; for people who change it: `cargo test -p server --release -- --ignored --nocapture`.
    #[tokio::test]
    #[ignore = "a measurement"]
    async fn cost_of_the_front() {
        let claves = std::env::temp_dir().join(format!("huella-costo-{}", uuid::Uuid::now_v7()));
        let vars = [
            ("DATABASE_URL", "postgres://nadie@127.0.0.1:1/nada"),
            ("HUELLA_CLAVES", claves.to_str().expect("plain")),
            ("HUELLA_LOG_FORMATO", "json"),
        ];
        let env: HashMap<String, String> = vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let config = Config::parse("", &env).expect("valid");
        let system = crate::assemble(&config).expect("assembled").system();
        let bare: Router = Router::new().route("/problemas", get(|| async { axum::Json([1]) }));
        let bare = per_request(&bare, "/problemas").await;
        let quiet = per_request(&router(&system, &config.http, "http://localhost"), "/healthz").await;
        let _log = crate::logs::install(&config.registro);
        let logged = per_request(&router(&system, &config.http, "http://localhost"), "/problemas/interno").await;
        eprintln!("bare {bare:.1} µs, front without a log line {quiet:.1} µs, with one {logged:.1} µs");
        std::fs::remove_dir_all(claves).expect("removed");
    }
}
