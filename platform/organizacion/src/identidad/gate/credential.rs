//! What a request brings to say who it is.
use super::Portal;
use crate::identidad::{
    portal::{cookie, peticion},
    token::ClaveApi,
};
use axum::http::header;
use kernel::{Problem, ports::Asked, problem::kinds};
use sha2::{Digest, Sha256};

/// What came in, before anything was checked.
pub(super) enum Credential<'a> {
    Jwt(&'a str),
    ApiKey(&'a str),
    Cookie {
        secreto: &'a str,
        /// The chain that the address names: the cookie is good at the address where it was given, and nowhere else.
        etiqueta: Option<String>,
        /// Asked again for an answer that goes on: nobody uses the session.
        again: bool,
    },
}

impl<'a> Credential<'a> {
    pub(super) fn from_request(asked: Asked<'a>, portal: &Portal) -> Result<Option<Self>, Problem> {
        let mut given = asked.headers.get_all(header::AUTHORIZATION).iter();
        let cookie = cookie::read(asked.headers, cookie::SESION);
        let value = match (given.next(), cookie) {
            (None, None) => return Ok(None),
            (None, Some(secreto)) => {
                if peticion::cambia(asked.method) {
                    peticion::exigir_propia(&asked)?;
                }
                return Ok(Some(Self::Cookie { secreto, etiqueta: portal.etiqueta(asked.host()), again: asked.again }));
            }
            (Some(_), Some(_)) => return Err(Problem::new(kinds::TWO_CREDENTIALS)),
            (Some(value), None) => value,
        };
        if given.next().is_some() {
            return Err(Problem::new(kinds::TWO_CREDENTIALS));
        }
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(Problem::unauthenticated)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthenticated());
        }
        let token = token.trim();
        Ok(Some(if ClaveApi::is_one(token) { Self::ApiKey(token) } else { Self::Jwt(token) }))
    }
    /// Under what it is remembered.
    pub(super) fn digest(&self) -> [u8; 32] {
        match self {
            Self::Jwt(text) | Self::ApiKey(text) => Sha256::digest(text.as_bytes()).into(),
            Self::Cookie { secreto, etiqueta, again } => {
                let place = etiqueta.as_deref().unwrap_or_default().as_bytes();
                Sha256::digest([secreto.as_bytes(), b"@", place, &[u8::from(*again)]].concat()).into()
            }
        }
    }
}
