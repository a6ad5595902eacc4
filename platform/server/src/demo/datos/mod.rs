//! What `huella demo` shows: two chains at work for five years, with an agenda from 90 days ago to 30 days ahead.
//!
//! All of it is invented, and the same on every machine (only ids and today's date differ). It goes in through the
//! domains' own doors ([`pacientes::importar`], [`historias::importar`], [`citas::importar`]), with every rule and constraint on.
mod agenda;
mod animales;
mod carga;
mod clinica;
mod escritos;
mod familias;
mod historia;
mod listas;
mod personas;
mod resumen;
mod rng;
mod store;

use crate::tenant::said;
use agenda::Cadena;
use animales::Catalogo;
use anyhow::{Context, Result, bail};
use carga::{Avance, Destino};
use kernel::{
    Problem, SystemCtx, Tx,
    apply::{Diff, Report, Verdict},
    ids::TenantId,
};
use resumen::Ventana;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use std::{sync::Arc, time::Instant};

pub use resumen::{Resumen, ResumenCadena, ResumenSede};
pub use store::analizar;

/// The folders of `tenants/` that are filled.
pub const CADENAS: [&str; 2] = ["andes", "costa"];
/// The one of the platform's own people, whose plugins the others use.
pub const PLATAFORMA: &str = "plataforma";
/// How many pets they get together, and which part of them the first one has.
pub const MASCOTAS: usize = 21_000;
const PARTE_DE_LA_PRIMERA: (usize, usize) = (17, 21);

/// How far the data of a chain are: a line beside those of the chain's files says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carga {
    Falta,
    EnCurso,
    Completa,
}

impl Carga {
    const TIPO: &'static str = "demostracion";

    fn marca(self) -> Value {
        match self {
            Self::Completa => json!({ "version": 1 }),
            _ => json!({ "version": 1, "en_curso": true }),
        }
    }

    async fn leer(tx: &mut Tx) -> Result<Self, Problem> {
        for carga in [Self::EnCurso, Self::Completa] {
            let mut diff = Diff::load(tx, Self::TIPO).await?;
            if diff.entry("datos", "datos", &carga.marca(), None) == Verdict::Dejar {
                return Ok(carga);
            }
        }
        Ok(Self::Falta)
    }

    async fn anotar(self, system: &SystemCtx, tenant: TenantId) -> Result<(), Problem> {
        let mut tx = system.begin(tenant).await?;
        let mut diff = Diff::load(&mut tx, Self::TIPO).await?;
        let _ = diff.entry("datos", "datos", &self.marca(), None);
        diff.save(&mut tx, &mut Report::default()).await?;
        tx.commit().await
    }
}

/// A chain that is being filled.
struct Llenado {
    tenant: TenantId,
    mascotas: usize,
    cadena: Cadena,
    catalogo: Catalogo,
    vacunas: historias::Catalogo,
}

/// Whether the database has chains of these names.
pub async fn hay(system: &SystemCtx) -> Result<bool> {
    Ok(!ours(system).await?.is_empty())
}

/// Notes that a chain is a demonstration's own, to be deleted with it.
pub async fn anotar(system: &SystemCtx, tenant: TenantId) -> Result<()> {
    Carga::Completa.anotar(system, tenant).await.map_err(said)
}

/// Address and id of every chain.
pub async fn cadenas(system: &SystemCtx) -> Result<Vec<(String, TenantId)>> {
    let all = store::cadenas(system).await.map_err(said)?;
    Ok(all.into_iter().map(|chain| (chain.clave, chain.tenant)).collect())
}

async fn ours(system: &SystemCtx) -> Result<Vec<store::Registrada>> {
    let mut chains = store::cadenas(system).await.map_err(said)?;
    chains.retain(|chain| CADENAS.contains(&chain.clave.as_str()));
    Ok(chains)
}

/// Deletes, with all that is theirs, the chains whose load was interrupted, or every one that a demonstration filled;
/// answers their names. They can then be applied and filled again.
pub async fn limpiar(system: &SystemCtx, admin: &PgConnectOptions, todas: bool) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    let all = store::cadenas(system).await.map_err(said)?;
    for chain in all.into_iter().filter(|chain| chain.clave == PLATAFORMA || CADENAS.contains(&chain.clave.as_str())) {
        let mut tx = system.begin(chain.tenant).await.map_err(said)?;
        let carga = Carga::leer(&mut tx).await.map_err(said)?;
        drop(tx);
        if carga == Carga::EnCurso || (todas && carga == Carga::Completa) {
            store::borrar(admin, chain.tenant).await.with_context(|| {
                format!("no se pudo borrar la cadena {}: hace falta un superusuario en DATABASE_ADMIN_URL", chain.clave)
            })?;
            gone.push(chain.clave);
        }
    }
    Ok(gone)
}

