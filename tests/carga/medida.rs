//! Instances over one database, and what a phase of the mix costs them: with all that it leaves to be done.
use crate::{
    bench::{self, Measured},
    gente::Gente,
    jornada::Jornada,
    measure,
    multiplicar::Datos,
    open_loop::{self, Ask, Pace},
    place::Place,
    profile::Sesiones,
    server::Server,
};
use anyhow::Result;
use std::{rc::Rc, time::Duration};

pub const CONNECTIONS: usize = 48;
/// Free times a second while everybody asks for the first time.
const FIRST: f64 = 600.0;
/// Reads are written to the audit within a second: then there is nothing left in memory.
const WRITTEN: Duration = Duration::from_millis(1_000);

/// Cores in use while the load was there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reparto {
    pub app: f64,
    pub base: f64,
    /// Who measures.
    pub carga: f64,
}

impl Reparto {
    fn ahora(sala: &Sala<'_>) -> Self {
        let app = sala.servidores.iter().map(|server| measure::cpu(server.pid())).sum();
        Self { app, base: measure::cpu_tree(sala.place.pg_pid), carga: measure::cpu(std::process::id()) }
    }
    fn desde(self, antes: Self, segundos: f64) -> Self {
        let of = |after: f64, before: f64| (after - before) / segundos.max(f64::EPSILON);
        Self { app: of(self.app, antes.app), base: of(self.base, antes.base), carga: of(self.carga, antes.carga) }
    }
    pub fn usado(&self) -> f64 {
        self.app + self.base + self.carga
    }
}

pub struct Medida {
    /// CPU of each request with what it left to be done: relay, sealer, audit of reads.
    pub todo: Measured,
    pub reparto: Reparto,
    /// What sessions of the database did, at a time.
    pub sesiones: Vec<(String, f64)>,
}

pub struct Sala<'a> {
    pub place: &'a Place,
    pub datos: &'a Datos,
    pub servidores: Vec<Server>,
    pub gente: Rc<Gente>,
    pub jornada: Rc<Jornada>,
}

impl<'a> Sala<'a> {
    /// People who are not signed in, and no instance yet.
    pub async fn vacia(place: &'a Place, datos: &'a Datos, personas: usize) -> Result<Self> {
        let gente = Rc::new(Gente::de(&datos.db, personas).await?);
        let jornada = Rc::new(Jornada::de(&datos.db, gente.clone()).await?);
        Ok(Self { place, datos, servidores: Vec::new(), gente, jornada })
    }

    /// One instance more, that knows everybody and the agendas of all sedes.
    pub async fn sumar(&mut self) -> Result<()> {
        let server = Server::start(self.place, &self.datos.nombre).await?;
        if !self.gente.ingresada() {
            self.gente.ingresar(&server).await?;
        }
        primera(&self.jornada, &server).await?;
        self.servidores.push(server);
        Ok(())
    }

    /// Tokens that last, and every instance knows them.
    pub async fn al_dia(&self) -> Result<()> {
        let Some(first) = self.servidores.first().filter(|_| !self.gente.ingresada()) else { return Ok(()) };
        self.gente.ingresar(first).await?;
        for server in &self.servidores {
            primera(&self.jornada, server).await?;
        }
        Ok(())
    }

    /// Requests of the mix from number `desde` on.
    pub async fn medir(&self, ritmo: f64, segundos: f64, desde: u64) -> Result<Medida> {
        bench::settle(&self.datos.db).await?;
        let jornada = self.jornada.clone();
        let sesiones = Sesiones::mirar(&self.datos.db);
        let antes = Reparto::ahora(self);
        let addresses = self.servidores.iter().map(|server| server.address.clone()).collect();
        let pace = Pace { rate: Some(ritmo), seconds: segundos, connections: CONNECTIONS };
        let outcome = open_loop::run_over(addresses, pace, move |n| jornada.ask(desde + n)).await?;
        let reparto = Reparto::ahora(self).desde(antes, outcome.seconds());
        let vistas = sesiones.vistas().1;
        drop(sesiones);
        tokio::time::sleep(WRITTEN).await;
        bench::settle(&self.datos.db).await?;
        let requests = (outcome.right + outcome.errors).max(1) as f64;
        let cost = Reparto::ahora(self).desde(antes, requests);
        Ok(Medida { todo: Measured { app_us: cost.app * 1e6, db_us: cost.base * 1e6, outcome }, reparto, sesiones: vistas })
    }
}

/// Everybody asks once.
async fn primera(jornada: &Rc<Jornada>, server: &Server) -> Result<()> {
    let (jornada, personas) = (jornada.clone(), jornada.personas() as f64);
    let pace = Pace { rate: Some(FIRST), seconds: personas / FIRST, connections: CONNECTIONS };
    let first = move |n| -> Result<Ask> { jornada.primera(n) };
    open_loop::run(&server.address, pace, first).await?.flawless()
}
