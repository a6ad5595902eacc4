//! Putting the application together.
use crate::{
    complementos::{Ajustes, Complementos},
    config::Config,
    eventos::Eventos,
    http::{self, HttpSettings},
    outside,
};
use ::complementos::Motores;
use alertas::{DeCanales, PorCanales, puertos::DeReglas};
use anyhow::{Context, Result};
use axum::{Extension, Router};
use integraciones::Salida;
use kernel::{App, Outside, SystemCtx, ports::DeTelefonos};
use organizacion::identidad::{Identidad, Settings};
use sqlx::PgPool;
use std::sync::Arc;

/// The application without a face: requests reach it through [`Assembled::router`], jobs through [`Assembled::system`].
#[derive(Clone)]
pub struct Assembled {
    pub app: App,
    /// Given to whoever works for all chains.
    system: SystemCtx,
    pub identidad: Identidad,
    /// What screens listen to.
    pub eventos: Eventos,
    /// The way to addresses that people gave us.
    pub salida: Salida,
    /// The plugins of all chains; domains ask them through the ports below.
    pub complementos: Complementos,
    pub motores: Motores,
    /// The rules that alerts ask.
    pub reglas: DeReglas,
    /// Channels that are plugins.
    pub canales: DeCanales,
    /// For the figures alone; whoever wants data has a context.
    pub(crate) pools: Vec<(&'static str, PgPool)>,
}

/// From a configuration, with real time and the stores that it names.
pub fn assemble(config: &Config) -> Result<Assembled> {
    http::install_provider();
    if config.redis.is_some() && config.http.publica.is_none() {
        tracing::warn!("HUELLA_URL_PUBLICA is not set: other instances will not accept the tokens of this one");
    }
    let url = config.public_url();
    let identity = Settings::new(&url, &url, config.claves.join("jwt"));
    let mut parts = assemble_with(outside::connect(config)?, identity)?;
    parts.salida = outside::salida(config.webhooks_internos)?;
    let running = Complementos::new(&parts.system, Ajustes::of(&config.complementos, &config.claves)?);
    Ok(parts.running(running))
}

/// From given parts: a test's pool, clock and stores.
pub fn assemble_with(outside: Outside, identity: Settings) -> Result<Assembled> {
    let mut pools = vec![("principal", outside.pool.clone())];
    pools.extend(outside.replica.clone().map(|pool| ("replica", pool)));
    let system = SystemCtx::start(outside);
    let app = system.app().clone();
    let keys = identity.key_folder.with_file_name("complementos.json");
    complementos::abrir_llaves(&app, &keys).with_context(|| format!("claves de complementos {}", keys.display()))?;
    let identidad = Identidad::start(&system, identity)?;
    app.set_gate(identidad.gate());
    let eventos = Eventos::new(&system);
    let running = Complementos::new(&system, Ajustes::ephemeral());
    let one = Arc::new(running.clone());
    Ok(Assembled {
        app,
        system,
        identidad,
        eventos,
        salida: outside::salida(false)?,
        motores: Motores(one.clone()),
        reglas: DeReglas(one.clone()),
        canales: DeCanales(one),
        complementos: running,
        pools,
    })
}

impl Assembled {
    /// With these plugins in the place of what it had.
    #[must_use]
    pub fn running(mut self, complementos: Complementos) -> Self {
        let one = Arc::new(complementos.clone());
        self.motores = Motores(one.clone());
        self.reglas = DeReglas(one.clone());
        self.canales = DeCanales(one);
        self.complementos = complementos;
        self
    }
    pub fn router(&self, settings: &HttpSettings) -> Router {
        self.eventos.at_most(settings.oyentes_max);
        http::router(&self.system, settings, self.identidad.base_url())
            .layer(self.identidad.layer())
            .layer(Extension(self.eventos.clone()))
            .layer(Extension(self.salida.clone()))
            .layer(Extension(self.motores.clone()))
            .layer(Extension(self.reglas.clone()))
            .layer(Extension(self.canales.clone()))
            .layer(Extension(self.telefonos()))
    }
    /// The way to phones: those of the channels that reach them.
    pub fn telefonos(&self) -> DeTelefonos {
        DeTelefonos(Arc::new(PorCanales(self.canales.clone())))
    }
    pub fn system(&self) -> SystemCtx {
        self.system.clone()
    }
}
