//! One plugin on one host, as a chain would have it.
use anyhow::{Context, Result, bail};
use plugin_host::{
    Admission, Compiler, Corrida, Egress, Host, Installation, Installed, LocalKey, Options, Plugin, Profile, SealKey,
    conformance::{Bench, Settings},
    manifest::{Package, identity},
    memory::Memory,
};
use std::{fs, net::SocketAddr, path::Path, sync::Arc};
use uuid::Uuid;

/// What is compiled here stays here.
const SEAL: [u8; 32] = *b"this machine, this process, once";

pub struct Banco {
    host: Host,
    plugin: Arc<Plugin>,
}

/// What a chain configures.
pub type Ajustes = Settings;

impl Banco {
    /// The same plugin where conformance is tried: with a script in the place of every provider.
    pub async fn bench(path: &Path) -> Result<Bench> {
        let component = fs::read(path).with_context(|| path.display().to_string())?;
        let profile = Profile::from(Package::read(&component)?.manifest.world.world);
        let code = compiler()?.compile(&component, profile).await.context("no se pudo compilar")?;
        Ok(Bench::open(&component, &code)?)
    }

    /// `provider` answers in the place of every host that the manifest names.
    pub async fn open(path: &Path, provider: Option<SocketAddr>) -> Result<Self> {
        let component = fs::read(path).with_context(|| path.display().to_string())?;
        let package = Package::read(&component)?;
        let stand_ins = provider.into_iter().flat_map(|address| package.manifest.http.iter().map(move |rule| (rule.host.clone(), address)));
        let egress = Egress { loopback: provider.is_some(), stand_ins: stand_ins.collect(), ..Egress::default() };
        let host = Host::new(Options { at_once: 16, egress, ..Options::new(SealKey::new(&SEAL)) })?;
        let profile = Profile::from(package.manifest.world.world);
        let code = compiler()?.compile(&component, profile).await.context("no se pudo compilar")?;
        let sealed = host.seal(&identity(&component)?, profile, &code);
        let plugin = host.load(&component, &sealed, &Admission::Anyone)?;
        Ok(Self { host, plugin })
    }

    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// For a chain of its own: nothing is left of another case.
    pub fn install(&self, ajustes: &Ajustes) -> Result<Installed> {
        let tenant = Uuid::now_v7();
        let memory = Arc::new(Memory::default());
        ajustes.secretos.iter().for_each(|(name, value)| memory.put_secret(tenant, name, value));
        ajustes.claves.iter().for_each(|(slot, key)| memory.put_key(tenant, slot, LocalKey::Shared(key.clone().into_bytes())));
        let installation = Installation { tenant, sandbox: true, config: ajustes.config.clone() };
        self.host.install(self.plugin.clone(), installation, memory.ports()).map_err(|faults| crate::pack::listed("configuración", &faults))
    }
}

/// A program apart, beside this one: whoever runs plugins links no compiler.
fn compiler() -> Result<Compiler> {
    let beside = std::env::current_exe()?.with_file_name("huella-compilar");
    if !beside.is_file() {
        bail!("falta {}: cargo build --package huella-compilar", beside.display());
    }
    Ok(Compiler::at(beside))
}

/// How much of each limit a run used, for people.
pub fn usage(corrida: &Corrida) -> String {
    let uso = &corrida.uso;
    let fuel = uso.combustible.map(|share| format!(", combustible {share} %")).unwrap_or_default();
    format!("reloj {} %, CPU {} %{fuel}, memoria {} %, llamadas {} %", uso.reloj, uso.cpu, uso.memoria, uso.llamadas)
}
