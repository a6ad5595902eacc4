//! A host, its compiler and two chains.
use crate::codigo;
use plugin_host::{
    Admission, Compiler, Egress, Host, Installation, Installed, Names, Options, Places, Plugin, Profile, Run, SealKey, SystemNames,
    manifest::{Package, identity},
    memory::Memory,
    v0_1::{Alert, AlertPlugin, Moment, NotificationPlugin},
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::Command,
    sync::{Arc, LazyLock},
};
use uuid::Uuid;

pub const LIMA: Uuid = Uuid::from_u128(1);
pub const CUSCO: Uuid = Uuid::from_u128(2);

/// Built apart: in one build with the host it would bring its compiler into it.
pub static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = std::env::current_exe().expect("this program");
    let folder = here.parent().and_then(|deps| deps.parent()).expect("target").to_owned();
    let release: &[&str] = if folder.ends_with("release") { &["--release"] } else { &[] };
    let built = Command::new(env!("CARGO")).args(["build", "--package", "huella-compilar"]).args(release).status().expect("cargo");
    assert!(built.success(), "huella-compilar does not build");
    folder.join("huella-compilar")
});
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::at(PROGRAM.as_path()));

pub fn compiler() -> &'static Compiler {
    &COMPILER
}

pub struct Mundo {
    pub host: Host,
    pub memory: Arc<Memory>,
}

pub fn options() -> Options {
    Options { at_once: 64, ..Options::new(SealKey::new(&[9; 32])) }
}

impl Mundo {
    pub fn new() -> Self {
        Self::with(options())
    }

    pub fn with(options: Options) -> Self {
        Self { host: Host::new(options).expect("a host"), memory: Arc::default() }
    }

    /// With this machine in the place of the internet.
    pub fn online(stand_in: std::net::SocketAddr) -> Self {
        let egress = Egress { loopback: true, stand_ins: [("api.example.pe".to_owned(), stand_in)].into(), ..Egress::default() };
        Self::with(Options { egress, names: Arc::new(SystemNames), ..options() })
    }

    pub fn naming(names: Arc<dyn Names>) -> Self {
        Self::with(Options { names, ..options() })
    }

    pub fn with_places(places: Places) -> Self {
        Self::with(Options { places, ..options() })
    }

    pub async fn sealed(&self, packaged: &[u8]) -> Vec<u8> {
        let world = Package::read(packaged).expect("a package").manifest.world.world;
        let profile = Profile::from(world);
        let code = compiler().compile(packaged, profile).await.expect("compiled");
        self.host.seal(&identity(packaged).expect("an identity"), profile, &code)
    }

    pub async fn load(&self, packaged: &[u8]) -> Arc<Plugin> {
        let sealed = self.sealed(packaged).await;
        self.host.load(packaged, &sealed, &Admission::Anyone).expect("loaded")
    }

    pub fn install(&self, plugin: &Arc<Plugin>, tenant: Uuid, config: Value) -> Installed {
        let installation = Installation { tenant, sandbox: false, config };
        self.host.install(plugin.clone(), installation, self.memory.ports()).expect("installed")
    }

    /// A module that does `check`, of Lima.
    pub async fn channel(&self, module: &str, manifest: Value, schema: Option<Value>) -> Arc<dyn NotificationPlugin> {
        let packaged = packaged("notification", module, manifest, schema);
        self.install(&self.load(&packaged).await, LIMA, json!({})).notifications().expect("a channel")
    }

    pub async fn rule(&self, module: &str) -> Arc<dyn AlertPlugin> {
        let packaged = packaged("alerts", module, json!({}), None);
        self.install(&self.load(&packaged).await, LIMA, json!({})).alerts().expect("a rule")
    }
}

pub fn packaged(world: &str, module: &str, more: Value, schema: Option<Value>) -> Vec<u8> {
    codigo::package(&codigo::component(world, module), codigo::manifest(world, more), schema)
}

pub async fn evaluate(rule: &dyn AlertPlugin, facts: Value) -> Run<Vec<Alert>> {
    let wanted: Vec<String> = facts.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    rule.evaluate("consulta", &facts, &wanted, Moment { unix_ms: 0, today: "2027-03-14".into() }).await
}
