//! Reminders: every minute, for each chain that has them, the appointments whose time has come since the last look. How
//! far a sede was looked through is written down with what was found, so nothing is missed or found twice.
use crate::{
    model::Tipo,
    planear::DeCita,
    store::{ajustes, citas, recordatorios as store},
};
use kernel::{Correo, Destino, Problem, SystemCtx, Tx, ids::TenantId, job::Fallo};
use pacientes::Medio;

/// The kind of work: look through one chain.
pub const RECORDAR: &str = "aviso.recordar";
/// Letters of one sede that are asked for in one transaction.
const BITE: usize = 200;

/// Asks for a look through each chain that has reminders; says for how many.
pub async fn programar(system: &SystemCtx) -> Result<u64, Problem> {
    let mut tx = system.begin_jobs().await?;
    let asked = store::programar(&mut tx, system.app().now(), RECORDAR).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Looks through one chain.
pub async fn recordar(system: &SystemCtx, tenant: TenantId) -> Result<(), Fallo> {
    while bite(system, tenant).await? {}
    Ok(())
}

/// Some of what is due in each sede; `true` if there may be more.
async fn bite(system: &SystemCtx, tenant: TenantId) -> Result<bool, Problem> {
    let mut tx = system.begin(tenant).await?;
    // Two that look at once would find the same.
    store::hold(&mut tx).await?;
    let datos = ajustes::get(&mut tx).await?.datos;
    if !datos.recordatorios {
        return Ok(false);
    }
    let (now, mut more) = (tx.now(), false);
    for sede in store::sedes(&mut tx).await? {
        let Some(until) = datos.recordar_hasta(now, &sede.zona) else { continue };
        let from = sede.hasta.map_or(now, |hasta| hasta.max(now));
        if until <= from {
            continue;
        }
        let por_celular = datos.canales.iter().any(|medio| *medio != Medio::Correo);
        let mut due = store::por_recordar(&mut tx, sede.id, (from, until), por_celular, BITE as i64 + 1).await?;
        let mut reached = until;
        if due.len() > BITE {
            // Up to the last whole start: what begins at the same time stays together.
            let last = due[BITE].inicio;
            due.retain(|cita| cita.inicio < last);
            reached = due.last().map_or(until, |cita| cita.inicio);
            more = true;
        }
        for cita in due {
            pedir(&mut tx, &cita).await?;
        }
        store::reach(&mut tx, sede.id, reached).await?;
    }
    tx.commit().await?;
    Ok(more)
}

async fn pedir(tx: &mut Tx, cita: &citas::PorRecordar) -> Result<(), Problem> {
    let clave = format!("{}:{}", cita.id, cita.inicio.as_second());
    let about = DeCita { cita: cita.id, version: None, inicio: Some(cita.inicio) };
    let letter = Correo::new(Tipo::CitaRecordatorio.clave(), clave, Destino::Tutor(cita.tutor)).sede(cita.sede).datos(about);
    tx.enviar(&letter.vence(cita.inicio)).await?;
    Ok(())
}
