//! The outermost layer: where a request comes from, how long and how big it may be, and what is said about it
//! afterwards. One layer and not eight: each would cost an allocation per request.
use super::{HttpSettings, trace::Trace};
use crate::exportar::Exportar;
use crate::limites::Limites;
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body as _;
use kernel::{
    Origin, Problem,
    access::Trail,
    ports::Quota,
    problem::{TRACE, kinds},
};
use portal::{Portal, Servido};
use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// The other end of the connection; set by [`super::serve`].
#[derive(Debug, Clone)]
pub struct Peer {
    pub addr: SocketAddr,
    pub tls: bool,
    /// The server is on its way out: answers ask the client to come back on another connection.
    pub closing: Arc<CancellationToken>,
}

pub struct Front {
    settings: HttpSettings,
    limites: Limites,
    exportar: Exportar,
}

impl Front {
    pub fn new(settings: HttpSettings, limites: Limites, exportar: Exportar) -> Self {
        Self { settings, limites, exportar }
    }
}

/// What no route took: the portal's, or nobody's.
pub async fn unrouted(portal: Portal, request: Request) -> Response {
    let not_found = || Problem::not_found().detail("No existe esa dirección.").into_response();
    portal.answer(request.method(), request.uri(), request.headers()).unwrap_or_else(not_found)
}

pub async fn method_not_allowed() -> Problem {
    Problem::new(kinds::METHOD)
}

/// What is known of a request before it is answered.
struct Seen {
    started: Instant,
    method: Method,
    version: Version,
    route: Option<MatchedPath>,
    peer: Option<Peer>,
    trace: Trace,
    trail: Arc<Trail>,
}

pub async fn enter(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let seen = Seen {
        started: Instant::now(),
        method: request.method().clone(),
        version: request.version(),
        route: request.extensions().get::<MatchedPath>().cloned(),
        peer: request.extensions().get::<Peer>().cloned(),
        trace: Trace::of(request.headers()),
        trail: Arc::default(),
    };
    let origin = Origin {
        ip: client_ip(seen.peer.as_ref(), request.headers(), &front.settings.proxies),
        agent: agent(request.headers()),
        trace: seen.trace.id.clone(),
    };
    let measured = if is_probe(seen.route.as_ref()) { Ok(None) } else { front.limites.address(origin.ip) };
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(seen.trail.clone());
    let answer = async {
        if let Err(quota) = measured {
            discard(request.into_body()).await;
            return Problem::from(quota).into_response();
        }
        match bounded(request, seen.route.as_ref(), &front.settings) {
            Ok(request) => answer(request, next, &front, seen.route.as_ref()).await,
            Err((problem, body)) => {
                discard(body).await;
                problem.into_response()
            }
        }
    };
    let mut response = match seen.trace.span(&seen.method, seen.route.as_ref()) {
        None => TRACE.scope(seen.trace.id.clone(), answer).await,
        Some(span) => TRACE.scope(seen.trace.id.clone(), tracing::Instrument::instrument(answer, span)).await,
    };
    if let Some(quota) = measured.unwrap_or_else(Some) {
        // The person's or the chain's measure, if it came to that, was noted first.
        seen.trail.note_quota(quota);
    }
    finish(&mut response, &seen);
    tell(&response, &seen);
    response
}

/// The handler's answer, or what is said when it takes too long or breaks.
async fn answer(request: Request, next: Next, front: &Front, route: Option<&MatchedPath>) -> Response {
    let plazo = if is_file(route) { front.settings.plazo_archivo } else { front.settings.plazo };
    let slow_client = !request.body().is_end_stream();
    let handled = async {
        match front.exportar.asked(&request) {
            Some(pedido) => front.exportar.answer(pedido, request, next).await,
            None => next.run(request).await,
        }
    };
    let run = AssertUnwindSafe(handled).catch_unwind();
    match tokio::time::timeout(plazo, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::internal("panic in a handler").into_response(),
        // With a body to come it is most likely the client that is slow; without one it is us.
        Err(_) if slow_client => Problem::new(kinds::TIMEOUT).into_response(),
        Err(_) => Problem::new(kinds::UNAVAILABLE).retry_after(2).into_response(),
    }
}

/// Whether the body is a file to import, or a plugin.
fn is_file(route: Option<&MatchedPath>) -> bool {
    route.is_some_and(|route| ["/importaciones", "/complementos/versiones"].iter().any(|end| route.as_str().ends_with(end)))
}

/// 413 at once if the length is announced, else when too much has come.
fn bounded(request: Request, route: Option<&MatchedPath>, settings: &HttpSettings) -> Result<Request, (Problem, Body)> {
    let photo = route.is_some_and(|route| route.as_str().ends_with("/foto"));
    let limit = if photo {
        settings.foto_max
    } else if is_file(route) {
        settings.archivo_max
    } else {
        settings.cuerpo_max
    };
    let size = request.body().size_hint();
    if size.lower() > limit as u64 {
        let detail = format!("El cuerpo puede tener como máximo {limit} bytes.");
        return Err((Problem::new(kinds::TOO_LARGE).detail(detail), request.into_body()));
    }
    match size.upper() {
        // hyper does not let a body grow beyond its announced length.
        Some(upper) if upper <= limit as u64 => Ok(request),
        _ => Ok(request.map(|body| Body::new(Limited::new(body, limit)))),
    }
}

