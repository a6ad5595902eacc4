//! The record of one call: what a list of runs shows, and what a run can be repeated from.
use crate::{Failure, Installed, Outcome, redact::Redactor};
use plugin_manifest::{Digest, Limits, World};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize)]
pub struct Corrida {
    pub id: Uuid,
    pub tenant: Uuid,
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    /// Of the configuration that it ran with, secrets apart.
    pub configuracion: Digest,
    pub mundo: World,
    pub operacion: &'static str,
    pub intento: u32,
    pub sandbox: bool,
    pub inicio: jiff::Timestamp,
    pub resultado: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    /// This one put the code away.
    pub cuarentena: bool,
    pub tiempos: Tiempos,
    pub uso: Uso,
    pub llamadas: Vec<Llamada>,
    pub registro: Vec<Linea>,
    /// Lines beyond the limit.
    pub lineas_perdidas: usize,
}

/// The record with what was asked and answered, without what is personal or secret, as everything that a guest or a person
/// wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Registro {
    #[serde(flatten)]
    pub corrida: Corrida,
    pub pedido: Value,
    pub respuesta: Value,
}

/// In microseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Tiempos {
    /// For its turn.
    pub espera: u64,
    /// From its turn to its answer.
    pub total: u64,
    /// In the guest's own code.
    pub cpu: u64,
}

/// How much of each limit was used, in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Uso {
    pub reloj: f32,
    pub cpu: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combustible: Option<f32>,
    pub memoria: f32,
    pub llamadas: f32,
    pub lineas: f32,
}

/// One call to the outside. Neither headers nor bodies: there are secrets in both.
#[derive(Debug, Clone, Serialize)]
pub struct Llamada {
    pub metodo: String,
    pub host: String,
    pub ruta: String,
    /// Of method, address and body: whether two were the same.
    pub huella: String,
    pub enviado: usize,
    pub recibido: usize,
    pub ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why it did not leave, or where it was sent on to, in words for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Linea {
    /// Since the beginning.
    pub ms: u64,
    pub nivel: &'static str,
    pub texto: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campos: Vec<(String, String)>,
}

/// What a guest used, absolutely.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    pub wall: Duration,
    pub cpu: Duration,
    pub fuel: u64,
    pub memory: usize,
    pub calls: u32,
    pub lines: usize,
}

impl Uso {
    pub(crate) fn of(used: &Used, limits: &Limits) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole * 1_000.0).round() as f32 / 10.0 } else { 0.0 };
        Self {
            reloj: share(used.wall.as_secs_f64(), limits.wall.0.as_secs_f64()),
            cpu: share(used.cpu.as_secs_f64(), limits.cpu.0.as_secs_f64()),
            combustible: limits.fuel.map(|whole| share(used.fuel as f64, whole as f64)),
            memoria: share(used.memory as f64, limits.memory.0 as f64),
            llamadas: share(used.calls.into(), limits.http_calls.into()),
            lineas: share(used.lines as f64, limits.log_lines as f64),
        }
    }
}

impl Corrida {
    pub(crate) fn begin(installed: &Installed, operation: &'static str, attempt: u32) -> Self {
        let (scope, world) = (installed.scope(), installed.plugin().world());
        Self {
            id: Uuid::now_v7(),
            tenant: scope.tenant,
            complemento: scope.plugin.to_string(),
            version: scope.version.to_string(),
            digest: scope.digest,
            configuracion: installed.configuracion(),
            mundo: world,
            operacion: operation,
            intento: attempt,
            sandbox: scope.sandbox,
            inicio: now(),
            resultado: Outcome::Host,
            detalle: None,
            cuarentena: false,
            tiempos: Tiempos::default(),
            uso: Uso::default(),
            llamadas: Vec::new(),
            registro: Vec::new(),
            lineas_perdidas: 0,
        }
    }
}

/// A run has a beginning that no caller decides.
#[expect(clippy::disallowed_methods, reason = "plugins are no part of a request: there is no Ctx here")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// What was asked, made into a document only for a record that somebody keeps: most runs of rules are not.
pub(crate) type Pedido = Box<dyn Fn() -> Value + Send + Sync>;

/// An answer or none, and the record of it.
pub struct Run<T> {
    pub result: Result<T, Failure>,
    pub corrida: Corrida,
    pub(crate) pedido: Pedido,
    /// Knows the secrets that the guest was shown.
    pub(crate) redactor: Redactor,
}

impl<T: std::fmt::Debug> std::fmt::Debug for Run<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Run").field("result", &self.result).field("corrida", &self.corrida).finish_non_exhaustive()
    }
}

impl<T: Serialize> Run<T> {
    /// Costs more than many a call: for a run that is kept or shown.
    pub fn registro(&self) -> Registro {
        let respuesta = self.result.as_ref().ok().map(|answer| serde_json::to_value(answer).unwrap_or_default());
        Registro {
            corrida: self.corrida.clone(),
            pedido: self.redactor.value((self.pedido)()),
            respuesta: self.redactor.value(respuesta.unwrap_or_default()),
        }
    }
}

impl<T> Run<T> {
    /// There is no answer, and something may have happened all the same: ask before it is tried again.
    pub fn may_have_happened(&self) -> bool {
        let sent = self.corrida.llamadas.iter().any(|call| call.enviada());
        match self.result.as_ref().map_err(|failure| failure.outcome) {
            Ok(_) => false,
            Err(Outcome::Indeterminate) => true,
            Err(outcome) => sent && outcome.is_failure(),
        }
    }
}

impl Llamada {
    /// It left, whatever came back.
    pub fn enviada(&self) -> bool {
        self.estado.is_some() || self.error.as_deref().is_none_or(|error| !crate::net::NOT_SENT.contains(&error))
    }
}
