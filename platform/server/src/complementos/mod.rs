//! The plugins of all chains, running: what `complementos` keeps, on the engine of `plugin-host`.
//!
//! What is switched on is loaded when the server starts, or else when it is first asked for, and kept until something about it
//! changes; the bus says when.
//! Domains hold the ports that are implemented here and know of no engine.
mod ajustes;
mod calentar;
mod canales;
mod cargar;
mod corridas;
pub mod ganchos;
mod motor;
mod operaciones;
mod puertos;
mod reglas;

pub use ajustes::Ajustes;
pub use calentar::Calentado;

use self::corridas::Sumidero;
use ::complementos::{CAMBIO, Cambio};
use bytes::Bytes;
use cargar::Puestos;
use kernel::{App, Problem, SystemCtx, ids::TenantId};
use moka::sync::Cache;
use plugin_host::{
    Compiler, Host, LoadError, Options, Places, Queue, SealKey,
    manifest::{Digest, World},
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OnceCell, broadcast::error::RecvError};

/// Whoever missed a message on the bus is wrong for so long.
const LONGEST_WRONG: Duration = Duration::from_secs(60);
const COMPONENTS: u64 = 64 << 20;
/// At once, each with a few trips to the database: of one chain as many as the host runs of one plugin.
const TRIALS: Places = Places {
    total: 16,
    rules: 16,
    per_tenant: 8,
    per_plugin: 16,
    per_tenant_and_plugin: 8,
    waiting: 64,
    memory: u64::MAX,
    memory_per_tenant: u64::MAX,
};

/// Cheap to clone.
#[derive(Clone)]
pub struct Complementos(Arc<Dentro>);

struct Dentro {
    app: App,
    system: SystemCtx,
    ajustes: Ajustes,
    /// Made when it is first needed: it sets terabytes of addresses aside.
    host: OnceCell<Host>,
    /// What each chain has switched on.
    puestos: Cache<(TenantId, World), Puestos>,
    /// How often something changed.
    cambios: AtomicU64,
    componentes: Cache<Digest, Bytes>,
    compilando: Mutex<HashSet<Digest>>,
    corridas: Sumidero,
    /// Trials that somebody waits for.
    turnos: Queue,
}

impl Complementos {
    pub fn new(system: &SystemCtx, ajustes: Ajustes) -> Self {
        let weight = |_: &Digest, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self(Arc::new(Dentro {
            app: system.app().clone(),
            system: system.clone(),
            ajustes,
            host: OnceCell::new(),
            puestos: Cache::builder().max_capacity(20_000).time_to_live(LONGEST_WRONG).build(),
            cambios: AtomicU64::new(0),
            componentes: Cache::builder().max_capacity(COMPONENTS).weigher(weight).build(),
            compilando: Mutex::default(),
            corridas: Sumidero::default(),
            turnos: Queue::new(TRIALS),
        }))
    }

    /// The engine; an error if this machine does not give what it needs.
    pub async fn host(&self) -> Result<&Host, LoadError> {
        let ajustes = &self.0.ajustes;
        let made = || async {
            let seal = SealKey::new(&ajustes.sello);
            let (egress, names) = (ajustes.salida.clone(), ajustes.nombres.clone());
            let places = Places::default().with_memory(ajustes.memoria);
            Host::new(Options { at_once: ajustes.a_la_vez, places, egress, names, ..Options::new(seal) })
        };
        self.0.host.get_or_try_init(made).await
    }

    fn compiler(&self) -> Option<Compiler> {
        self.0.ajustes.compilador.clone().map(Compiler::at)
    }

    fn system(&self) -> SystemCtx {
        self.0.system.clone()
    }

    /// Hears what changed, here and on other instances.
    pub async fn watch(&self) {
        let mut messages = self.0.app.bus().subscribe();
        loop {
            match messages.recv().await {
                Ok(message) if message.topic == CAMBIO => {
                    self.forget();
                    if let Ok(cambio) = serde_json::from_slice(&message.body) {
                        self.heed(cambio).await;
                    }
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.forget(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// A change is rare and reading again is cheap: everything that was known goes.
    pub fn forget(&self) {
        self.0.cambios.fetch_add(1, Ordering::AcqRel);
        self.0.puestos.invalidate_all();
    }

    /// What the engine itself has to know: what is withdrawn stops in the middle of what it does, and what another instance put
    /// away or let out in a chain is put away or let out here.
    async fn heed(&self, cambio: Cambio) {
        let Cambio { tenant, digest: Some(digest), retirado, cuarentena } = cambio else { return };
        if retirado.is_none() && cuarentena.is_none() {
            return;
        }
        let Ok(host) = self.host().await else { return };
        match retirado {
            Some(true) => host.withdraw(digest),
            Some(false) => host.restore(&digest),
            None => {}
        }
        match tenant.zip(cuarentena) {
            Some((tenant, true)) => host.quarantine(tenant.into(), digest),
            Some((tenant, false)) => host.release(tenant.into(), digest),
            None => {}
        }
    }

    /// Writes down the runs since the last time.
    pub async fn flush(&self) -> Result<bool, Problem> {
        self.0.corridas.flush(&self.system()).await
    }
}
