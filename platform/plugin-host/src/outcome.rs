//! How a call ended.
use crate::{Refusal, bindings::io::huella::plugin::types::PluginError};
use serde::Serialize;
use std::time::Duration;

/// What was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Time in the guest's own code.
    Cpu,
    /// Instructions.
    Combustible,
    Memoria,
    Tablas,
    Pila,
    /// What it wanted to hand over at once.
    Entrega,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Ok,
    Rejected,
    NotAuthorized,
    InvalidInput,
    Unsupported,
    RetryLater,
    /// The guest does not know whether it happened.
    Indeterminate,
    /// The guest says that it is broken.
    Internal,
    Trap,
    Timeout,
    Limit(Limit),
    /// Nothing was run.
    Refused(Refusal),
    /// The host is broken.
    Host,
}

impl Outcome {
    /// Counts against the operation.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Internal | Self::Host | Self::Timeout) || self.is_trap()
    }

    /// Counts against the code.
    pub fn is_trap(self) -> bool {
        matches!(self, Self::Trap | Self::Limit(_))
    }

    /// Whatever it says, it works.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Ok | Self::Rejected | Self::NotAuthorized | Self::InvalidInput | Self::Unsupported)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{detail}")]
pub struct Failure {
    pub outcome: Outcome,
    /// In words for people. May come from the plugin: shown, never believed.
    pub detail: String,
    /// As the other side gives it.
    pub code: Option<String>,
    pub field: Option<String>,
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), code: None, field: None, retry_after: None }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (detail, wait) = match refusal {
            Refusal::Descansa { segundos } => ("falló varias veces seguidas y descansa", Some(Duration::from_secs(segundos))),
            Refusal::Cuarentena => ("se detuvo por errores repetidos y está en cuarentena", None),
            Refusal::Retirado => ("fue retirado", None),
        };
        Self { retry_after: wait, ..Self::new(Outcome::Refused(refusal), format!("el complemento {detail}")) }
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        match error {
            PluginError::NotAuthorized(detail) => Self::new(Outcome::NotAuthorized, detail),
            PluginError::Rejected(no) => Self { code: Some(no.code), field: no.field, ..Self::new(Outcome::Rejected, no.message) },
            PluginError::RetryLater(ms) => {
                let wait = ms.map(|ms| Duration::from_millis(ms.into()));
                Self { retry_after: wait, ..Self::new(Outcome::RetryLater, "conviene intentarlo más tarde") }
            }
            PluginError::Indeterminate(detail) => Self::new(Outcome::Indeterminate, detail),
            PluginError::InvalidInput(detail) => Self::new(Outcome::InvalidInput, detail),
            PluginError::Unsupported(detail) => Self::new(Outcome::Unsupported, detail),
            PluginError::Internal(detail) => Self::new(Outcome::Internal, detail),
        }
    }
}

impl Limit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "tiempo de cálculo",
            Self::Combustible => "instrucciones",
            Self::Memoria => "memoria",
            Self::Tablas => "tablas",
            Self::Pila => "pila",
            Self::Entrega => "lo que puede entregar de una vez",
        }
    }
}

impl Outcome {
    /// For a metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Rejected => "rejected",
            Self::NotAuthorized => "not_authorized",
            Self::InvalidInput => "invalid_input",
            Self::Unsupported => "unsupported",
            Self::RetryLater => "retry_later",
            Self::Indeterminate => "indeterminate",
            Self::Internal => "internal",
            Self::Trap => "trap",
            Self::Timeout => "timeout",
            Self::Limit(_) => "limit",
            Self::Refused(_) => "refused",
            Self::Host => "host",
        }
    }
}
