//! The outside world, as the domains see it. Implemented in `adapters` and `organizacion`, wired in `server`.
use crate::{
    Actor, Identity, Origin, Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, TenantId, TutorId, UsuarioId},
    job::{Fallo, Intento},
    modulos::Apagados,
};
use async_trait::async_trait;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use std::{collections::HashSet, sync::Arc, time::Duration};

/// What went wrong outside. Never shown to a client as it is.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Try again later: refused, timed out, overloaded.
    #[error("no disponible: {0}")]
    Unavailable(String),
    /// Trying again will not help.
    #[error("rechazado: {0}")]
    Rejected(String),
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        tracing::error!(%error, traza = %crate::problem::trace(), "outside world");
        Self::new(crate::problem::kinds::UNAVAILABLE).retry_after(5)
    }
}

/// What a gate may look at of a request.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub method: &'a Method,
    /// The host as HTTP/2 says it; in HTTP/1.1 it is a header.
    pub authority: Option<&'a str>,
    pub headers: &'a HeaderMap,
    /// An answer that goes on asks whether it still may: nobody is doing anything.
    pub again: bool,
}

impl<'a> Asked<'a> {
    /// A request to read something.
    pub fn reading(headers: &'a HeaderMap) -> Self {
        Self { method: &Method::GET, authority: None, headers, again: false }
    }
    pub fn host(&self) -> Option<&'a str> {
        self.authority.or_else(|| self.headers.get(header::HOST)?.to_str().ok())
    }
}

/// From credentials to an identity. Cheap when the same credentials were seen a moment ago.
#[async_trait]
pub trait Gate: Send + Sync {
    /// `Ok(None)`: no credentials at all.
    async fn identify(&self, asked: Asked<'_>, origin: &Origin) -> Result<Option<Identity>, Problem>;
    /// The modules that a chain does without, for requests of nobody in particular.
    async fn apagados(&self, _: TenantId) -> Result<Apagados, Problem> {
        Ok(Apagados::default())
    }
}

/// Values that may be lost at any time. Shared by all instances when there is a Redis.
#[async_trait]
pub trait Cache: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, PortError>;
    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), PortError>;
    async fn delete(&self, key: &str) -> Result<(), PortError>;
    /// Adds `by` to a counter and returns it; a counter that does not exist starts at 0 and dies after `ttl`.
    async fn add(&self, key: &str, by: i64, ttl: Duration) -> Result<i64, PortError>;
}

/// A message to every instance, this one included. Delivered at most once: whoever needs more asks the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub body: Bytes,
}

#[async_trait]
pub trait Bus: Send + Sync {
    async fn publish(&self, message: Message) -> Result<(), PortError>;
    /// All messages from now on. A listener that falls behind loses the oldest ones and is told so by `Lagged`.
    fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Message>;
}

/// A stored file on its way out.
pub struct Stored {
    pub content_type: String,
    pub size: u64,
    pub content: Box<dyn tokio::io::AsyncRead + Send + Unpin>,
}

/// Files of a chain. Keys start with the tenant's id.
#[async_trait]
pub trait Files: Send + Sync {
    async fn put(&self, key: &str, content_type: &str, body: Bytes) -> Result<(), PortError>;
    /// Content type and body.
    async fn get(&self, key: &str) -> Result<Option<(String, Bytes)>, PortError>;
    /// A file of the disk, however large.
    async fn put_file(&self, key: &str, content_type: &str, file: std::fs::File) -> Result<(), PortError>;
    /// The same out again, piece by piece.
    async fn open(&self, key: &str) -> Result<Option<Stored>, PortError>;
    async fn delete(&self, key: &str) -> Result<(), PortError>;
    /// Whether the store answers and the bucket exists.
    async fn ready(&self) -> Result<(), PortError>;
}

/// An e-mail to one person. Texts come from people: whoever sends it keeps them from becoming headers.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The same for those who see HTML.
    pub html: Option<String>,
    /// Who writes, beside the server's own address.
    pub from_name: Option<String>,
    pub reply_to: Option<String>,
    /// The same in every try, so that who gets it twice can tell: `<id@domain>`.
    pub message_id: Option<String>,
    pub invitation: Option<Invitation>,
}

impl Mail {
    pub fn plain(to: impl Into<String>, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { to: to.into(), subject: subject.into(), text: text.into(), ..Self::default() }
    }
}

/// An appointment as the reader's calendar takes it (RFC 6047).
#[derive(Debug, Clone)]
pub struct Invitation {
    /// `REQUEST` or `CANCEL`, as in the text.
    pub method: &'static str,
    pub text: String,
}

#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: Mail) -> Result<(), PortError>;
}

/// Algo que queda sin responsable cuando una persona deja de trabajar, como una cita futura.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PorReasignar {
    /// Qué es: `cita`, `plan` (su horario semanal en una sede) o `clave_api` (una clave de integración que creó).
    pub tipo: &'static str,
    /// Ausente en los planes, y en las citas de una sede que usted no puede ver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<uuid::Uuid>,
    /// Ausente en las claves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    /// Cuándo empieza la cita.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desde: Option<jiff::Timestamp>,
}

/// What somebody leaves behind. Asked from below, in the transaction that deactivates the person.
#[async_trait]
pub trait Reasignables: Send + Sync {
    async fn of(&self, tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem>;
}

/// Una cita, en pocas palabras. De una sede que usted no puede ver, solo dónde y cuándo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct CitaBreve {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CitaId>,
    pub sede_id: SedeId,
    pub inicio: jiff::Timestamp,
}

