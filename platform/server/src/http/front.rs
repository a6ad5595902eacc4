//! The outermost layer: where a request comes from, how long it may take, and what is said about it afterwards.
use super::HttpSettings;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use kernel::{
    Origin, Problem,
    problem::{TRACE, kinds},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// The other end of the connection; set by [`super::serve`].
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

pub struct Front {
    #[expect(dead_code, reason = "grows in the next step")]
    settings: HttpSettings,
}

impl Front {
    pub fn new(settings: HttpSettings) -> Self {
        Self { settings }
    }
}

pub async fn not_found() -> Problem {
    Problem::not_found()
}

pub async fn method_not_allowed() -> Problem {
    Problem::new(kinds::METHOD)
}

pub async fn enter(State(_front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let trace: Arc<str> = uuid::Uuid::new_v4().simple().to_string().into();
    let ip = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    request.extensions_mut().insert(Origin { ip, agent: "".into(), trace: trace.clone() });
    TRACE.scope(trace, next.run(request)).await
}
