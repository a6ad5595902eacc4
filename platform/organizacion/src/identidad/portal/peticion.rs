//! Whether a request that a cookie vouches for comes from the portal itself, and not from a page elsewhere.
use super::{super::Identidad, cookie};
use crate::identidad::problemas;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts, uri::Authority},
};
use kernel::{App, Problem, ports::Asked};

const MARCA: &str = "x-portal";
const SITIO: &str = "sec-fetch-site";

/// Methods that change something.
pub fn cambia(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// 403 unless a page of this very origin asks. A form elsewhere cannot set the header, a script elsewhere cannot without
/// asking first, and the browser says where it all comes from.
pub fn exigir_propia(asked: &Asked<'_>) -> Result<(), Problem> {
    let text = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let same_origin = match text(SITIO) {
        Some(site) => site == "same-origin",
        // An old browser, or a plain address that it does not trust.
        None => text(header::ORIGIN.as_str()).is_some_and(|origin| is_of(origin, asked.host())),
    };
    if same_origin && text(MARCA) == Some("1") { Ok(()) } else { Err(Problem::new(problemas::ORIGEN)) }
}

fn is_of(origin: &str, host: Option<&str>) -> bool {
    let there = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    matches!((there, host), (Some(there), Some(host)) if there.eq_ignore_ascii_case(host))
}

/// A request of the portal that signs in or out.
pub struct Peticion {
    /// The chain that the address names.
    pub etiqueta: Option<String>,
    /// The session that the browser holds, good or not.
    pub sesion: Option<String>,
    pub equipos: Vec<String>,
}

impl Peticion {
    fn of(identidad: &Identidad, asked: &Asked<'_>) -> Self {
        Self {
            etiqueta: identidad.etiqueta(asked.host()),
            sesion: cookie::read(asked.headers, cookie::SESION).map(str::to_owned),
            equipos: cookie::equipos(asked.headers),
        }
    }
}

impl FromRequestParts<App> for Peticion {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let identidad = Identidad::from_request_parts(parts, app).await?;
        let headers: &HeaderMap = &parts.headers;
        let authority = parts.uri.authority().map(Authority::as_str);
        let asked = Asked { method: &parts.method, authority, headers, again: false };
        exigir_propia(&asked)?;
        Ok(Self::of(&identidad, &asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use rstest::rstest;

    #[rstest]
    #[case(&[("x-portal", "1"), ("sec-fetch-site", "same-origin")], true)]
    #[case(&[("x-portal", "1"), ("origin", "https://andes.huella.pe"), ("host", "andes.huella.pe")], true)]
    #[case(&[("sec-fetch-site", "same-origin")], false)]
    #[case(&[("x-portal", "0"), ("sec-fetch-site", "same-origin")], false)]
    #[case(&[("x-portal", "1"), ("sec-fetch-site", "same-site")], false)]
    #[case(&[("x-portal", "1"), ("sec-fetch-site", "none")], false)]
    #[case(&[("x-portal", "1"), ("sec-fetch-site", "cross-site"), ("origin", "https://andes.huella.pe"), ("host", "andes.huella.pe")], false)]
    #[case(&[("x-portal", "1"), ("origin", "https://malo.pe"), ("host", "andes.huella.pe")], false)]
    #[case(&[("x-portal", "1"), ("origin", "null"), ("host", "andes.huella.pe")], false)]
    #[case(&[("x-portal", "1"), ("host", "andes.huella.pe")], false)]
    fn only_the_portal_itself_changes_anything(#[case] given: &[(&'static str, &'static str)], #[case] expected: bool) {
        let headers = given.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        assert_eq!(exigir_propia(&Asked { method: &Method::POST, ..Asked::reading(&headers) }).is_ok(), expected);
    }
}
