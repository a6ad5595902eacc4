//! World `alerts`: facts of a pet in, alerts out. The same facts, moment and configuration give the same alerts.
mod hechos;

use crate::{Date, bindings::alerts::alert_rules as raw};
pub use hechos::{Alcance, Alergia, Desparasitacion, ESQUEMA, Hechos, Mascota, Peso, Problema, Tratamiento, Vacuna};
pub use raw::{RuleError, Severity, Subscription};
use serde::de::DeserializeOwned;

/// When the platform asks its rules.
pub mod trigger {
    /// Once a day, for every pet.
    pub const DIARIO: &str = "diario";
    /// A pet comes in.
    pub const LLEGADA: &str = "llegada";
    /// Something was written into its record.
    pub const CAMBIO: &str = "cambio";
}

pub trait Alerts: DeserializeOwned {
    /// When it wants to be asked, and which members of the facts it reads.
    fn describe() -> Vec<Subscription>;

    fn evaluate(&self, trigger: &str, hechos: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError>;
}

/// When it is, for the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub unix_ms: u64,
    pub today: Date,
}

/// What a vet should know, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert(raw::Alert);

impl Alert {
    /// `rule` is stable, as `vacunas.rabia`; so is the key that makes two alerts of a pet one, at first the rule itself.
    pub fn new(rule: impl Into<String>, severity: Severity, title: impl Into<String>) -> Self {
        let rule = rule.into();
        Self(raw::Alert {
            dedup_key: rule.clone(),
            rule_id: rule,
            severity,
            title: title.into(),
            detail: String::new(),
            due_date: None,
            evidence: Vec::new(),
            suggest_block: false,
        })
    }

    /// The reason, in words for a vet.
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }

    pub fn due(mut self, date: Date) -> Self {
        self.0.due_date = Some(date.to_string());
        self
    }

    /// A fact it rests on, as a JSON pointer: `/vacunas/3`.
    pub fn evidence(mut self, pointer: impl Into<String>) -> Self {
        self.0.evidence.push(pointer.into());
        self
    }

    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.dedup_key = key.into();
        self
    }

    pub fn suggest_block(mut self) -> Self {
        self.0.suggest_block = true;
        self
    }

    pub fn rule_id(&self) -> &str {
        &self.0.rule_id
    }
    pub fn severity(&self) -> Severity {
        self.0.severity
    }
    pub fn title(&self) -> &str {
        &self.0.title
    }
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
    pub fn due_date(&self) -> Option<Date> {
        self.0.due_date.as_deref()?.parse().ok()
    }
    pub fn facts_used(&self) -> &[String] {
        &self.0.evidence
    }
}

impl From<Alert> for raw::Alert {
    fn from(alert: Alert) -> Self {
        alert.0
    }
}

/// Asks for the pet and these lists of the facts whenever `trigger` happens.
pub fn subscribe(trigger: &str, lists: &[&str]) -> Subscription {
    let facts = std::iter::once("mascota").chain(lists.iter().copied()).map(str::to_owned).collect();
    Subscription { trigger: trigger.into(), facts }
}

/// From the documents as they cross the border to the rule and back.
pub(crate) fn evaluate<T: Alerts>(trigger: &str, facts: &str, at: &raw::Moment, config: &str) -> Result<Vec<Alert>, RuleError> {
    let rule: T = serde_json::from_str(config).map_err(|error| RuleError::InvalidConfig(error.to_string()))?;
    let hechos: Hechos = serde_json::from_str(facts).map_err(|error| RuleError::InvalidFacts(error.to_string()))?;
    let today = at.today.parse().map_err(|_| RuleError::InvalidFacts(format!("«{}» no es una fecha", at.today)))?;
    rule.evaluate(trigger, &hechos, Moment { unix_ms: at.unix_ms, today })
}
