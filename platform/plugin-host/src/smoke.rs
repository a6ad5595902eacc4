//! A first run, before anybody reviews a plugin: whatever it does, it has to end by itself. It reaches nobody: there is no
//! network, no secret and nothing remembered.
use crate::{
    Admission, Host, Installation, Installed, LoadError, Names, Options, Outcome, Profile, Run, SealKey,
    memory::Memory,
    v0_1::{CallContext, HttpMessage, Moment},
};
use async_trait::async_trait;
use plugin_manifest::{Fault, Package, World};
use serde_json::{Map, Value, json};
use std::{io, net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Facts of a dog as `hechos/v1` has them, on which rules are tried.
pub const FACTS: &str = include_str!("hechos.json");
const TODAY: &str = "2027-03-14";

/// Names that stand for nothing.
struct Nowhere;

#[async_trait]
impl Names for Nowhere {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(Vec::new())
    }
}

/// What is wrong with it; nothing for one that cannot be tried without a chain's configuration. `code`: as the compiler gave it.
pub async fn smoke(component: &[u8], code: &[u8]) -> Result<Vec<Fault>, LoadError> {
    let options = Options { at_once: 4, names: Arc::new(Nowhere), ..Options::new(SealKey::random()?) };
    let host = Host::new(options)?;
    let package = Package::read(component)?;
    let sealed = host.seal(&plugin_manifest::identity(component)?, Profile::from(package.manifest.world.world), code);
    let plugin = host.load(component, &sealed, &Admission::Anyone)?;
    let config = defaults(plugin.package.config_schema.as_ref());
    let installation = Installation { tenant: Uuid::now_v7(), sandbox: true, config };
    let Ok(installed) = host.install(plugin, installation, Arc::new(Memory::default()).ports()) else {
        return Ok(Vec::new());
    };
    Ok(match installed.plugin().world() {
        World::Alerts => rules(installed).await,
        _ => provider(installed).await,
    })
}

/// What the schema itself would fill in.
fn defaults(schema: Option<&Value>) -> Value {
    let properties = schema.and_then(|schema| schema["properties"].as_object()).into_iter().flatten();
    let given = properties.filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())));
    given.collect::<Map<_, _>>().into()
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
