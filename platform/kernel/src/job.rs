//! Work for later: asked for in a transaction, done outside of requests, at least once.
use crate::{Problem, Tx, store};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// A piece of work. Whoever does it finds it by its kind and reads its body.
#[derive(Debug)]
pub struct Job {
    pub(crate) tipo: &'static str,
    pub(crate) cuerpo: serde_json::Value,
    pub(crate) clave: Option<String>,
    pub(crate) intentos: i16,
    pub(crate) en: Option<Timestamp>,
}

impl Job {
    /// `tipo` is noun and verb: `webhook.entregar`.
    pub fn new(tipo: &'static str, cuerpo: impl Serialize) -> Self {
        Self { tipo, cuerpo: serde_json::to_value(cuerpo).unwrap_or_default(), clave: None, intentos: 20, en: None }
    }
    /// While work of this kind with this key waits, the same is not asked for again.
    #[must_use]
    pub fn once(mut self, clave: impl Into<String>) -> Self {
        self.clave = Some(clave.into());
        self
    }
    /// Not before.
    #[must_use]
    pub fn at(mut self, en: Timestamp) -> Self {
        self.en = Some(en);
        self
    }
    /// After so many failures it is dead.
    #[must_use]
    pub fn tries(mut self, intentos: i16) -> Self {
        self.intentos = intentos;
        self
    }
}

/// Why a piece of work is not done.
#[derive(Debug)]
pub enum Fallo {
    /// It may well succeed later. The text is kept and shown: nothing personal, nothing secret.
    Luego(String),
    /// The same, and not before so long: somebody outside said when.
    Tras(Duration, String),
    /// It never will.
    Nunca(String),
}

impl Fallo {
    /// Later, and when somebody outside said if they did.
    pub fn tras(espera: Option<Duration>, why: String) -> Self {
        match espera {
            Some(espera) => Self::Tras(espera, why),
            None => Self::Luego(why),
        }
    }
}

impl From<Problem> for Fallo {
    /// The kind of problem and nothing of its cause, which may quote an address or a key.
    fn from(problem: Problem) -> Self {
        Self::Luego(problem.status().to_string())
    }
}

/// Which try of how many this is.
#[derive(Debug, Clone, Copy)]
pub struct Intento {
    pub numero: i16,
    pub de: i16,
}

impl Intento {
    pub fn es_el_ultimo(self) -> bool {
        self.numero >= self.de
    }
}

impl Tx {
    /// Asks for work, if this transaction commits; `false` if the same waits already.
    pub async fn enqueue(&mut self, job: Job) -> Result<bool, Problem> {
        let new = store::enqueue(self, &job).await?;
        self.enqueued |= new;
        Ok(new)
    }
}
