use super::{Alert, Body, Called, Moment, Subscription, run};
use crate::{
    Failure, Guest, Outcome, Run,
    bindings::alerts::{AlertsPre, exports::huella::plugin::alert_rules::RuleError},
    run::Call,
};
use async_trait::async_trait;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Medical rules. Nothing that they say blocks by itself; one that does not run has to be shown as not run.
#[async_trait]
pub trait AlertPlugin: Send + Sync {
    async fn describe(&self) -> Run<Vec<Subscription>>;
    /// `wanted`: the members of `facts` that the rule reads, as it described them; the others are left out.
    async fn evaluate(&self, trigger: &str, facts: &Value, wanted: &[String], at: Moment) -> Run<Vec<Alert>>;
}

impl From<RuleError> for Failure {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::InvalidFacts(detail) | RuleError::InvalidConfig(detail) => Self::new(Outcome::InvalidInput, detail),
            RuleError::Internal(detail) => Self::new(Outcome::Internal, detail),
        }
    }
}

/// A rule sees what it asked for and nothing else of a patient.
struct Pruned<'a>(&'a Value, &'a [String]);

impl Serialize for Pruned<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Value::Object(all) = self.0 else { return self.0.serialize(out) };
        out.collect_map(all.iter().filter(|(name, _)| self.1.contains(name)))
    }
}

#[async_trait]
impl AlertPlugin for Called<AlertsPre<Guest>> {
    async fn describe(&self) -> Run<Vec<Subscription>> {
        let asked = Call { operation: "describe", attempt: 0, wall: Duration::MAX, pedido: Box::new(|| json!({})) };
        let pre = self.pre.clone();
        let body: Body<Vec<Subscription>> = Box::new(move |store, _| {
            Box::pin(async move {
                let guest = pre.instantiate_async(&mut *store).await?;
                Ok(Ok(guest.huella_plugin_alert_rules().call_describe(&mut *store).await?))
            })
        });
        run(&self.installed, asked, body).await
    }

    async fn evaluate(&self, trigger: &str, facts: &Value, wanted: &[String], at: Moment) -> Run<Vec<Alert>> {
        let facts = serde_json::to_string(&Pruned(facts, wanted)).unwrap_or_default();
        let asked = Arc::new((trigger.to_owned(), facts, at));
        let (pre, config, kept) = (self.pre.clone(), self.installed.config.clone(), asked.clone());
        let pedido = move || {
            let (trigger, facts, at) = &*kept;
            json!({ "trigger": trigger, "facts": serde_json::from_str::<Value>(facts).unwrap_or_default(), "at": at })
        };
        let call = Call { operation: "evaluate", attempt: 0, wall: Duration::MAX, pedido: Box::new(pedido) };
        let body: Body<Vec<Alert>> = Box::new(move |store, _| {
            Box::pin(async move {
                let (trigger, facts, at) = &*asked;
                let guest = pre.instantiate_async(&mut *store).await?;
                let rules = guest.huella_plugin_alert_rules();
                Ok(rules.call_evaluate(&mut *store, trigger, facts, at, &config).await?.map_err(Failure::from))
            })
        });
        run(&self.installed, call, body).await
    }
}
