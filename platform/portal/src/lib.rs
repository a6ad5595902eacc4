//! The staff portal as the server gives it: an app built from `web/`, and the policy under which a browser runs it.
//!
//! A release carries the built app inside; a debug build reads `web/dist` at each request, so that a new build shows at once.
//! The page is written anew for every answer (a nonce, and the chain that the address names); all other files are the same
//! for everybody, compressed when they were built, and those with a hash in their name are kept by browsers for good.
mod archivos;
mod pagina;

pub use archivos::Dist;

use archivos::Archivo;
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

/// Paths that are the server's own: whatever it does not know there is not found, and never the app.
const AJENAS: &[&str] =
    &["api", "problemas", "reservar", "libro-de-reclamaciones", "healthz", "readyz", "metrics", ".well-known", "oauth", "hooks"];

/// In an answer's extensions: the portal gave it, under this name in logs and figures.
#[derive(Debug, Clone, Copy)]
pub struct Servido(pub &'static str);

/// Serves the app at one installation.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The installation's own host.
    base: String,
    dist: Dist,
}

impl Portal {
    /// `url`: where people reach the installation.
    pub fn new(url: &str, dist: Dist) -> Self {
        Self { base: kernel::host::of_url(url).to_owned(), dist }
    }

    /// The answer to a request that no route of the server took; `None` if it is not the portal's to answer.
    pub fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        let path = uri.path().trim_start_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        if !matches!(*method, Method::GET | Method::HEAD) || AJENAS.contains(&first) {
            return None;
        }
        if is_page(path) {
            let host = uri.authority().map(|at| at.as_str()).or_else(|| headers.get(header::HOST)?.to_str().ok());
            let cadena = host.and_then(|host| kernel::host::cadena_de(host, &self.base));
            return Some(named("portal", pagina::answer(self.dist.get("index.html"), cadena.as_deref())));
        }
        Some(named("portal/archivo", self.file(path, headers)?))
    }

    fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        // Only with the app's own page around them do these mean anything.
        if path == "index.html" || path.ends_with(".br") || path.ends_with(".gz") {
            return None;
        }
        let plain = self.dist.get(path)?;
        let variants = [("br", ".br"), ("gzip", ".gz")];
        let mut compressed = variants.into_iter().filter_map(|(name, ending)| Some((name, self.dist.get(&format!("{path}{ending}"))?)));
        let first = compressed.find(|(name, _)| accepts(headers, name));
        let varies = first.is_some() || variants.iter().any(|(_, ending)| self.dist.get(&format!("{path}{ending}")).is_some());
        let mut response = match first {
            Some((name, archivo)) => with_encoding(send(archivo, path, headers), name),
            None => send(plain, path, headers),
        };
        if varies {
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        Some(response)
    }
}

/// Places in the app have no dot in their last part; files have one.
fn is_page(path: &str) -> bool {
    !path.rsplit('/').next().unwrap_or_default().contains('.')
}

/// Whether the client takes this encoding; what it takes with `q=0` it does not.
fn accepts(headers: &HeaderMap, name: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|given| given.eq_ignore_ascii_case(name));
        let refused = |part: &str| part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        named && !parts.any(refused)
    })
}

fn send(archivo: Archivo, path: &str, headers: &HeaderMap) -> Response {
    let etag = archivo.etag();
    let kept = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = kept.is_some_and(|kept| kept.split(',').any(|one| one.trim().trim_start_matches("W/") == etag));
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let lines = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::ETAG, etag),
        (header::CONTENT_SECURITY_POLICY, policy(path).to_owned()),
    ];
    let mut response = match unchanged {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => archivo.into_response(),
    };
    for (name, text) in lines {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A service worker works under the policy that came with its script: it fetches for its pages, from here only.
fn policy(path: &str) -> &'static str {
    match path {
        "sw.js" => "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
        _ => "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }
}

fn with_encoding(mut response: Response, name: &'static str) -> Response {
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    response
}

fn named(name: &'static str, mut response: Response) -> Response {
    response.extensions_mut().insert(Servido(name));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("gzip, deflate, br", "br", true)]
    #[case("gzip, br;q=0", "br", false)]
    #[case("gzip;q=0.5", "gzip", true)]
    #[case("brotli", "br", false)]
    #[case("", "br", false)]
    fn encodings_are_asked_for_by_name(#[case] line: &'static str, #[case] name: &str, #[case] expected: bool) {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]);
        assert_eq!(accepts(&headers, name), expected);
    }

    #[rstest]
    #[case("", true)]
    #[case("agenda", true)]
    #[case("pacientes/019a-x/vacunas", true)]
    #[case("assets/index-1.js", false)]
    #[case("favicon.ico", false)]
    fn what_has_a_dot_is_a_file(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(is_page(path), expected);
    }

    #[rstest]
    #[case("sw.js", true)]
    #[case("favicon.svg", false)]
    #[case("assets/sw.js", false)]
    fn only_the_service_worker_may_fetch(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(policy(path).contains("connect-src 'self'"), expected);
    }

    #[rstest]
    #[case(Method::GET, "/api/v1/nada")]
    #[case(Method::GET, "/api")]
    #[case(Method::GET, "/problemas/x")]
    #[case(Method::GET, "/reservar/andes/lima")]
    #[case(Method::GET, "/libro-de-reclamaciones/andes/lima/x")]
    #[case(Method::POST, "/agenda")]
    #[case(Method::GET, "/assets/no-hay.js")]
    fn the_rest_is_not_the_portals(#[case] method: Method, #[case] path: &'static str) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("index.html"), "<head></head>").expect("written");
        let portal = Portal::new("https://huella.pe", Dist::Carpeta(folder.path().to_owned()));
        assert!(portal.answer(&method, &Uri::from_static(path), &HeaderMap::new()).is_none());
    }
}
