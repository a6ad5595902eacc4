//! Optimistic locking: `ETag` on what is read, `If-Match` on what is changed.
use crate::{App, Problem, problem::kinds};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A body with its version as `ETag`.
#[derive(Debug)]
pub struct Versioned<T>(pub T);

/// Something that is counted up by every change.
pub trait HasVersion {
    fn version(&self) -> i32;
}

pub(crate) fn etag(version: i32) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

impl<T: HasVersion + Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, etag(self.0.version()))], axum::Json(self.0)).into_response()
    }
}

/// The version that the client wants to change. `*` means any.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i32>);

impl IfMatch {
    /// 412 if somebody else changed it first.
    pub fn check(self, current: i32) -> Result<(), Problem> {
        match self.0 {
            Some(wanted) if wanted != current => {
                Err(Problem::new(kinds::STALE).detail("Vuelva a leerlo y repita el cambio.").with("version", current))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Problem::new(kinds::IF_MATCH).detail("Envíe If-Match con el ETag que leyó."));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.trim_start_matches("W/").trim_matches('"').parse();
        version.map(|version| Self(Some(version))).map_err(|_| Problem::new(kinds::STALE).detail("If-Match no es un ETag de este recurso."))
    }
}
