//! The audit trail: what changed, written in the transaction of the change; what was read, in batches.
use crate::{
    Actor, Origin, Sedes,
    ids::{SedeId, TenantId},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// One change of one record. Personal values go in encrypted with the person's key
/// ([`crate::crypto::PersonKey::seal_text`]).
#[derive(Debug)]
pub struct Change {
    pub(crate) accion: &'static str,
    pub(crate) entidad: &'static str,
    pub(crate) id: Uuid,
    pub(crate) sede: Option<SedeId>,
    pub(crate) antes: Option<Value>,
    pub(crate) despues: Option<Value>,
}

impl Change {
    /// `accion` is a verb (`reservar`, `anular`, `cambiar`), `entidad` a noun (`cita`).
    pub fn new(accion: &'static str, entidad: &'static str, id: impl Into<Uuid>) -> Self {
        Self { accion, entidad, id: id.into(), sede: None, antes: None, despues: None }
    }
    pub fn sede(mut self, sede: SedeId) -> Self {
        self.sede = Some(sede);
        self
    }
    pub fn antes(mut self, value: impl Serialize) -> Self {
        self.antes = serde_json::to_value(value).ok();
        self
    }
    pub fn despues(mut self, value: impl Serialize) -> Self {
        self.despues = serde_json::to_value(value).ok();
        self
    }
    /// What it says of before and after, for whoever has to look.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.antes.iter().chain(&self.despues)
    }
    /// The same, for whoever has to write it otherwise: sealed, or not at all.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.antes.iter_mut().chain(&mut self.despues)
    }
}

/// Who read what kind of record, since the last batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reader {
    pub tenant: TenantId,
    pub actor: Actor,
    pub ip: std::net::IpAddr,
    pub entidad: &'static str,
}

/// The records that one reader saw since the last batch.
#[derive(Debug)]
pub struct ReadBatch {
    pub reader: Reader,
    pub first: Timestamp,
    pub ids: Vec<Uuid>,
}

/// Reads of personal and clinical records, kept in memory for at most a second. One audit row holds all
/// the records of a kind that one person saw in that time: at 5,000 reads a second a row each would cost
/// more than the reads.
#[derive(Default)]
pub struct ReadLog(Mutex<HashMap<Reader, (Timestamp, BTreeSet<Uuid>)>>);

impl ReadLog {
    /// Who was shown no record read none.
    pub fn note(&self, reader: Reader, now: Timestamp, ids: impl IntoIterator<Item = Uuid>) {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_none() {
            return;
        }
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.entry(reader).or_insert_with(|| (now, BTreeSet::new())).1.extend(ids);
    }

    /// Takes everything out; whoever takes it must write it.
    pub fn take(&self) -> Vec<ReadBatch> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let batch =
            |(reader, (first, ids)): (Reader, (Timestamp, BTreeSet<Uuid>))| ReadBatch { reader, first, ids: ids.into_iter().collect() };
        taken.into_iter().map(batch).collect()
    }
}

/// In whose name a transaction writes.
#[derive(Debug, Clone)]
pub struct Who {
    pub tenant: TenantId,
    pub actor: Actor,
    pub origin: Option<Origin>,
    pub now: Timestamp,
    pub sedes: Sedes,
    /// Of patients, only those that are known in these sedes.
    pub solo_sus_pacientes: bool,
}

impl Who {
    /// Whether there may be patients of the chain that are not seen.
    pub fn is_restricted(&self) -> bool {
        self.solo_sus_pacientes && self.sedes != Sedes::Cadena
    }
}
