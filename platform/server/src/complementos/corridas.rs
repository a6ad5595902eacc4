//! The record of every call, on its way to the chain's list of runs.
use ::complementos::{self as registro, CorridaNueva};
use kernel::{Problem, SystemCtx, ids::TenantId};
use plugin_host::{Corrida, Outcome, Registro, Run};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Runs that wait to be written; what is beyond is counted and lost: the list is for people, the effects are elsewhere.
const MOST: usize = 20_000;
/// In one statement.
const BITE: usize = 200;
/// Of the same call that went well, one in so long is kept: a night asks each rule about every pet of a chain.
const APART: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Sumidero(Mutex<Dentro>);

#[derive(Default)]
struct Dentro {
    esperan: Vec<Registro>,
    /// When the last good run of a rule was kept.
    buenas: HashMap<(Uuid, String, &'static str), Instant>,
}

impl Sumidero {
    fn lock(&self) -> MutexGuard<'_, Dentro> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn put(&self, registro: Registro) {
        let mut inside = self.lock();
        if inside.esperan.len() >= MOST {
            metrics::counter!("complemento_corridas_perdidas_total").increment(1);
        } else {
            inside.esperan.push(registro);
        }
    }

    /// A rule's: all that went wrong, and of what went well enough to see it.
    pub fn put_rule<T: Serialize>(&self, run: &Run<T>) {
        if run.corrida.resultado != Outcome::Ok || self.lock().is_due(&run.corrida) {
            self.put(run.registro());
        }
    }

    /// `true` if there is more. A batch that could not be written is tried again.
    pub async fn flush(&self, system: &SystemCtx) -> Result<bool, Problem> {
        let taken: Vec<Registro> = {
            let mut inside = self.lock();
            let upto = inside.esperan.len().min(BITE);
            inside.esperan.drain(..upto).collect()
        };
        let mut by_chain: BTreeMap<TenantId, Vec<Registro>> = BTreeMap::new();
        for registro in taken {
            by_chain.entry(registro.corrida.tenant.into()).or_default().push(registro);
        }
        let mut failed = None;
        for (tenant, corridas) in by_chain {
            if let Err(problem) = write(system, tenant, &corridas).await {
                self.lock().esperan.splice(0..0, corridas);
                failed = Some(problem);
            }
        }
        match failed {
            Some(problem) => Err(problem),
            None => Ok(!self.lock().esperan.is_empty()),
        }
    }
}

impl Dentro {
    fn is_due(&mut self, corrida: &Corrida) -> bool {
        let (now, whose) = (Instant::now(), (corrida.tenant, corrida.complemento.clone(), corrida.operacion));
        if self.buenas.get(&whose).is_some_and(|last| now.duration_since(*last) < APART) {
            return false;
        }
        self.buenas.insert(whose, now);
        true
    }
}

async fn write(system: &SystemCtx, tenant: TenantId, corridas: &[Registro]) -> Result<(), Problem> {
    let rows: Vec<CorridaNueva> = corridas.iter().map(row).collect();
    let mut tx = system.begin(tenant).await?;
    registro::anotar_corridas(&mut tx, &rows).await?;
    tx.commit().await?;
    // Other instances count traps for themselves.
    for put_away in rows.iter().filter(|row| row.cuarentena) {
        registro::avisar_cuarentena(system.app(), tenant, put_away.digest, true).await;
    }
    Ok(())
}

fn row(registro: &Registro) -> CorridaNueva {
    let corrida = &registro.corrida;
    CorridaNueva {
        id: corrida.id,
        complemento: corrida.complemento.clone(),
        version: corrida.version.clone(),
        digest: corrida.digest,
        mundo: corrida.mundo,
        operacion: corrida.operacion.to_owned(),
        intento: corrida.intento,
        sandbox: corrida.sandbox,
        inicio: corrida.inicio,
        resultado: corrida.resultado.name().to_owned(),
        detalle: corrida.detalle.clone(),
        cuarentena: corrida.cuarentena,
        documento: serde_json::to_value(registro).unwrap_or_default(),
    }
}
