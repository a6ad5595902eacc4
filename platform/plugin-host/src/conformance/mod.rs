//! What every plugin of a world has to bear, whatever it does: run by the developers' tool, and by the server on every version
//! before anybody reviews it. It reaches nobody: a script answers in the provider's place, inside this process.
mod bench;
mod channels;
mod deliveries;
mod fiscal;
mod payments;
mod providers;
mod rules;
mod script;

pub use bench::{Bench, Settings};
pub use script::{Answer, Provider, Script};

use crate::{Corrida, FACTS, Failure, Outcome, Run, v0_1::CallContext};
use plugin_manifest::World;
use serde_json::Value;
use uuid::Uuid;

/// One case, and what came of it.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    /// Why it is none that passes.
    pub outcome: Result<(), String>,
    /// Of its last call.
    pub corrida: Corrida,
}

/// How thoroughly.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often a rule has to say the same.
    pub repeats: usize,
    /// After so many cases that fail nobody looks further.
    pub failures: usize,
    /// What a call to a provider that never answers may take.
    pub patience_ms: u32,
}

impl Effort {
    /// A developer's, who wants to know all.
    pub const WHOLE: Self = Self { repeats: 1_000, failures: usize::MAX, patience_ms: 1_000 };
    /// The server's, which has others to serve.
    pub const SMOKE: Self = Self { repeats: 25, failures: 5, patience_ms: 500 };
}

/// Collects cases; `None` of a step means that enough failed.
pub(crate) struct Report {
    effort: Effort,
    cases: Vec<Case>,
}

impl Report {
    fn add(&mut self, name: impl Into<String>, outcome: Result<(), String>, corrida: &Corrida) -> Option<()> {
        self.cases.push(Case { name: name.into(), outcome, corrida: corrida.clone() });
        let failed = self.cases.iter().filter(|case| case.outcome.is_err()).count();
        (failed < self.effort.failures).then_some(())
    }
}

/// Why a plugin cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untried {
    #[error("es del mundo {0}")]
    World(World),
    #[error("su configuración no sirve para probarlo: {0}")]
    Settings(String),
    #[error("no dice cuándo quiere que se le pregunte: {0}")]
    Silent(String),
}

impl Bench {
    /// All cases of its world. `facts`: on which a rule is tried, if not on those of [`FACTS`]; or the document of an issuer.
    pub async fn conformance(&self, settings: &Settings, facts: Option<&Value>, effort: Effort) -> Result<Vec<Case>, Untried> {
        let mut report = Report { effort, cases: Vec::new() };
        match self.plugin().world() {
            World::Alerts => {
                let usual = serde_json::from_str(FACTS).unwrap_or_default();
                rules::run(&mut report, self, settings, facts.unwrap_or(&usual)).await?;
            }
            World::Notification => channels::run(&mut report, self, settings).await?,
            World::Payment => payments::run(&mut report, self, settings).await?,
            World::Fiscal => {
                let usual = serde_json::from_str(fiscal::DOCUMENTO).unwrap_or_default();
                fiscal::run(&mut report, self, settings, facts.unwrap_or(&usual)).await?;
            }
            World::Delivery => deliveries::run(&mut report, self, settings).await?,
        }
        Ok(report.cases)
    }
}

fn works<T>(run: &Run<T>) -> Result<(), String> {
    run.result.as_ref().map(|_| ()).map_err(|failure| format!("{}: {failure}", failure.outcome.name()))
}

fn named<T>(result: &Result<T, Failure>) -> &'static str {
    result.as_ref().err().map_or(Outcome::Ok.name(), |failure| failure.outcome.name())
}

/// As the first attempt of a chain in Lima.
fn first_attempt(deadline_ms: u32) -> CallContext {
    CallContext {
        idempotency_key: Uuid::now_v7().to_string(),
        attempt: 0,
        previous_ref: None,
        deadline_ms,
        sandbox: true,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}
