//! What the registry asks of the engine that runs plugins. The server implements it; tests bring a scripted one.
use async_trait::async_trait;
use axum::{extract::FromRequestParts, http::request::Parts};
use bytes::Bytes;
use kernel::{App, Problem, ids::TenantId};
use plugin_manifest::{Digest, Fault, Package};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Algo que el examen de una versión encontró y que no la descalifica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hallazgo {
    /// Qué parte del examen lo dice: `importaciones`, `limites`, `compilacion`, `conformidad`.
    pub parte: String,
    pub detalle: String,
}

/// What the examination of a version found.
#[derive(Debug, Clone)]
pub struct Examen {
    pub digest: Digest,
    pub paquete: Package,
    /// The interfaces that it imports.
    pub importa: Vec<String>,
    pub hallazgos: Vec<Hallazgo>,
    pub ms: u64,
}

/// Why there is no examination.
#[derive(Debug, Clone)]
pub enum Rechazo {
    /// The version is no good: all that is wrong with it.
    Faltas(Vec<Fault>),
    /// The engine or its compiler is out of order: nothing is known of the version, and it is tried again.
    Luego(String),
}

/// Cómo terminó una llamada de prueba.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResultadoPrueba {
    pub ok: bool,
    /// Como en las corridas: `ok`, `not_authorized`, `trap`…
    pub resultado: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    /// La corrida, para verla entera; ausente si no se pudo empezar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrida: Option<Uuid>,
}

/// A place among those that are served now, until it is dropped.
pub struct Turno(#[expect(dead_code, reason = "it is there to be dropped")] Box<dyn Send + Sync>);

impl Turno {
    pub fn new(place: impl Send + Sync + 'static) -> Self {
        Self(Box::new(place))
    }
}

impl ResultadoPrueba {
    /// Nothing was run.
    pub fn sin_correr(resultado: &str, why: String) -> Self {
        Self { ok: false, resultado: resultado.to_owned(), detalle: Some(why), corrida: None }
    }
}

#[async_trait]
pub trait Motor: Send + Sync {
    /// Before anything is read or written for a call that somebody waits for: chains take turns, so that one that asks two
    /// hundred times at once holds up nobody's database connections. `None` if too many wait already.
    async fn turno(&self, tenant: TenantId) -> Option<Turno>;
    /// Parse, import audit, limits, compile (out of process), conformance smoke. Stores the compiled code. Long: called from a job.
    async fn examinar(&self, componente: Bytes) -> Result<Examen, Rechazo>;
    /// `lifecycle.check` (alerts: describe) with the installation as it stands.
    async fn probar(&self, tenant: TenantId, complemento: &str) -> Result<ResultadoPrueba, Problem>;
    /// Calls `lifecycle.migrate` of the version that is installed now, which [`crate::instalado`] gives.
    async fn migrar(&self, tenant: TenantId, complemento: &str, desde: &str) -> Result<ResultadoPrueba, Problem>;
    /// Lets code out of the quarantine of a chain.
    async fn liberar(&self, tenant: TenantId, digest: Digest);
    /// Stops code everywhere, in the middle of what it does.
    async fn retirar(&self, digest: Digest);
    async fn restaurar(&self, digest: Digest);
}

/// The engine; the server layers it over its routers.
#[derive(Clone)]
pub struct Motores(pub Arc<dyn Motor>);

impl FromRequestParts<App> for Motores {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("the engine is not layered over this router"))
    }
}
