//! The app's one page, and what a browser may do with it.
use crate::archivos::Archivo;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as B64};
use kernel::crypto::random32;

/// Where the page wants its nonce.
const HUECO: &str = "__NONCE__";

const SIN_CONSTRUIR: &str = "<!doctype html><html lang=\"es-PE\"><head><meta charset=\"utf-8\"><title>Huella</title></head>\
<body><main><h1>Portal sin construir</h1><p>Ejecute: <code>cargo xtask portal</code></p></main></body></html>";

/// The page with a nonce that nobody saw before, and the chain that the address names.
pub fn answer(index: Option<Archivo>, cadena: Option<&str>) -> Response {
    let Some(index) = index else {
        return (StatusCode::SERVICE_UNAVAILABLE, Html(SIN_CONSTRUIR)).into_response();
    };
    // 128 random bits.
    let nonce = B64.encode(&random32()[..16]);
    let mut html = index.text().replace(HUECO, &nonce);
    if let Some(cadena) = cadena {
        // A key of a chain is letters, digits and hyphens: nothing to escape.
        html = html.replacen("</head>", &format!("<meta name=\"cadena\" content=\"{cadena}\"></head>"), 1);
    }
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "host"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    headers.extend(fixed.map(|(name, text)| (name, HeaderValue::from_static(text))));
    headers.extend(HeaderValue::try_from(policy).ok().map(|value| (header::CONTENT_SECURITY_POLICY, value)));
    response
}
