//! A letter to somebody outside: asked for in the transaction that makes it due, written from the chain's template and
//! sent after the commit by whoever does that work (`alertas`). Who asks needs to know nothing of either.
use crate::{
    Job, Problem, Tx,
    crypto::Keyring,
    ids::{SedeId, TenantId, TutorId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of work that sending a letter is.
pub const ENVIAR: &str = "aviso.enviar";
/// Tries of one letter: about twenty hours.
const TRIES: i16 = 30;
/// What a letter is sealed for while it waits.
const PURPOSE: &str = "correo";

/// Who gets it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destino {
    /// At the address that the owner has when it leaves.
    Tutor(TutorId),
    /// Somebody who may not be registered yet.
    Direccion(String),
}

/// A letter to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Correo {
    /// The kind of letter, which is the name of its template: `cita_reservada`.
    pub tipo: String,
    /// Of one kind, the same letter is sent once.
    pub clave: String,
    pub destino: Destino,
    /// The sede it speaks for; `None`: the chain.
    pub sede: Option<SedeId>,
    /// What the template can say.
    pub datos: Value,
    /// From then on it is of no use.
    pub vence: Option<Timestamp>,
}

impl Correo {
    pub fn new(tipo: impl Into<String>, clave: impl Into<String>, destino: Destino) -> Self {
        Self { tipo: tipo.into(), clave: clave.into(), destino, sede: None, datos: json!({}), vence: None }
    }
    #[must_use]
    pub fn sede(mut self, sede: SedeId) -> Self {
        self.sede = Some(sede);
        self
    }
    #[must_use]
    pub fn datos(mut self, datos: impl Serialize) -> Self {
        self.datos = serde_json::to_value(datos).unwrap_or_default();
        self
    }
    #[must_use]
    pub fn vence(mut self, en: Timestamp) -> Self {
        self.vence = Some(en);
        self
    }

    /// From the body of the work.
    pub fn open(keyring: &Keyring, tenant: TenantId, cuerpo: &Value) -> Result<Self, Problem> {
        let sealed = cuerpo["sellado"].as_str().unwrap_or_default();
        let plain = keyring.open_for_tenant(tenant, PURPOSE, sealed)?;
        serde_json::from_slice(&plain).map_err(Problem::internal)
    }
}

impl Tx {
    /// Asks for a letter, if this transaction commits; `false` if the same waits already. It is sealed: addresses, links
    /// and codes are not for whoever sees the queue.
    pub async fn enviar(&mut self, correo: &Correo) -> Result<bool, Problem> {
        let plain = serde_json::to_vec(correo).map_err(Problem::internal)?;
        let sellado = self.seal_secret(PURPOSE, plain)?;
        let body = json!({ "tema": correo.tipo, "sellado": sellado });
        self.enqueue(Job::new(ENVIAR, body).once(format!("{}:{}", correo.tipo, correo.clave)).tries(TRIES)).await
    }
}