/// Reads on for a moment: a client that is still sending when the connection closes never sees the answer.
async fn discard(mut body: Body) {
    let read = async {
        let mut left = 16_usize << 20;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, bytes::Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), read).await;
}

/// The address of the client. `X-Forwarded-For` is read from its right end, as far as each hop is a proxy of ours.
fn client_ip(peer: Option<&Peer>, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let mut ip = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.addr.ip().to_canonical());
    if !proxies.contains(&ip) {
        return ip;
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(parsed) = hop.trim().parse::<IpAddr>() else { break };
        ip = parsed.to_canonical();
        if !proxies.contains(&ip) {
            break;
        }
    }
    ip
}

fn agent(headers: &HeaderMap) -> Arc<str> {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let end = text.char_indices().nth(200).map_or(text.len(), |(at, _)| at);
    text[..end].into()
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const TRAZA: HeaderName = HeaderName::from_static("x-traza");
/// An answer of the API is data: nothing in it may run, be framed or be kept.
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// The documentation's own scripts and styles, and nothing from elsewhere.
const CSP_DOCS: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

fn finish(response: &mut Response, seen: &Seen) {
    let docs = seen.route.as_ref().is_some_and(|route| route.as_str().starts_with("/api/docs"));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(&*seen.trace.id) {
        headers.insert(TRAZA, value);
    }
    if let Ok(value) = HeaderValue::try_from(seen.trace.parent()) {
        headers.insert(TRACEPARENT, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A page for people says itself what it needs.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(if docs { CSP_DOCS } else { CSP }));
    }
    if !docs && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(Quota { policy, limit, left, reset }) = seen.trail.quota() {
        let texts = [(RATELIMIT_POLICY, format!("\"{policy}\";q={limit};w=60")), (RATELIMIT, format!("\"{policy}\";r={left};t={reset}"))];
        for (name, text) in texts {
            headers.extend(HeaderValue::try_from(text).ok().map(|value| (name, value)));
        }
    }
    let Some(peer) = &seen.peer else { return };
    if peer.tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if peer.closing.is_cancelled() && seen.version <= Version::HTTP_11 {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

fn is_probe(route: Option<&MatchedPath>) -> bool {
    route.is_some_and(|route| matches!(route.as_str(), "/healthz" | "/readyz" | "/metrics"))
}

/// One line in the log and one observation: route template, never the path (it holds ids) and never the query.
fn tell(response: &Response, seen: &Seen) {
    let elapsed = seen.started.elapsed();
    let status = response.status();
    // The portal's paths are as many as people type: one name for all.
    let served = response.extensions().get::<Servido>().map_or("-", |Servido(name)| name);
    let ruta = seen.route.as_ref().map_or(served, MatchedPath::as_str);
    super::metrics::observe(ruta, &seen.method, status, elapsed);
    let (tenant, sede) = (seen.trail.tenant(), seen.trail.sede());
    let duracion_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    // Probes every second are not news.
    if is_probe(seen.route.as_ref()) && status == StatusCode::OK {
        return;
    }
    tracing::info!(
        target: "solicitud",
        metodo = seen.method.as_str(),
        ruta,
        estado = status.as_u16(),
        duracion_us,
        tenant = tenant.as_ref().map(tracing::field::display),
        sede = sede.as_ref().map(tracing::field::display),
        traza = &*seen.trace.id,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }
    fn peer(text: &str) -> Peer {
        Peer { addr: SocketAddr::new(ip(text), 1), tls: false, closing: Arc::default() }
    }
    fn forwarded(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), HeaderValue::try_from(text).expect("ascii"))])
    }

    #[test]
    fn only_a_proxy_of_ours_says_who_the_client_is() {
        let ours = [ip("10.0.0.1"), ip("10.0.0.2")];
        let headers = forwarded("6.6.6.6, 200.1.1.1, 10.0.0.2");
        assert_eq!(client_ip(Some(&peer("10.0.0.1")), &headers, &ours), ip("200.1.1.1"));
        assert_eq!(client_ip(Some(&peer("190.0.0.9")), &headers, &ours), ip("190.0.0.9"));
        assert_eq!(client_ip(Some(&peer("10.0.0.1")), &forwarded("basura"), &ours), ip("10.0.0.1"));
        assert_eq!(client_ip(Some(&peer("::ffff:10.0.0.1")), &headers, &ours), ip("200.1.1.1"));
    }

    #[test]
    fn a_long_user_agent_is_cut() {
        let headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::try_from("x".repeat(900)).expect("ascii"))]);
        assert_eq!(agent(&headers).len(), 200);
    }
}