/// Dos citas activas que se cruzarían si sus mascotas fueran una. De una sede que usted no puede ver, solo dónde y cuándo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct CitasQueChocan {
    /// El tiempo en que se cruzan.
    pub inicio: jiff::Timestamp,
    pub fin: jiff::Timestamp,
    pub sede_id: SedeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    pub otra_sede_id: SedeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otra_id: Option<CitaId>,
}

/// Una cita del expediente de una mascota.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct CitaDeMascota {
    pub id: CitaId,
    pub sede_id: SedeId,
    pub inicio: jiff::Timestamp,
    pub servicio: String,
    pub medico: String,
    /// Como `terminada` o `anulada`.
    pub estado: serde_json::Value,
    pub motivo: Option<String>,
}

/// Cómo cumplió un tutor sus citas en los últimos doce meses, en toda la cadena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Conducta {
    /// Citas a las que no asistió.
    pub inasistencias: i64,
    /// Citas que anuló con menos aviso que el que pide la cadena.
    pub anulaciones_tardias: i64,
    /// Cuándo se anotó la última falta.
    pub ultima: Option<jiff::Timestamp>,
    /// Con tantas faltas, la cadena le pide un pago previo o un depósito para reservar.
    pub exige_pago_previo: bool,
}

/// What the agenda does for a pet's record. Asked from below, in the transaction that changes the record.
#[async_trait]
pub trait AgendaDeMascotas: Send + Sync {
    /// Cancels all that lies ahead of a pet just marked as dead, in every sede of the chain.
    async fn anular_de_fallecida(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaBreve>, Problem>;
    /// What two pets have at the same time, anywhere.
    async fn que_chocan(&self, tx: &mut Tx, una: MascotaId, otra: MascotaId) -> Result<Vec<CitasQueChocan>, Problem>;
    /// Gives all appointments of a pet just merged to the one that goes on.
    async fn pasar(&self, tx: &mut Tx, de: MascotaId) -> Result<Vec<CitaId>, Problem>;
    /// What lies ahead of some pets, anywhere.
    async fn por_venir(&self, tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<CitaBreve>, Problem>;
    /// How an owner kept appointments.
    async fn conducta(&self, tx: &mut Tx, tutor: TutorId) -> Result<Conducta, Problem>;
    /// All of a pet's, in the sedes that the caller sees, newest first.
    async fn de_mascota(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaDeMascota>, Problem>;
    /// Gives appointments back to a pet that is merged no more.
    async fn devolver(&self, tx: &mut Tx, citas: &[CitaId], desde: MascotaId, a: MascotaId) -> Result<(), Problem>;
}

/// A POST to an address that somebody outside gave us.
#[derive(Debug)]
pub struct Call {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// What came back: any status, and the beginning of the body.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Bytes,
}

/// Calls that cannot be turned against our own network. Within seconds, and following nothing.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Why this URL will not be called, as far as it can be told without asking the network.
    fn check(&self, url: &str) -> Result<(), &'static str>;
    /// `Rejected`: the URL leads to where nothing may be called.
    async fn post(&self, call: Call) -> Result<Reply, PortError>;
}

/// What is left of a measure: of `limit` requests, `left`, until it begins anew in `reset` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Whose measure: `usuario`, `cadena`, `direccion`.
    pub policy: &'static str,
    pub limit: i64,
    pub left: i64,
    pub reset: i64,
}

impl From<Quota> for Problem {
    fn from(quota: Quota) -> Self {
        Self::new(crate::problem::kinds::TOO_FAST).retry_after(quota.reset.unsigned_abs())
    }
}

/// How much one may ask for. In memory: it is asked before every request.
pub trait Limits: Send + Sync {
    /// Counts a request of somebody who was recognised; `Err` with what was used up. `None`: nobody counts.
    fn take(&self, tenant: TenantId, actor: Actor) -> Result<Option<Quota>, Quota>;
}

/// A one-time code on its way to a phone.
#[derive(Debug, Clone, Copy)]
pub struct CodigoATelefono<'a> {
    /// The same key is the same message, however often it is handed over.
    pub clave: &'a str,
    /// E.164.
    pub a: &'a str,
    /// Of which chain, by name.
    pub cadena: &'a str,
    pub codigo: &'a str,
}

/// Phones, for whoever has to reach one and knows nothing of channels.
#[async_trait]
pub trait Telefonos: Send + Sync {
    /// Whether the chain has a way to phones.
    async fn hay(&self, tenant: TenantId) -> Result<bool, Problem>;
    /// Hands a code over, by the first way that takes it.
    async fn codigo(&self, tenant: TenantId, codigo: CodigoATelefono<'_>, intento: Intento) -> Result<(), Fallo>;
}

/// Whom a letter about a free hour would reach, for whoever offers it and knows nothing of channels.
#[async_trait]
pub trait Avisables: Send + Sync {
    /// Of these pets, those whose owner would be told of an hour in this sede.
    async fn de_una_hora(&self, tx: &mut Tx, sede: SedeId, mascotas: &[MascotaId]) -> Result<HashSet<MascotaId>, Problem>;
}

/// Extension of the routes.
#[derive(Clone)]
pub struct DeTelefonos(pub Arc<dyn Telefonos>);
