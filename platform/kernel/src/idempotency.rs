//! `Idempotency-Key`: a creating POST that is repeated gets the first answer and does nothing twice.
use crate::{
    Actor, App, FieldError, Problem, Tx,
    crypto::Keyring,
    extract::{parse, read, require_json},
    ids::TenantId,
    tx::Answer,
    version::{HasVersion, etag},
};
use axum::{
    extract::{FromRequest, MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The body of a creating POST, with its key (1–200 visible ASCII characters) if the client sent one.
#[derive(Debug)]
pub struct Once<T> {
    pub body: T,
    pub(crate) key: Option<String>,
    pub(crate) route: String,
    /// SHA-256 of path and body: the same key with other data is a mistake.
    pub(crate) digest: Vec<u8>,
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest<App> for Once<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        let key = key(&parts.headers)?;
        let path = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let bytes = read(body).await?;
        let mut hash = Sha256::new();
        hash.update(parts.uri.path());
        hash.update([0]);
        hash.update(&bytes);
        Ok(Self {
            body: parse(&bytes)?,
            key,
            route: format!("{} {}", parts.method, path.unwrap_or_else(|| parts.uri.path().to_owned())),
            digest: hash.finalize().to_vec(),
        })
    }
}

impl Once<Bytes> {
    /// The body as it comes, whatever it is: for files, and for what is asked for without saying more.
    pub async fn bytes(request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = key(&parts.headers)?;
        let path = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let body = read(body).await?;
        let mut hash = Sha256::new();
        hash.update(parts.uri.path_and_query().map(|path| path.as_str()).unwrap_or_default());
        hash.update([0]);
        hash.update(&body);
        let route = format!("{} {}", parts.method, path.unwrap_or_else(|| parts.uri.path().to_owned()));
        Ok(Self { body, key, route, digest: hash.finalize().to_vec() })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    match value.to_str() {
        Ok(text) if (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(text.to_owned())),
        _ => Err(Problem::invalid(vec![FieldError::new("Idempotency-Key", "debe tener de 1 a 200 caracteres visibles")])),
    }
}

/// An idempotent request as its answer is stored: nothing of what the client sent can be read or guessed from it.
#[derive(Debug)]
pub(crate) struct Keyed {
    pub actor: Uuid,
    pub ruta: String,
    /// HMACs with keys of the chain: of the client's key, and of path and body.
    pub clave: Vec<u8>,
    pub huella: Vec<u8>,
}

impl Keyed {
    pub fn new<T>(keyring: &Keyring, tenant: TenantId, actor: Actor, once: &Once<T>, key: &str) -> Self {
        Self {
            actor: actor.id().unwrap_or_default(),
            ruta: once.route.clone(),
            clave: keyring.blind_index(tenant, "idempotencia.clave", key),
            huella: keyring.blind_index(tenant, "idempotencia.huella", &once.digest),
        }
    }

    /// Ties a sealed answer to its row: moved to another one, it does not open.
    pub fn purpose(&self) -> String {
        format!("idempotencia {} {} {}", self.actor, self.ruta, B64.encode(&self.clave))
    }
}

/// What `Ctx::begin_once` gives.
#[expect(clippy::large_enum_variant, reason = "lives for one match")]
pub enum Begun {
    /// Not answered before: do it, and end with [`Tx::commit_created`].
    Fresh(Tx),
    /// Answered before: give the same answer.
    Replay(Response),
}

impl Begun {
    pub(crate) fn replay(status: u16, etag: Option<String>, body: Vec<u8>) -> Self {
        let mut response = answer(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), etag.as_deref(), body);
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        Self::Replay(response)
    }
}

fn answer(status: StatusCode, etag: Option<&str>, body: Vec<u8>) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(etag) = etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

impl Tx {
    /// Commits and answers 201 with `body`, and remembers the answer for repetitions of the request.
    pub async fn commit_created<T: Serialize + HasVersion>(self, body: &T) -> Result<Response, Problem> {
        let tag = etag(body.version()).to_str().map(str::to_owned).ok();
        self.commit_answer(StatusCode::CREATED, tag, body).await
    }

    /// The same, for an answer without a version.
    pub async fn commit_answer<T: Serialize>(mut self, status: StatusCode, etag: Option<String>, body: &T) -> Result<Response, Problem> {
        let cuerpo = serde_json::to_vec(body).map_err(Problem::internal)?;
        if let Some(request) = self.once.take() {
            let sealed = self.seal_secret(&request.purpose(), &cuerpo)?;
            self.answer = Some(Answer { request, estado: status.as_u16(), etag: etag.clone(), cuerpo: sealed });
        }
        self.commit().await?;
        Ok(answer(status, etag.as_deref(), cuerpo))
    }
}
