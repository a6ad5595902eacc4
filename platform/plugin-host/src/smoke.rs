//! A first run, before anybody reviews a plugin: whatever it does, it has to end by itself. It reaches nobody. Then what its
//! world's conformance says of it, for whoever reviews.
use crate::{
    Installed, LoadError, Outcome, Run,
    conformance::{Bench, Case, Effort, Settings, Untried},
    v0_1::{CallContext, HttpMessage, Moment},
};
use plugin_manifest::{Fault, Package, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// Facts of a dog as `hechos/v1` has them, on which rules are tried.
pub const FACTS: &str = include_str!("hechos.json");
const TODAY: &str = "2027-03-14";

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Smoke {
    /// What nobody may ever run.
    pub faults: Vec<Fault>,
    /// What a person should know who decides: how many cases of conformance it passes, and each that it does not.
    pub notes: Vec<String>,
}

/// `code`: as the compiler gave it.
pub async fn smoke(component: &[u8], code: &[u8]) -> Result<Smoke, LoadError> {
    let settings = Settings::of(&Package::read(component)?);
    let bench = Bench::open(component, code)?;
    let installed = match bench.install(&settings) {
        Ok(installed) => installed,
        Err(untried) => return Ok(Smoke { faults: Vec::new(), notes: vec![not_tried(&untried)] }),
    };
    let faults = match installed.plugin().world() {
        World::Alerts => rules(installed).await,
        _ => provider(installed).await,
    };
    if !faults.is_empty() {
        return Ok(Smoke { faults, notes: Vec::new() });
    }
    let notes = match bench.conformance(&settings, None, Effort::SMOKE).await {
        Ok(cases) => told(&cases),
        Err(untried) => vec![not_tried(&untried)],
    };
    Ok(Smoke { faults, notes })
}

fn not_tried(untried: &Untried) -> String {
    let help = if matches!(untried, Untried::Settings(_)) { ". Ponga `default` o `examples` en el esquema" } else { "" };
    format!("no se probó: {untried}{help}")
}

fn told(cases: &[Case]) -> Vec<String> {
    let failed = cases.iter().filter_map(|case| Some(format!("falló «{}»: {}", case.name, case.outcome.as_ref().err()?)));
    let failed: Vec<String> = failed.collect();
    let enough = if failed.len() >= Effort::SMOKE.failures { "; no se probó más" } else { "" };
    let all = format!("{} de {} casos bien{enough}", cases.len() - failed.len(), cases.len());
    std::iter::once(all).chain(failed).collect()
}

fn ended<T>(run: &Run<T>, at: &str) -> Option<Fault> {
    let outcome = run.corrida.resultado;
    let broken = outcome.is_trap() || matches!(outcome, Outcome::Timeout | Outcome::Host | Outcome::Refused(_));
    let detail = run.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    broken.then(|| Fault::new(format!("/{at}"), format!("terminó mal ({}): {detail}", outcome.name())))
}

async fn rules(installed: Installed) -> Vec<Fault> {
    let Ok(rule) = installed.alerts() else { return Vec::new() };
    let described = rule.describe().await;
    if let Some(fault) = ended(&described, "describe") {
        return vec![fault];
    }
    let subscriptions = described.result.unwrap_or_default();
    if subscriptions.is_empty() {
        return vec![Fault::new("/describe", "no dice cuándo quiere que se le pregunte")];
    }
    let facts: Value = serde_json::from_str(FACTS).unwrap_or_default();
    let mut found = Vec::new();
    for wanted in &subscriptions {
        let at = || Moment { unix_ms: 1_805_000_000_000, today: TODAY.into() };
        let once = rule.evaluate(&wanted.trigger, &facts, &wanted.facts, at()).await;
        let again = rule.evaluate(&wanted.trigger, &facts, &wanted.facts, at()).await;
        found.extend(ended(&once, "evaluate"));
        if json!(once.result.as_ref().ok()) != json!(again.result.as_ref().ok()) {
            found.push(Fault::new("/evaluate", "con los mismos hechos dijo otra cosa"));
        }
        let nothing = rule.evaluate(&wanted.trigger, &json!({}), &wanted.facts, at()).await;
        found.extend(ended(&nothing, "evaluate"));
    }
    found
}

async fn provider(installed: Installed) -> Vec<Fault> {
    let world = installed.plugin().world();
    let mut found = Vec::new();
    let forged = HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers: Vec::new(), body: b"{\"entry\":[]}".to_vec() };
    let accepted = |accepted: bool| accepted.then(|| Fault::new("/handle-webhook", "aceptó un aviso sin firma"));
    match world {
        World::Notification => {
            let Ok(channel) = installed.notifications() else { return found };
            found.extend(ended(&channel.check().await, "check"));
            let run = channel.handle_webhook(context(), forged).await;
            found.extend(ended(&run, "handle-webhook"));
            found.extend(accepted(run.result.is_ok_and(|updates| !updates.is_empty())));
        }
        World::Payment => {
            let Ok(payments) = installed.payments() else { return found };
            found.extend(ended(&payments.check().await, "check"));
            let run = payments.handle_webhook(context(), forged).await;
            found.extend(ended(&run, "handle-webhook"));
            found.extend(accepted(run.result.is_ok_and(|outcome| outcome.provider_ref.is_some())));
        }
        World::Delivery => {
            let Ok(deliveries) = installed.deliveries() else { return found };
            found.extend(ended(&deliveries.check().await, "check"));
            let run = deliveries.handle_webhook(context(), forged).await;
            found.extend(ended(&run, "handle-webhook"));
            found.extend(accepted(run.result.is_ok_and(|job| job.is_some())));
        }
        World::Fiscal => {
            let Ok(fiscal) = installed.fiscal() else { return found };
            found.extend(ended(&fiscal.check().await, "check"));
        }
        World::Alerts => {}
    }
    found
}

fn context() -> CallContext {
    CallContext {
        idempotency_key: Uuid::now_v7().to_string(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 5_000,
        sandbox: true,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}
