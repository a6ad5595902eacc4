//! One plugin on a host of its own, as a chain would have it.
use super::{Script, Untried};
use crate::{Admission, Host, Installation, Installed, LoadError, LocalKey, Names, Options, Plugin, Profile, SealKey, memory::Memory};
use async_trait::async_trait;
use plugin_manifest::{Package, identity};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, io, net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Names that stand for nothing.
struct Nowhere;

#[async_trait]
impl Names for Nowhere {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(Vec::new())
    }
}

/// What a chain configures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub config: Value,
    pub secretos: BTreeMap<String, String>,
    /// Keys for HMAC.
    pub claves: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { config: json!({}), secretos: BTreeMap::new(), claves: BTreeMap::new() }
    }
}

impl Settings {
    /// What the schema itself gives, by its defaults, examples and choices, and something for each secret and key.
    pub fn of(package: &Package) -> Self {
        let elsewhere = |name: &str| package.secrets().contains_key(name) || package.key_slots().contains_key(name);
        let properties = package.config_schema.as_ref().and_then(|schema| schema["properties"].as_object()).into_iter().flatten();
        let given = properties.filter(|(name, _)| !elsewhere(name)).filter_map(|(name, property)| Some((name.clone(), sample(property)?)));
        let made_up = |names: Vec<&str>| names.into_iter().map(|name| (name.to_owned(), format!("de-prueba-{name}"))).collect();
        Self {
            config: given.collect::<Map<_, _>>().into(),
            secretos: made_up(package.secrets().into_keys().collect()),
            claves: made_up(package.key_slots().into_keys().collect()),
        }
    }
}

fn sample(property: &Value) -> Option<Value> {
    let first = |list: &str| property[list].as_array().and_then(|all| all.first()).cloned();
    property.get("default").cloned().or_else(|| property.get("const").cloned()).or_else(|| first("examples")).or_else(|| first("enum"))
}

pub struct Bench {
    host: Host,
    plugin: Arc<Plugin>,
    pub(super) provider: Script,
}

impl Bench {
    /// `code`: as the compiler gave it, for this machine.
    pub fn open(component: &[u8], code: &[u8]) -> Result<Self, LoadError> {
        let provider = Script::default();
        let options = Options {
            at_once: 4,
            // Whoever is served meanwhile has the others.
            cores: 1,
            names: Arc::new(Nowhere),
            provider: Some(Arc::new(provider.clone())),
            ..Options::new(SealKey::random()?)
        };
        let host = Host::new(options)?;
        let world = Package::read(component)?.manifest.world.world;
        let sealed = host.seal(&identity(component)?, Profile::from(world), code);
        let plugin = host.load(component, &sealed, &Admission::Anyone)?;
        Ok(Self { host, plugin, provider })
    }

    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// For a chain of its own: nothing is left of another case.
    pub fn install(&self, settings: &Settings) -> Result<Installed, Untried> {
        let (tenant, memory) = (Uuid::now_v7(), Arc::new(Memory::default()));
        settings.secretos.iter().for_each(|(name, value)| memory.put_secret(tenant, name, value));
        settings.claves.iter().for_each(|(slot, key)| memory.put_key(tenant, slot, LocalKey::Shared(key.clone().into_bytes())));
        let installation = Installation { tenant, sandbox: true, config: settings.config.clone() };
        self.host.install(self.plugin.clone(), installation, memory.ports()).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Untried::Settings(faults.join("; "))
        })
    }
}