/// Fills the applied chains with `mascotas` pets together, unless that was done before, and tells what the database
/// then holds. `progress` hears of it every few seconds.
pub async fn cargar(system: &SystemCtx, mascotas: usize, progress: impl Fn(&str)) -> Result<Resumen> {
    let start = Instant::now();
    let chains = ours(system).await?;
    let first = mascotas * PARTE_DE_LA_PRIMERA.0 / PARTE_DE_LA_PRIMERA.1;
    let mut todo = Vec::new();
    for chain in &chains {
        let mascotas = if chain.clave == CADENAS[0] { first } else { mascotas - first };
        todo.extend(pendiente(system, chain, mascotas).await?);
    }
    let mut resumen = Resumen::default();
    if !todo.is_empty() {
        resumen.rechazadas = llenar(system, todo, &progress).await?;
        resumen.segundos = start.elapsed().as_secs_f64();
    }
    progress("contando lo que hay");
    for chain in &chains {
        resumen.cadenas.push(resumen::contar(system, chain).await.map_err(said)?);
    }
    Ok(resumen)
}

/// The chain, if it still has to be filled.
async fn pendiente(system: &SystemCtx, chain: &store::Registrada, mascotas: usize) -> Result<Option<Llenado>> {
    let clave = &chain.clave;
    let mut tx = system.begin(chain.tenant).await.map_err(said)?;
    if Carga::leer(&mut tx).await.map_err(said)? == Carga::Completa {
        return Ok(None);
    }
    if pacientes::cuantos(&mut tx).await.map_err(said)?.1 > 0 {
        bail!("la cadena {clave} tiene mascotas que no son de la demostración: use otra base u otra carpeta");
    }
    let catalogo = Catalogo::new(&pacientes::especies(&mut tx).await.map_err(said)?);
    let vacunas = historias::catalogo(&mut tx).await.map_err(said)?;
    let cadena = leer(&mut tx, clave).await.map_err(said)?;
    if cadena.servicios.is_empty() || cadena.turnos.is_empty() {
        bail!("la cadena {clave} no tiene servicios o planes de médicos: falta aplicarla con huella tenant apply");
    }
    Ok(Some(Llenado { tenant: chain.tenant, mascotas, cadena, catalogo, vacunas }))
}

async fn leer(tx: &mut Tx, clave: &str) -> Result<Cadena, Problem> {
    let ventana = Ventana::new(tx.now());
    Ok(Cadena {
        clave: clave.to_owned(),
        sedes: store::sedes(tx).await?,
        servicios: store::servicios(tx).await?,
        medicos: store::medicos(tx).await?,
        turnos: citas::turnos(tx, ventana.desde, ventana.hasta).await?,
    })
}

/// Pets first, then what they were given and have, then the agenda; answers how many appointments the database refused.
async fn llenar(system: &SystemCtx, todo: Vec<Llenado>, progress: &impl Fn(&str)) -> Result<usize> {
    let now = system.app().now();
    for one in &todo {
        Carga::EnCurso.anotar(system, one.tenant).await.map_err(said)?;
    }
    let destinos: Vec<Destino> = todo.iter().map(|one| Destino { system: system.clone(), tenant: one.tenant }).collect();
    let todo = Arc::new(todo);
    progress("inventando tutores y mascotas");
    let chains = todo.clone();
    let invent = move || chains.iter().map(|one| familias::generar(&one.cadena, &one.catalogo, one.mascotas, now)).collect();
    let familias = aside(invent).await?;
    let avance = Avance::default();
    let pacientes = carga::pacientes(&destinos, familias, &avance, progress).await?;
    progress("inventando historias clínicas y la agenda");
    let chains = todo.clone();
    let invent = move || {
        let each = || chains.iter().zip(&pacientes);
        let hechos = each().map(|(one, pacientes)| clinica::generar(&one.cadena, &one.vacunas, pacientes, now)).collect();
        (hechos, each().map(|(one, pacientes)| agenda::generar(&one.cadena, pacientes, now)).collect())
    };
    let (hechos, citas) = aside(invent).await?;
    carga::hechos(&destinos, hechos, &avance, progress).await?;
    let rechazadas = carga::citas(&destinos, citas, &avance, progress).await?;
    for (destino, one) in destinos.iter().zip(todo.iter()) {
        escritos::cargar(system, destino.tenant, &one.cadena.sedes).await.map_err(said)?;
        Carga::Completa.anotar(system, destino.tenant).await.map_err(said)?;
    }
    Ok(rechazadas)
}

/// Inventing takes seconds of work in one piece: on a thread of its own, so that signals are heard meanwhile.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("una tarea de la carga se cayó")
}
