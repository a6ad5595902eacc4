//! What `huella demo` shows: two chains at work for five years, with an agenda from 90 days ago to 30 days ahead.
//!
//! All of it is invented, and the same on every machine (only ids and today's date differ). It goes in through the
//! domains' own doors ([`pacientes::importar`], [`citas::importar`]), with every rule and constraint on.
mod agenda;
mod animales;
mod carga;
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
use anyhow::{Result, bail};
use carga::{Avance, Destino};
use kernel::{
    Problem, SystemCtx, Tx,
    apply::{Diff, Report, Verdict},
    ids::TenantId,
};
use resumen::Ventana;
use std::time::Instant;

pub use resumen::{Resumen, ResumenCadena, ResumenSede};

/// Chains of `tenants/` and how many pets each gets.
const TAMANOS: [(&str, usize); 2] = [("andes", 17_000), ("costa", 4_000)];

/// A chain that is being filled.
struct Llenado {
    tenant: TenantId,
    mascotas: usize,
    cadena: Cadena,
    catalogo: Catalogo,
}

/// Fills the applied chains, unless that was done before, and tells what the database then holds. `progress` hears of
/// it every few seconds.
pub async fn cargar(system: &SystemCtx, progress: impl Fn(&str)) -> Result<Resumen> {
    let start = Instant::now();
    let chains = store::cadenas(system).await.map_err(said)?;
    let mut todo = Vec::new();
    for (tenant, clave, _) in &chains {
        if let Some((_, mascotas)) = TAMANOS.iter().find(|(name, _)| name == clave) {
            todo.extend(pendiente(system, *tenant, clave, *mascotas).await?);
        }
    }
    let mut resumen = Resumen::default();
    if !todo.is_empty() {
        resumen.rechazadas = llenar(system, todo, &progress).await?;
        resumen.segundos = start.elapsed().as_secs_f64();
    }
    for (tenant, clave, nombre) in chains.iter().filter(|(_, clave, _)| TAMANOS.iter().any(|(name, _)| name == clave)) {
        resumen.cadenas.push(resumen::contar(system, *tenant, clave, nombre).await.map_err(said)?);
    }
    Ok(resumen)
}

/// The chain, if it still has to be filled. One that was left half filled cannot be told from one in use.
async fn pendiente(system: &SystemCtx, tenant: TenantId, clave: &str, mascotas: usize) -> Result<Option<Llenado>> {
    let mut tx = system.begin(tenant).await.map_err(said)?;
    if !marca(&mut tx).await.map_err(said)?.1 {
        return Ok(None);
    }
    if pacientes::cuantos(&mut tx).await.map_err(said)?.1 > 0 {
        bail!("los datos de la cadena {clave} quedaron a medias o no son de la demo: empiece de nuevo con --fresh");
    }
    let catalogo = Catalogo::new(&pacientes::especies(&mut tx).await.map_err(said)?);
    let cadena = leer(&mut tx, clave).await.map_err(said)?;
    if cadena.servicios.is_empty() || cadena.turnos.is_empty() {
        bail!("la cadena {clave} no tiene servicios o planes de médicos: falta aplicarla con huella tenant apply");
    }
    Ok(Some(Llenado { tenant, mascotas, cadena, catalogo }))
}

/// A line beside those of the chain's files says that the data is complete; whether it is still missing.
async fn marca(tx: &mut Tx) -> Result<(Diff, bool), Problem> {
    let mut diff = Diff::load(tx, "demostracion").await?;
    let missing = diff.entry("datos", "datos", &serde_json::json!({ "version": 1 }), None) == Verdict::Crear;
    Ok((diff, missing))
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

/// Pets first, then the agenda; answers how many appointments the database refused.
async fn llenar(system: &SystemCtx, todo: Vec<Llenado>, progress: &impl Fn(&str)) -> Result<usize> {
    let now = system.app().now();
    progress("inventando tutores y mascotas");
    let familias = todo.iter().map(|one| familias::generar(&one.cadena, &one.catalogo, one.mascotas, now)).collect();
    let destinos: Vec<Destino> = todo.iter().map(|one| Destino { system: system.clone(), tenant: one.tenant }).collect();
    let avance = Avance::default();
    let pacientes = carga::pacientes(&destinos, familias, &avance, progress).await?;
    progress("inventando la agenda");
    let citas = todo.iter().zip(&pacientes).map(|(one, pacientes)| agenda::generar(&one.cadena, pacientes, now)).collect();
    let rechazadas = carga::citas(&destinos, citas, &avance, progress).await?;
    for one in &todo {
        terminar(system, one.tenant).await.map_err(said)?;
    }
    Ok(rechazadas)
}

async fn terminar(system: &SystemCtx, tenant: TenantId) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    marca(&mut tx).await?.0.save(&mut tx, &mut Report::default()).await?;
    tx.commit().await
}
