//! `plugin.toml`.
use crate::{Asked, Fault, Limits, Size, WorldRef, faults, world::is_kept};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

/// What a plugin says of itself. Everything that it wants to touch is here, each with a reason for the people who agree to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub manifest: u32,
    /// Reverse DNS: `pe.niubiz.payments`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$"), length(max = 100))]
    pub id: String,
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$"), length(max = 40))]
    pub version: String,
    pub name: Localized,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Localized>,
    pub world: WorldRef,
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]*$"), length(max = 60))]
    pub publisher: String,
    #[schemars(length(min = 1, max = 60))]
    pub license: String,
    /// The oldest release of Huella that it works with, as `2027.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{4}\\.[0-9]{1,2}$"))]
    pub min_host: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub http: Vec<HttpRule>,
    #[serde(default)]
    pub permissions: Permissions,
    #[serde(default)]
    pub limits: Asked,
    /// What the portal offers: `methods`, `currencies`, `features`…
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capabilities: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigFiles>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub webhooks: Vec<Webhook>,
}

/// A text for people. Spanish always, other languages as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    #[schemars(length(min = 1, max = 400))]
    pub es: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 400))]
    pub en: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    Production,
    Sandbox,
}

/// A host that may be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpRule {
    /// A name, or `*.` and the end of one.
    #[schemars(regex(pattern = "^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)*$"), length(max = 253))]
    pub host: String,
    /// 443 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// All unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^[A-Z]+$")))]
    pub methods: Vec<String>,
    /// Each a path, or the beginning of one and `*`. All unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^/[^*?#]*\\*?$")))]
    pub paths: Vec<String>,
    /// Both unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    pub reason: Localized,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crypto: Option<CryptoUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateUse {
    /// All values of a chain together.
    pub quota: Size,
    pub reason: Localized,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsUse {
    #[schemars(length(min = 1, max = 16), inner(regex(pattern = "^[a-z][a-z0-9_.-]*$")))]
    pub topics: Vec<String>,
    pub reason: Localized,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CryptoUse {
    /// Key slots of the configuration.
    #[schemars(length(min = 1, max = 16), inner(regex(pattern = "^[a-z][a-z0-9-]*$")))]
    pub keys: Vec<String>,
    /// As `hmac-sha256`.
    #[schemars(length(min = 1))]
    pub algs: Vec<String>,
    pub reason: Localized,
}

/// Files beside the manifest; [`crate::Package`] carries their contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigFiles {
    /// JSON Schema 2020-12 with `x-secret` and `x-key-slot`.
    pub schema: String,
    /// How a form shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]*$"), length(max = 40))]
    pub name: String,
    /// The secret that a provider sends back when it asks whether this address is ours (`hub.verify_token`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 60))]
    pub handshake: Option<String>,
}

const MOST_STATE: Size = Size::mib(16);
const ALGORITHMS: [&str; 5] = ["rsa-pkcs1-sha256", "ecdsa-p256-sha256", "ed25519", "hmac-sha256", "hmac-sha512"];

static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(Manifest).to_value());

impl Manifest {
    /// The format as a JSON Schema, for editors and for whoever writes one.
    pub fn schema() -> &'static Value {
        &SCHEMA
    }

    pub fn from_toml(text: &str) -> Result<Self, Vec<Fault>> {
        let value: Value = toml::from_str(text).map_err(|error| vec![Fault::new("", format!("no es TOML: {}", error.message()))])?;
        Self::from_json(value)
    }

    /// With every fault, not the first.
    pub fn from_json(value: Value) -> Result<Self, Vec<Fault>> {
        let found = faults(Self::schema(), &value);
        if !found.is_empty() {
            return Err(found);
        }
        let manifest: Self = serde_json::from_value(value).map_err(|error| vec![Fault::new("", error.to_string())])?;
        match manifest.contradictions() {
            none if none.is_empty() => Ok(manifest),
            found => Err(found),
        }
    }

    /// What a schema cannot say.
    fn contradictions(&self) -> Vec<Fault> {
        let world = self.world.world;
        let mut found = Limits::refuse(world, &self.limits);
        if !is_kept(&self.world.version) {
            found.push(Fault::new("/world", format!("esta versión de Huella cumple el contrato {}", crate::CONTRACT)));
        }
        if world.is_pure() {
            let wants = [
                ("/http", !self.http.is_empty()),
                ("/permissions", self.permissions != Permissions::default()),
                ("/webhooks", !self.webhooks.is_empty()),
            ];
            found.extend(wants.iter().filter(|(_, is)| *is).map(|(at, _)| Fault::new(*at, "una regla de alertas no toca nada afuera")));
        }
        if self.permissions.state.as_ref().is_some_and(|state| state.quota > MOST_STATE) {
            found.push(Fault::new("/permissions/state/quota", format!("puede ser como máximo {MOST_STATE}")));
        }
        let algs = self.permissions.crypto.iter().flat_map(|crypto| crypto.algs.iter().enumerate());
        found
            .extend(algs.filter(|(_, alg)| !ALGORITHMS.contains(&alg.as_str())).map(|(at, _)| {
                Fault::new(format!("/permissions/crypto/algs/{at}"), format!("debe ser uno de: {}", ALGORITHMS.join(", ")))
            }));
        found
    }

    pub fn limits(&self) -> Limits {
        Limits::with(self.world.world, &self.limits)
    }
}

impl HttpRule {
    /// Whether it lets this call out.
    pub fn allows(&self, environment: Environment, method: &str, host: &str, port: u16, path: &str) -> bool {
        self.is_of(host)
            && port == self.port()
            && self.environment.is_none_or(|only| only == environment)
            && self.has_method(method)
            && self.has_path(path)
    }

    /// Whether it is about this host, whatever it lets out to it.
    pub fn is_of(&self, host: &str) -> bool {
        match self.host.strip_prefix('*') {
            Some(end) => host.strip_suffix(end).is_some_and(|front| !front.is_empty()),
            None => host == self.host,
        }
    }

    pub fn port(&self) -> u16 {
        self.port.unwrap_or(443)
    }

    pub fn has_method(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|known| known == method)
    }

    pub fn has_path(&self, path: &str) -> bool {
        let is = |rule: &String| match rule.strip_suffix('*') {
            Some(front) => path.starts_with(front),
            None => path == rule,
        };
        self.paths.is_empty() || self.paths.iter().any(is)
    }
}
