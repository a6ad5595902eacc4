//! A walk through all pets of a chain: every night, and when its rules change. Portion by portion, each with the place that
//! it reached, so that a stop goes on where it was; whoever finds that another one went on stops.
use super::{
    asentar::asentar,
    paradas,
    preguntar::{Lote, Preguntas, preguntar},
};
use crate::{
    model::medicas::{Freno, Pasada, PasadaMotivo, Siguiente, noche},
    puertos::{Momento, Reglas, disparo},
    store::medicas::{asentar as store, detenidas, pasadas, pedir},
};
use historias::Lector;
use jiff::{SignedDuration, Timestamp};
use kernel::{Event, Job, Problem, SystemCtx, ids::TenantId, job::Fallo};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// The kind of work: walk through a chain.
pub const RECORRER: &str = "regla.recorrer";
/// Pets of a portion: half a megabyte of facts, a third of a second of rules.
const PORCION: i64 = 500;
/// Alerts of rules that are gone which are closed in one transaction.
const BOCADO: i64 = 5_000;
/// A walk that did not go on for so long has nobody.
const SOLA: SignedDuration = SignedDuration::from_mins(2);
/// When it is looked again whether another one is done.
const OTRA_VEZ: SignedDuration = SignedDuration::from_secs(20);
const INTENTOS: i16 = 50;

#[derive(Deserialize)]
struct Trabajo {
    motivo: PasadaMotivo,
    pedida_en: Timestamp,
}

