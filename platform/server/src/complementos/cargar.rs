//! From what a chain switched on to something that can be called.
use super::{Complementos, LONGEST_WRONG, puertos::Puertos};
use ::complementos::{self as registro, Activo, Detenido};
use bytes::Bytes;
use kernel::{Problem, Tx, ids::TenantId};
use plugin_host::{
    Admission, Host, Installation, Installed, LoadError, Plugin, Profile,
    manifest::{Digest, Trust, World},
    v0_1::Subscription,
};
use serde_json::Value;
use std::sync::{Arc, OnceLock, PoisonError, atomic::Ordering};

/// What a chain has of one world, as of the last change.
pub type Puestos = Arc<DelMundo>;

pub struct DelMundo {
    pub puestos: Vec<Puesto>,
    /// On, and kept from running by the registry.
    pub detenidos: Vec<Detenido>,
}

/// A plugin that is switched on, and whether it can run.
pub struct Puesto {
    pub activo: Activo,
    /// Why it cannot, in words for the chain.
    pub listo: Result<Listo, String>,
}

pub struct Listo {
    pub installed: Installed,
    /// As people know it.
    pub nombre: String,
    /// When a rule wants to be asked, once it was asked that.
    pub suscripciones: OnceLock<Vec<Subscription>>,
}

impl Puesto {
    pub fn nombre(&self) -> &str {
        self.listo.as_ref().map_or(&self.activo.complemento, |listo| &listo.nombre)
    }
}

impl Complementos {
    /// The plugins of a chain that are switched on. From memory, as long as nothing changed.
    pub async fn puestos(&self, tenant: TenantId, mundo: World) -> Result<Puestos, Problem> {
        if let Some(known) = self.0.puestos.get(&(tenant, mundo)) {
            return Ok(known);
        }
        let before = self.0.cambios.load(Ordering::Acquire);
        let read = self.leer(tenant, mundo).await?;
        // What changed meanwhile may not be in it.
        if self.0.cambios.load(Ordering::Acquire) == before {
            self.0.puestos.insert((tenant, mundo), read.clone());
        }
        Ok(read)
    }

    async fn leer(&self, tenant: TenantId, mundo: World) -> Result<Puestos, Problem> {
        let mut tx = self.system().begin(tenant).await?;
        let activos = registro::activos(&mut tx, mundo).await?;
        let trust = if activos.is_empty() { Trust::default() } else { registro::confianza(&mut tx).await? };
        let detenidos = registro::detenidos(&mut tx, mundo).await?;
        drop(tx);
        let mut puestos = Vec::with_capacity(activos.len());
        for activo in activos {
            // It is not in quarantine, as far as anybody knows; a message that says so may have been lost.
            if let Ok(host) = self.host().await {
                host.release_unknown(tenant.into(), activo.digest, LONGEST_WRONG);
            }
            let listo = self.cargar(tenant, &activo, &trust).await;
            puestos.push(Puesto { activo, listo });
        }
        Ok(Arc::new(DelMundo { puestos, detenidos }))
    }

    /// Whatever its state, with another configuration or version if one is given.
    pub async fn de_prueba(
        &self,
        tenant: TenantId,
        complemento: &str,
        digest: Option<Digest>,
        config: Option<Value>,
    ) -> Result<Puesto, Problem> {
        let mut tx = self.system().begin(tenant).await?;
        let mut activo = registro::instalado(&mut tx, complemento).await?.ok_or_else(Problem::not_found)?;
        if let Some(other) = digest.filter(|digest| *digest != activo.digest) {
            let version = self.otra(&mut tx, &activo, &other).await?;
            (activo.digest, activo.version) = (other, version);
        }
        let trust = registro::confianza(&mut tx).await?;
        drop(tx);
        activo.config = config.unwrap_or(activo.config);
        let listo = self.cargar(tenant, &activo, &trust).await;
        Ok(Puesto { activo, listo })
    }

    /// Another version of the same plugin.
    async fn otra(&self, tx: &mut Tx, activo: &Activo, digest: &Digest) -> Result<String, Problem> {
        let version = registro::version(tx, digest).await?.filter(|version| version.complemento == activo.complemento);
        version.map(|version| version.version).ok_or_else(Problem::not_found)
    }

