//! The host, and a plugin of one chain in it.
use crate::{
    Admission, Breaker, Egress, LoadError, Names, Places, Plugin, Ports, Profile, Queue, Scope, SealKey, SystemNames,
    conformance::Provider, cores::Cores, engine::Engines, load::Loader, net::Net,
};
use moka::sync::Cache;
use plugin_manifest::{Digest, Fault, Package};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use uuid::Uuid;

/// How a deployment runs plugins.
pub struct Options {
    /// Authenticates compiled code; the same on every instance that shares it.
    pub seal: SealKey,
    /// Instances that may be alive at once, a quarter as many rules.
    pub at_once: u32,
    /// Never more than there is room for.
    pub places: Places,
    /// That guests may compute on at once; all but one for those that compute for long.
    pub cores: usize,
    pub egress: Egress,
    pub names: Arc<dyn Names>,
    /// Who answers in the place of every provider: where plugins are tried, and nobody is reached.
    pub provider: Option<Arc<dyn Provider>>,
}

impl Options {
    pub fn new(seal: SealKey) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            seal,
            at_once: 512,
            places: Places::default(),
            cores,
            egress: Egress::default(),
            names: Arc::new(SystemNames),
            provider: None,
        }
    }
}

/// Runs plugins. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

pub(crate) struct Inner {
    loader: Loader,
    loaded: Cache<Digest, Arc<Plugin>>,
    pub queue: Queue,
    pub cores: Cores,
    pub breaker: Breaker,
    pub net: Arc<Net>,
}

impl Host {
    pub fn new(options: Options) -> Result<Self, LoadError> {
        let start = |error: wasmtime::Error| LoadError::Contract(format!("el motor no arranca: {error:#}"));
        let engines = Engines::new(options.at_once).map_err(start)?;
        let [io, pure] = [Profile::Io, Profile::Pure].map(|profile| profile.room(options.at_once) as usize);
        Ok(Self(Arc::new(Inner {
            loader: Loader::new(engines, options.seal).map_err(start)?,
            loaded: Cache::new(1_000),
            queue: Queue::new(options.places.within(io, pure)),
            cores: Cores::new(options.cores),
            breaker: Breaker::default(),
            net: Arc::new(Net::new(options.egress, options.names, options.provider)),
        })))
    }

    /// What the compiler gave, so that [`Host::load`] takes it.
    pub fn seal(&self, digest: &Digest, profile: Profile, code: &[u8]) -> Vec<u8> {
        self.0.loader.seal(digest, profile, code)
    }

    /// Reads, checks and links: some milliseconds of work, for what [`Host::admitted`] does not know.
    pub fn load(&self, component: &[u8], sealed: &[u8], admission: &Admission<'_>) -> Result<Arc<Plugin>, LoadError> {
        let plugin = Arc::new(self.0.loader.load(component, sealed, admission)?);
        let known = self.0.loaded.get_with(plugin.digest, || plugin.clone());
        // The same code, perhaps with a signature more than when it was loaded.
        known.signed_by(plugin.signers());
        Ok(known)
    }

    /// What is loaded, if those who signed it are still enough. Asks for no bytes: what they said was verified when they were
    /// read, and whether they may say it is looked up every time.
    pub fn admitted(&self, digest: &Digest, admission: &Admission<'_>) -> Option<Arc<Plugin>> {
        self.loaded(digest).filter(|plugin| plugin.is_admitted(admission))
    }

    pub fn loaded(&self, digest: &Digest) -> Option<Arc<Plugin>> {
        self.0.loaded.get(digest)
    }

    /// Stops this code everywhere, in the middle of what it does.
    pub fn withdraw(&self, digest: Digest) {
        self.0.breaker.withdraw(digest);
        if let Some(plugin) = self.0.loaded.get(&digest) {
            plugin.withdrawn.store(true, Ordering::Relaxed);
        }
    }

    pub fn restore(&self, digest: &Digest) {
        self.0.breaker.restore(digest);
        if let Some(plugin) = self.0.loaded.get(digest) {
            plugin.withdrawn.store(false, Ordering::Relaxed);
        }
    }

    /// Puts code away in a chain, as another instance did.
    pub fn quarantine(&self, tenant: Uuid, digest: Digest) {
        self.0.breaker.quarantine(tenant, digest);
    }

    /// Lets code out of quarantine.
    pub fn release(&self, tenant: Uuid, digest: Digest) {
        self.0.breaker.release(tenant, digest);
    }

    /// Lets code out of a quarantine that is nowhere written down `after` so long: there is nobody who could.
    pub fn release_unknown(&self, tenant: Uuid, digest: Digest, after: Duration) {
        self.0.breaker.release_unknown(tenant, digest, after);
    }

    /// The plugin as a chain has it; every wrong field of its configuration otherwise.
    pub fn install(&self, plugin: Arc<Plugin>, installation: Installation, ports: Ports) -> Result<Installed, Vec<Fault>> {
        let found = check_config(&plugin.package, &installation.config);
        if !found.is_empty() {
            return Err(found);
        }
        let scope = Scope {
            tenant: installation.tenant,
            plugin: plugin.id.clone(),
            version: plugin.version.clone(),
            digest: plugin.digest,
            sandbox: installation.sandbox,
        };
        let config = if installation.config.is_null() { json!({}) } else { installation.config };
        let configuracion = Digest::of(sorted(&config).to_string().as_bytes());
        Ok(Installed { host: self.0.clone(), plugin, scope, config: config.to_string().into(), configuracion, ports })
    }
}

/// With all members in order: the same document, however it was written.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            fields.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        other => other.clone(),
    }
}

/// What a chain decided about a plugin.
#[derive(Debug, Clone)]
pub struct Installation {
    pub tenant: Uuid,
    pub sandbox: bool,
    /// By the plugin's schema, without secrets.
    pub config: Value,
}

/// As [`Package::check_config`].
pub fn check_config(package: &Package, config: &Value) -> Vec<Fault> {
    package.check_config(config)
}

/// A plugin of one chain. The modules named by version make of it what domains call.
#[derive(Clone)]
pub struct Installed {
    pub(crate) host: Arc<Inner>,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) scope: Scope,
    /// As guests get it.
    pub(crate) config: Arc<str>,
    configuracion: Digest,
    pub(crate) ports: Ports,
}

impl Installed {
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The digest of its configuration, as runs have it.
    pub fn configuracion(&self) -> Digest {
        self.configuracion
    }
}