/// Asks for a walk through each chain whose night has come; says through how many.
pub async fn programar(system: &SystemCtx) -> Result<u64, Problem> {
    let mut tx = system.begin_jobs().await?;
    let asked = pedir::noches(&mut tx, system.app().now(), RECORRER).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Walks through a chain.
pub async fn recorrer(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, cuerpo: &Value) -> Result<(), Fallo> {
    let trabajo = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    loop {
        let firma = Preguntas::new(reglas, tenant, disparo::DIARIO).await?.firma();
        match siguiente(system, tenant, &trabajo, &firma).await? {
            Siguiente::Nada => return Ok(()),
            Siguiente::Otro => return mas_tarde(system, tenant, &trabajo, cuerpo).await,
            Siguiente::Recorrer(pasada) => {
                let own = pasada.empezada_en >= trabajo.pedida_en;
                if !caminar(system, reglas, tenant, pasada).await? {
                    return mas_tarde(system, tenant, &trabajo, cuerpo).await;
                }
                if own {
                    return Ok(());
                }
            }
        }
    }
}

/// Somebody else is at it, which is no failure: it is looked at again, until that one is done or has nobody any more.
async fn mas_tarde(system: &SystemCtx, tenant: TenantId, trabajo: &Trabajo, cuerpo: &Value) -> Result<(), Fallo> {
    let mut tx = system.begin(tenant).await?;
    let at = tx.now() + OTRA_VEZ;
    // This piece of work has a key of its own until it is settled.
    let clave = format!("{}:{}", trabajo.motivo.clave(), at.as_second());
    tx.enqueue(Job::new(RECORRER, cuerpo).once(clave).tries(INTENTOS).at(at)).await?;
    Ok(tx.commit().await?)
}

/// What is to be done: go on with one that has nobody, begin one, or nothing.
async fn siguiente(system: &SystemCtx, tenant: TenantId, trabajo: &Trabajo, firma: &str) -> Result<Siguiente, Problem> {
    let mut tx = system.begin(tenant).await?;
    store::hold(&mut tx).await?;
    let (now, last) = (tx.now(), pasadas::ultima(&mut tx).await?);
    if let Some(open) = last.as_ref().filter(|pasada| pasada.terminada_en.is_none()) {
        return Ok(if open.avanzada_en + SOLA > now { Siguiente::Otro } else { Siguiente::Recorrer(open.clone()) });
    }
    let wanted = if trabajo.motivo == PasadaMotivo::Noche {
        let (proxima, zona) = (pasadas::proxima(&mut tx).await?, store::zona(&mut tx).await?);
        if proxima.is_none_or(|at| at <= now) {
            pasadas::fijar_proxima(&mut tx, noche(now, &zona, tenant)).await?;
        }
        proxima.is_some_and(|at| at <= now)
    } else {
        // One that began later saw all that this is about; and what changed may be a plugin that is no rule.
        let same = |pasada: &Pasada| trabajo.motivo == PasadaMotivo::Reglas && pasada.firma == firma;
        last.is_none_or(|pasada| pasada.empezada_en <= trabajo.pedida_en && !same(&pasada))
    };
    if !wanted {
        tx.commit().await?;
        return Ok(Siguiente::Nada);
    }
    pasadas::empezar(&mut tx, trabajo.motivo, firma).await?;
    let begun = pasadas::ultima(&mut tx).await?;
    tx.commit().await?;
    Ok(begun.map_or(Siguiente::Nada, Siguiente::Recorrer))
}

/// To the end; `false` if somebody else went on with it meanwhile.
async fn caminar(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, mut pasada: Pasada) -> Result<bool, Fallo> {
    let freno = Arc::new(Freno::default());
    let mut preguntas = Preguntas::new(reglas, tenant, disparo::DIARIO).await?;
    let mut enteras: BTreeSet<String> = running(&preguntas).filter(|_| pasada.despues.is_none()).collect();
    let mut retired = retirar(system, tenant, &preguntas).await?;
    while !preguntas.reglas.is_empty() {
        let mut tx = system.begin(tenant).await?;
        let hechos = Lector::new(&mut tx).await?.lote(&mut tx, pasada.despues, PORCION).await?;
        let Some(last) = hechos.last().map(|one| one.mascota.id) else { break };
        let lote = Lote::leer(&mut tx, &preguntas, hechos).await?;
        let momento = Momento { ahora: tx.now(), hoy: lote.zona.to_datetime(tx.now()).date() };
        drop(tx);
        let dichos = preguntar(&preguntas, &lote, momento, &freno).await?;
        let mut tx = system.begin(tenant).await?;
        let asiento = asentar(&mut tx, &preguntas, &lote, &dichos, momento).await?;
        if !pasadas::avanzar(&mut tx, &pasada, last, asiento.avance).await? {
            return Ok(false);
        }
        tx.commit().await?;
        pasada.despues = Some(last);
        preguntas = Preguntas::new(reglas, tenant, disparo::DIARIO).await?;
        enteras.retain(|name| preguntas.corre(name));
    }
    retired += retirar(system, tenant, &preguntas).await?;
    terminar(system, tenant, &pasada, &preguntas, (&enteras, &freno), retired).await
}

fn running(preguntas: &Preguntas) -> impl Iterator<Item = String> {
    preguntas.reglas.iter().map(|regla| regla.complemento().to_owned())
}

/// Closes what rules said that are gone, in bites.
async fn retirar(system: &SystemCtx, tenant: TenantId, preguntas: &Preguntas) -> Result<u64, Problem> {
    let (known, mut all) = (preguntas.conocidas(), 0);
    loop {
        let mut tx = system.begin(tenant).await?;
        let closed = store::cerrar_retiradas(&mut tx, &known, BOCADO).await?;
        tx.commit().await?;
        all += closed;
        if closed < BOCADO.unsigned_abs() {
            return Ok(all);
        }
    }
}

async fn terminar(
    system: &SystemCtx,
    tenant: TenantId,
    pasada: &Pasada,
    preguntas: &Preguntas,
    (enteras, freno): (&BTreeSet<String>, &Freno),
    retired: u64,
) -> Result<bool, Fallo> {
    let mut tx = system.begin(tenant).await?;
    store::hold(&mut tx).await?;
    let closed = retired + store::cerrar_ausentes(&mut tx, None).await?;
    detenidas::olvidar_fallas(&mut tx, None, Some(&preguntas.conocidas())).await?;
    if !pasadas::terminar(&mut tx, pasada.id, i32::try_from(closed).unwrap_or(i32::MAX)).await? {
        return Ok(false);
    }
    paradas::cerrar(&mut tx, preguntas, enteras, &freno.rendidas()).await?;
    tx.publish(Event::new("alerta.pasada_terminada", json!({ "pasada_id": pasada.id, "motivo": pasada.motivo })));
    tx.commit().await?;
    Ok(true)
}
