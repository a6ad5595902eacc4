//! Who is who: passwords and second factors, sessions and their devices, API keys, the log of tries, and the
//! gate that turns credentials into an identity on every request.
//!
//! [`Identidad`] is the running part; the server makes one, sets its gate, layers it over the routers and lets
//! it watch. Other modules call [`cuenta::invitar`], [`sesiones::revocar_todas`] and [`avisar`].
pub mod accesos;
pub mod claves_api;
pub mod contrasena;
mod correos;
pub mod cuenta;
pub mod gate;
mod hasher;
pub mod jwt;
pub mod oauth;
pub mod portal;
pub mod problemas;
pub mod segundo_factor;
pub mod sesiones;
mod store;
mod throttle;
pub mod token;

pub use gate::{JwtGate, avisar};
pub use hasher::Cost;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    App, Problem, SystemCtx, host,
    ids::{SesionId, TenantId},
};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// How identity is set up. Filled in by the server from its configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `iss` of the access tokens, such as `https://huella.example`.
    pub issuer: String,
    /// Where the portal lives: the beginning of the links in e-mails.
    pub base_url: String,
    /// Folder of the signing keys; shared by all instances.
    pub key_folder: PathBuf,
    pub argon2: Cost,
    pub access_ttl: SignedDuration,
    /// A device that stays away for so long must sign in again.
    pub refresh_ttl: SignedDuration,
    /// A session ends after so long, whatever happens.
    pub session_ttl: SignedDuration,
    /// The same for one of the portal.
    pub portal_ttl: SignedDuration,
    /// A session of the portal ends after so long without a request.
    pub portal_ocio: SignedDuration,
}

impl Settings {
    pub fn new(issuer: impl Into<String>, base_url: impl Into<String>, key_folder: impl Into<PathBuf>) -> Self {
        Self {
            issuer: issuer.into(),
            base_url: base_url.into().trim_end_matches('/').to_owned(),
            key_folder: key_folder.into(),
            argon2: Cost::default(),
            access_ttl: SignedDuration::from_mins(10),
            refresh_ttl: SignedDuration::from_hours(14 * 24),
            session_ttl: SignedDuration::from_hours(60 * 24),
            portal_ttl: SignedDuration::from_hours(30 * 24),
            // A shift: who comes back next morning signs in.
            portal_ocio: SignedDuration::from_hours(12),
        }
    }
}

/// Identity could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Keys(#[from] jwt::KeyError),
    #[error("costo de argon2: {0}")]
    Argon2(argon2::Error),
}

/// The running part of identity. Cheap to clone; handlers take it as a parameter.
#[derive(Clone)]
pub struct Identidad(Arc<Inner>);

struct Inner {
    system: SystemCtx,
    settings: Settings,
    keys: Arc<jwt::Keys>,
    hasher: hasher::Hasher,
    throttle: throttle::Throttle,
    usos: claves_api::uso::Usos,
    gate: Arc<JwtGate>,
}

impl Identidad {
    pub fn start(system: &SystemCtx, settings: Settings) -> Result<Self, StartError> {
        let app = system.app();
        let keys = Arc::new(jwt::Keys::open_or_create(&settings.key_folder, &settings.issuer, settings.access_ttl, app.now())?);
        let hasher = hasher::Hasher::new(settings.argon2).map_err(StartError::Argon2)?;
        let throttle = throttle::Throttle::new(app.clone());
        let usos = claves_api::uso::Usos::new(system.clone(), throttle.clone());
        let portal = gate::Portal { base: host::of_url(&settings.base_url).to_owned(), ocio: settings.portal_ocio };
        let gate = Arc::new(JwtGate::new(system.clone(), keys.clone(), usos.clone(), portal));
        Ok(Self(Arc::new(Inner { system: system.clone(), settings, keys, hasher, throttle, usos, gate })))
    }

    /// For [`App::set_gate`].
    pub fn gate(&self) -> Arc<JwtGate> {
        self.0.gate.clone()
    }

    /// For the server's routers: handlers find identity in the request's extensions.
    pub fn layer(&self) -> axum::Extension<Self> {
        axum::Extension(self.clone())
    }

    /// Keeps up with revoked rights and rotated keys; runs beside the requests and never returns.
    pub async fn watch(&self) {
        self.0.gate.watch().await;
    }

    /// A password as it is stored; for whoever makes accounts from files.
    pub async fn hash(&self, contrasena: &str) -> Result<String, Problem> {
        self.hasher().hash(hasher::Lane::Reserved, contrasena.to_owned()).await
    }

    /// Where people reach this installation: the beginning of the links in letters.
    pub fn base_url(&self) -> &str {
        &self.0.settings.base_url
    }

    /// How many password hashes this process made: what an attacker can make it do.
    pub fn hashes(&self) -> u64 {
        self.hasher().made()
    }

    /// The signing keys, to rotate them.
    pub fn keys(&self) -> &jwt::Keys {
        &self.0.keys
    }

    /// Sends the mail that an event of ours asks for; `false` if the event is none of ours. May run more than
    /// once for the same event.
    pub async fn on_event(&self, system: &SystemCtx, tenant: TenantId, tema: &str, cuerpo: &Value) -> Result<bool, Problem> {
        correos::on_event(self.settings(), system, tenant, tema, cuerpo).await
    }

    /// Rights or modules changed in this chain: here from the next request on, elsewhere a moment later.
    pub async fn cambio(&self, app: &App, tenant: TenantId) {
        self.0.gate.forget(tenant);
        avisar(app, tenant).await;
    }

    /// The chain that the address of a request names.
    fn etiqueta(&self, host: Option<&str>) -> Option<String> {
        self.0.gate.portal().etiqueta(host)
    }

    /// For the operator's list of chains, which looks past the asker's.
    pub(crate) fn system(&self) -> &SystemCtx {
        &self.0.system
    }
    fn settings(&self) -> &Settings {
        &self.0.settings
    }
    fn hasher(&self) -> &hasher::Hasher {
        &self.0.hasher
    }
    fn throttle(&self) -> &throttle::Throttle {
        &self.0.throttle
    }

    fn usos(&self) -> &claves_api::uso::Usos {
        &self.0.usos
    }

    /// Signs an access token; returns it with the moment of its death.
    fn access_token(
        &self,
        tenant: TenantId,
        sub: Uuid,
        sid: Option<SesionId>,
        scope: Option<String>,
        now: Timestamp,
    ) -> Result<(String, Timestamp), Problem> {
        let expira_en = now + self.settings().access_ttl;
        let claims = jwt::Claims {
            iss: self.0.keys.issuer().to_owned(),
            aud: jwt::AUDIENCE.to_owned(),
            sub,
            ten: tenant,
            sid,
            scope,
            iat: now.as_second(),
            exp: expira_en.as_second(),
            jti: Uuid::now_v7(),
        };
        Ok((self.0.keys.sign(&claims).map_err(Problem::internal)?, expira_en))
    }
}

impl FromRequestParts<App> for Identidad {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("identity is not layered over this router"))
    }
}

/// Paths relative to `/api/v1`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(sesiones::router())
        .merge(cuenta::router())
        .merge(segundo_factor::router())
        .merge(claves_api::router())
        .merge(accesos::router())
        .merge(portal::router())
}

/// Paths relative to the root: the public keys and the OAuth2 token endpoint.
pub fn well_known_router() -> OpenApiRouter<App> {
    oauth::router()
}
