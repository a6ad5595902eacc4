use super::{Alert, Body, Called, Moment, Subscription, run};
use crate::{
    Failure, Guest, Outcome, Run,
    bindings::alerts::{AlertsPre, exports::huella::plugin::alert_rules::RuleError},
    run::Call,
};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Medical rules. Nothing that they say blocks by itself; one that does not run has to be shown as not run.
#[async_trait]
pub trait AlertPlugin: Send + Sync {
    async fn describe(&self) -> Run<Vec<Subscription>>;
    /// `wanted`: the members of `facts` that the rule reads, as it described them; the others are left out.
    async fn evaluate(&self, trigger: String, facts: Value, wanted: &[String], at: Moment) -> Run<Vec<Alert>>;
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
fn prune(facts: Value, wanted: &[String]) -> Value {
    let Value::Object(all) = facts else { return facts };
    all.into_iter().filter(|(name, _)| wanted.contains(name)).collect::<Map<_, _>>().into()
}

#[async_trait]
impl AlertPlugin for Called<AlertsPre<Guest>> {
    async fn describe(&self) -> Run<Vec<Subscription>> {
        let asked = Call { operation: "describe", attempt: 0, wall: Duration::MAX, pedido: json!({}) };
        let pre = self.pre.clone();
        let body: Body<Vec<Subscription>> = Box::new(move |store, _| {
            Box::pin(async move {
                let guest = pre.instantiate_async(&mut *store).await?;
                Ok(Ok(guest.huella_plugin_alert_rules().call_describe(&mut *store).await?))
            })
        });
        run(&self.installed, asked, body).await
    }

    async fn evaluate(&self, trigger: String, facts: Value, wanted: &[String], at: Moment) -> Run<Vec<Alert>> {
        let (facts, config) = (prune(facts, wanted), self.installed.document().to_string());
        let pedido = json!({ "trigger": trigger, "facts": facts, "at": at });
        let asked = Call { operation: "evaluate", attempt: 0, wall: Duration::MAX, pedido };
        let (pre, facts) = (self.pre.clone(), facts.to_string());
        let body: Body<Vec<Alert>> = Box::new(move |store, _| {
            Box::pin(async move {
                let guest = pre.instantiate_async(&mut *store).await?;
                let rules = guest.huella_plugin_alert_rules();
                Ok(rules.call_evaluate(&mut *store, &trigger, &facts, &at, &config).await?.map_err(Failure::from))
            })
        });
        run(&self.installed, asked, body).await
    }
}
