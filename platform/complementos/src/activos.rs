//! What whoever runs plugins reads and writes here: what is switched on, whose signature counts, what plugins keep, secrets and keys,
//! and the record of every call.
use crate::archivos;
use bytes::Bytes;
use jiff::Timestamp;
use kernel::{App, Problem, Tx, ids::SedeId};
use plugin_manifest::{Digest, Package, Trust, World};
use serde_json::Value;
use uuid::Uuid;

/// Bus topic: something changed, ask again. The body is a [`Cambio`] as JSON.
pub const CAMBIO: &str = "complementos";

/// A plugin as a chain has it.
#[derive(Debug, Clone)]
pub struct Activo {
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    pub mundo: World,
    pub sandbox: bool,
    pub config: Value,
    /// Of the installation: goes up with every change.
    pub revision: i32,
    /// `None`: the whole chain.
    pub sedes: Option<Vec<SedeId>>,
}

/// A version as it was uploaded.
#[derive(Debug, Clone)]
pub struct VersionPublicada {
    pub digest: Digest,
    pub complemento: String,
    pub version: String,
    pub mundo: World,
    pub editor: String,
    pub estado: String,
    pub paquete: Package,
}

/// A run, to be kept.
#[derive(Debug, Clone)]
pub struct CorridaNueva {
    pub id: Uuid,
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    pub mundo: World,
    pub operacion: String,
    pub intento: u32,
    pub sandbox: bool,
    pub inicio: Timestamp,
    pub resultado: String,
    pub detalle: Option<String>,
    /// This one put the code away.
    pub cuarentena: bool,
    /// The whole record, redacted by the host.
    pub documento: Value,
}

/// Enabled, not quarantined, not withdrawn, its module on.
pub async fn activos(_tx: &mut Tx, _mundo: World) -> Result<Vec<Activo>, Problem> {
    Err(Problem::internal("pending"))
}

/// Whatever its state: for a check and a dry run.
pub async fn instalado(_tx: &mut Tx, _complemento: &str) -> Result<Option<Activo>, Problem> {
    Err(Problem::internal("pending"))
}

pub async fn version(_tx: &mut Tx, _digest: &Digest) -> Result<Option<VersionPublicada>, Problem> {
    Err(Problem::internal("pending"))
}

/// The signed bytes.
pub async fn componente(app: &App, digest: &Digest) -> Result<Bytes, Problem> {
    archivos::componente(app, digest).await
}

/// Sealed code, if it was compiled for that target.
pub async fn compilado(app: &App, digest: &Digest, objetivo: &str) -> Result<Option<Bytes>, Problem> {
    archivos::compilado(app, digest, objetivo).await
}

pub async fn guardar_compilado(app: &App, digest: &Digest, objetivo: &str, sellado: Bytes) -> Result<(), Problem> {
    archivos::guardar_compilado(app, digest, objetivo, sellado).await
}

/// Publishers, platform keys, revoked, withdrawn; in a sandbox its developers too.
pub async fn confianza(_tx: &mut Tx) -> Result<Trust, Problem> {
    Err(Problem::internal("pending"))
}

/// A secret of the configuration.
pub async fn secreto(_tx: &mut Tx, _complemento: &str, _nombre: &str) -> Result<Option<String>, Problem> {
    Err(Problem::internal("pending"))
}

/// A key slot: its kind (`rsa`, `hmac`…) and its bytes (PKCS#12, PEM or raw).
pub async fn clave_de_firma(_tx: &mut Tx, _complemento: &str, _ranura: &str) -> Result<Option<(String, Vec<u8>)>, Problem> {
    Err(Problem::internal("pending"))
}

/// Also writes quarantine rows.
pub async fn anotar_corridas(_tx: &mut Tx, _corridas: &[CorridaNueva]) -> Result<(), Problem> {
    Err(Problem::internal("pending"))
}

/// Small values that a plugin keeps, up to its quota.
pub mod estado {
    use super::*;

    pub async fn get(_tx: &mut Tx, _complemento: &str, _clave: &str) -> Result<Option<Vec<u8>>, Problem> {
        Err(Problem::internal("pending"))
    }
    /// Whether it fits. `quota`: bytes of all keys and values together.
    pub async fn set(
        _tx: &mut Tx,
        _complemento: &str,
        _clave: &str,
        _valor: &[u8],
        _vence: Option<Timestamp>,
        _quota: u64,
    ) -> Result<bool, Problem> {
        Err(Problem::internal("pending"))
    }
    pub async fn delete(_tx: &mut Tx, _complemento: &str, _clave: &str) -> Result<(), Problem> {
        Err(Problem::internal("pending"))
    }
    /// What a swap came to.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Cambiado {
        Si,
        /// It was something else.
        No,
        SinEspacio,
    }
    /// Puts `nuevo` in the place of `antes` (`None`: of nothing).
    pub async fn swap(
        _tx: &mut Tx,
        _complemento: &str,
        _clave: &str,
        _antes: Option<&[u8]>,
        _nuevo: &[u8],
        _quota: u64,
    ) -> Result<Cambiado, Problem> {
        Err(Problem::internal("pending"))
    }
}

/// A message that came to a plugin's webhook, as it came.
#[derive(Debug, Clone)]
pub struct MensajeGancho {
    pub complemento: String,
    pub nombre: String,
    pub cabeceras: Vec<(String, String)>,
    pub cuerpo: Vec<u8>,
    pub recibido_en: Timestamp,
}

/// For the job [`GANCHO`]; `None` once it was attended to.
pub async fn mensaje_de_gancho(_tx: &mut Tx, _id: Uuid) -> Result<Option<MensajeGancho>, Problem> {
    Err(Problem::internal("pending"))
}

/// It was dealt with: its words go.
pub async fn gancho_atendido(_tx: &mut Tx, _id: Uuid) -> Result<(), Problem> {
    Err(Problem::internal("pending"))
}

/// The kind of work that a webhook's message is: body `{"id": …}`.
pub const GANCHO: &str = "complemento.gancho";