    async fn cargar(&self, tenant: TenantId, activo: &Activo, trust: &Trust) -> Result<Listo, String> {
        let host = self.host().await.map_err(|error| error.to_string())?;
        let admission = Admission::Signed { trust, sandbox: activo.sandbox };
        // Most are here already; reading, verifying and linking would cost more than the call.
        let plugin = match host.admitted(&activo.digest, &admission) {
            Some(plugin) => plugin,
            None => self.de_archivo(host, activo, &admission).await?,
        };
        let nombre = plugin.package.manifest.name.es.clone();
        let installation = Installation { tenant: tenant.into(), sandbox: activo.sandbox, config: activo.config.clone() };
        let ports = Puertos(self.system()).ports();
        let installed = host.install(plugin, installation, ports).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("su configuración no sirve: {}", faults.join("; "))
        })?;
        Ok(Listo { installed, nombre, suscripciones: OnceLock::new() })
    }

    /// From the store: component and compiled code.
    async fn de_archivo(&self, host: &Host, activo: &Activo, admission: &Admission<'_>) -> Result<Arc<Plugin>, String> {
        let component = self.componente(&activo.digest).await?;
        let profile = Profile::from(activo.mundo);
        let sealed = registro::compilado(&self.0.app, &activo.digest, &profile.target()).await.map_err(unreachable_store)?;
        match sealed.ok_or_else(not_compiled).and_then(|sealed| host.load(&component, &sealed, admission)) {
            Ok(plugin) => Ok(plugin),
            Err(LoadError::Forged(_) | LoadError::Stale(_)) => {
                self.compilar_aparte(activo.digest, profile);
                Err("se está compilando para esta versión del servidor".into())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// The signed bytes, which many chains need again and again.
    pub(super) async fn componente(&self, digest: &Digest) -> Result<Bytes, String> {
        if let Some(known) = self.0.componentes.get(digest) {
            return Ok(known);
        }
        let read = registro::componente(&self.0.app, digest).await.map_err(unreachable_store)?;
        self.0.componentes.insert(*digest, read.clone());
        Ok(read)
    }

    /// Beside everything else, once at a time for a digest; whoever waits for it hears that it changed.
    fn compilar_aparte(&self, digest: Digest, profile: Profile) {
        let Some(mine) = self.compilando(digest) else { return };
        let me = self.clone();
        tokio::spawn(async move {
            let done = match me.componente(&digest).await {
                Ok(component) => me.compilar(&component, &digest, profile).await.map_err(|error| error.to_string()),
                Err(why) => Err(why),
            };
            drop(mine);
            match done {
                Ok(_) => registro::avisar(&me.0.app, None, Some(digest)).await,
                Err(error) => tracing::error!(%digest, %error, "a plugin could not be compiled"),
            }
        });
    }

    /// To be the one who compiles it, until that is dropped; `None` if somebody is at it.
    pub(super) fn compilando(&self, digest: Digest) -> Option<Compilando> {
        self.0.compilando.lock().unwrap_or_else(PoisonError::into_inner).insert(digest).then(|| Compilando { de: self.clone(), digest })
    }

    /// Compiles, seals, and keeps the code for all instances.
    pub(super) async fn compilar(&self, component: &[u8], digest: &Digest, profile: Profile) -> Result<Vec<u8>, Compilacion> {
        let host = self.host().await.map_err(|error| Compilacion::Luego(error.to_string()))?;
        let compiler = self.compiler().ok_or_else(|| Compilacion::Luego("falta huella-compilar en este servidor".into()))?;
        let code = compiler.compile(component, profile).await?;
        let sealed = host.seal(digest, profile, &code);
        let kept = registro::guardar_compilado(&self.0.app, digest, &profile.target(), sealed.into()).await;
        kept.map_err(|problem| Compilacion::Luego(unreachable_store(problem)))?;
        Ok(code)
    }
}

/// Nobody else compiles this meanwhile.
pub struct Compilando {
    de: Complementos,
    digest: Digest,
}

impl Drop for Compilando {
    fn drop(&mut self) {
        self.de.0.compilando.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.digest);
    }
}

/// Why there is no compiled code.
#[derive(Debug, thiserror::Error)]
pub enum Compilacion {
    /// What the compiler says about the component.
    #[error("{0}")]
    Rechazada(String),
    /// Nothing is known of the component.
    #[error("{0}")]
    Luego(String),
}

impl From<plugin_host::CompileError> for Compilacion {
    fn from(error: plugin_host::CompileError) -> Self {
        match error {
            plugin_host::CompileError::Refused(said) => Self::Rechazada(said),
            other => Self::Luego(other.to_string()),
        }
    }
}

fn not_compiled() -> LoadError {
    LoadError::Stale("sin compilar".into())
}

fn unreachable_store(problem: Problem) -> String {
    tracing::error!(estado = problem.status().as_u16(), "a plugin could not be read from the store");
    "no se pudo leer del almacén de archivos".into()
}
