//! Changing an appointment: other data, another state, another time or place.
use crate::{
    auditar::auditar,
    facultad::Facultad,
    faltar,
    model::{AnuladaPor, CambioCita, Cita, Estado, check_inicio, traslape},
    reservar::{Pedido, Sabido, Toma, avisar, avisar_de, conflictos_de, preparar, tomar},
    sala,
    serie::{self, Baja},
    store::{self, Deseo, Lugar},
};
use jiff::Timestamp;
use kernel::{
    Change, IfMatch, Problem, Tx,
    ids::{CitaId, UsuarioId},
    problem::kinds,
};
use uuid::Uuid;

/// Why an appointment was cancelled that its owner cancelled, by the link of a letter.
const DEL_TUTOR: &str = "La anuló el tutor desde su enlace";

/// Changes an appointment inside the caller's transaction: other data, another state, or another time.
pub async fn cambiar(tx: &mut Tx, id: CitaId, if_match: IfMatch, cambio: &CambioCita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    let mut antes = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
    if antes.se_mueve(cambio) {
        antes = serie::en_turno(tx, antes).await?;
    }
    if_match.check(antes.version)?;
    cambiar_una(tx, &antes, cambio, quien).await
}

/// The same, of an appointment as it was read.
pub async fn cambiar_una(tx: &mut Tx, antes: &Cita, cambio: &CambioCita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    quien.cambiar(antes)?;
    if antes.se_mueve(cambio) && cambio.sobrecupo == Some(true) {
        quien.autorizar(cambio.sede_id)?;
    }
    let mut cita = if antes.se_mueve(cambio) { mover(tx, antes, cambio).await? } else { reescribir(tx, antes, cambio).await? };
    if let Some(estado) = cambio.estado.filter(|estado| *estado != cita.estado) {
        let version = cita.version;
        cita.pasar_a(estado, tx.now())?;
        cita.version = version;
        guardar_estado(tx, &cita).await?;
        seguir(tx, antes, &cita).await?;
    }
    auditar(tx, cita.mascota_id, Change::new("cambiar", "cita", cita.id).sede(cita.sede_id).antes(antes).despues(&cita)).await?;
    avisar_de(tx, "cita.cambiada", &cita, Some(antes));
    Ok(cita)
}

/// The row, held, if nobody changed it since it was read.
async fn hold(tx: &mut Tx, read: &Cita) -> Result<Cita, Problem> {
    let held = store::lock(tx, read.id).await?.ok_or_else(Problem::not_found)?;
    if held.version == read.version { Ok(held) } else { Err(Problem::new(kinds::STALE).with("version", held.version)) }
}

async fn reescribir(tx: &mut Tx, antes: &Cita, cambio: &CambioCita) -> Result<Cita, Problem> {
    let mut cita = hold(tx, antes).await?;
    cita.motivo.clone_from(&cambio.motivo);
    cita.version += 1;
    store::save_motivo(tx, &cita).await?;
    Ok(cita)
}

async fn mover(tx: &mut Tx, antes: &Cita, cambio: &CambioCita) -> Result<Cita, Problem> {
    if !antes.estado.movible() {
        return Err(antes.estado.no_permite("Esa cita ya no se puede mover."));
    }
    if antes.inicio != cambio.inicio {
        Problem::check(check_inicio(cambio.inicio, tx.now()))?;
    }
    cambio.check_sobrecupo()?;
    let deseo = Deseo {
        sede: cambio.sede_id,
        mascota: Some(antes.mascota_id),
        servicio: cambio.servicio_id,
        medico: Some(cambio.medico_id),
        inicio: cambio.inicio,
        duracion_min: cambio.duracion_min,
    };
    let pedido = Pedido {
        medico: Some(cambio.medico_id),
        ambiente: cambio.ambiente_id,
        equipos: cambio.equipos.as_deref(),
        sobrecupo: cambio.sobrecupo.unwrap_or_default(),
    };
    let (_, slot, opciones) = preparar(tx, &deseo, &pedido, Some(antes.id)).await?;
    let opciones = opciones.prefiriendo(antes.ambiente_id, &antes.equipos);
    // All that it holds or may come to hold, in one call, so that two moves queue up instead of crossing.
    let rooms = opciones.ambientes.iter().flatten().chain(&antes.ambiente_id).map(|id| id.0);
    let equipos = opciones.equipos.iter().flatten().chain(&antes.equipos).map(|id| id.0);
    let all: Vec<Uuid> = [antes.medico_id.0, cambio.medico_id.0, antes.mascota_id.0].into_iter().chain(rooms).chain(equipos).collect();
    store::bloquear(tx, &all).await?;
    let mut cita = hold(tx, antes).await?;
    cita.sede_id = cambio.sede_id;
    cita.servicio_id = cambio.servicio_id;
    cita.inicio = slot.inicio;
    cita.fin = slot.fin;
    cita.motivo.clone_from(&cambio.motivo);
    cita.sobrecupo = pedido.sobrecupo;
    cita.sobrecupo_motivo.clone_from(&cambio.sobrecupo_motivo);
    cita.version += 1;
    let lugar = Lugar { sede: cita.sede_id, mascota: Some(cita.mascota_id), slot: &slot, opciones: &opciones, excepto: Some(cita.id) };
    let sabido = Sabido::solo(store::conflictos(tx, &lugar).await?.iter().map(|conflicto| conflicto.recurso_id));
    tomar(tx, &mut Toma::Movida(&mut cita), &slot, &opciones, sabido).await?;
    if cita.estado == Estado::EnEspera {
        store::mudar_visita(tx, &cita).await?;
    }
    Ok(cita)
}

/// Another state and nothing else.
pub async fn pasar_a(tx: &mut Tx, id: CitaId, if_match: IfMatch, estado: Estado, quien: Facultad<'_>) -> Result<Cita, Problem> {
    let antes = store::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    pasar(tx, antes, estado, quien).await
}

/// The same, of an appointment that is held.
pub async fn pasar(tx: &mut Tx, antes: Cita, estado: Estado, quien: Facultad<'_>) -> Result<Cita, Problem> {
    quien.cambiar(&antes)?;
    avanzar(tx, antes, estado).await
}

async fn avanzar(tx: &mut Tx, antes: Cita, estado: Estado) -> Result<Cita, Problem> {
    let mut cita = antes.clone();
    cita.pasar_a(estado, tx.now())?;
    guardar_estado(tx, &cita).await?;
    seguir(tx, &antes, &cita).await?;
    auditar(tx, cita.mascota_id, Change::new("cambiar", "cita", cita.id).sede(cita.sede_id).antes(&antes).despues(&cita)).await?;
    avisar(tx, "cita.cambiada", &cita);
    Ok(cita)
}

/// What else a new state means: for the owner's record, and for the board.
pub async fn seguir(tx: &mut Tx, antes: &Cita, despues: &Cita) -> Result<(), Problem> {
    faltar::anotar(tx, antes, despues).await?;
    sala::sellar(tx, antes, despues).await
}

/// Its owner says that they come. Said again it changes nothing; once the pet has arrived there is nothing to say.
pub async fn confirmar_del_tutor(tx: &mut Tx, id: CitaId) -> Result<Cita, Problem> {
    let antes = store::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    match antes.estado {
        Estado::Confirmada => Ok(antes),
        Estado::Programada => avanzar(tx, antes, Estado::Confirmada).await,
        otro => Err(otro.no_permite("Esa cita ya no se puede confirmar.")),
    }
}

/// Its owner does not come. As above.
pub async fn anular_del_tutor(tx: &mut Tx, id: CitaId) -> Result<Cita, Problem> {
    let antes = store::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    match antes.estado {
        Estado::Anulada => Ok(antes),
        Estado::Programada | Estado::Confirmada => serie::dar_de_baja(tx, antes, &Baja { motivo: DEL_TUTOR, por: AnuladaPor::Tutor }).await,
        otro => Err(otro.no_permite("Esa cita ya no se puede anular.")),
    }
}

/// Its owner comes at another time, to whoever has it free.
pub async fn mover_del_tutor(tx: &mut Tx, antes: &Cita, inicio: Timestamp, medico: UsuarioId) -> Result<Cita, Problem> {
    let cambio = CambioCita {
        sede_id: antes.sede_id,
        servicio_id: antes.servicio_id,
        medico_id: medico,
        ambiente_id: None,
        equipos: None,
        inicio,
        motivo: antes.motivo.clone(),
        estado: None,
        sobrecupo: None,
        sobrecupo_motivo: None,
        duracion_min: None,
    };
    let cita = mover(tx, antes, &cambio).await?;
    auditar(tx, cita.mascota_id, Change::new("cambiar", "cita", cita.id).sede(cita.sede_id).antes(antes).despues(&cita)).await?;
    avisar_de(tx, "cita.cambiada", &cita, Some(antes));
    Ok(cita)
}

/// Writes a new state. One that takes the slot again (arrived after all) can find it taken.
pub async fn guardar_estado(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    guardar(tx, cita, async |tx, cita| store::save_estado(tx, cita).await).await
}

/// Writes what takes the slot that an appointment has; the 409 names all that is taken of it.
pub async fn guardar(tx: &mut Tx, cita: &Cita, escribir: impl AsyncFn(&mut Tx, &Cita) -> Result<bool, Problem>) -> Result<(), Problem> {
    for _ in 0..2 {
        if escribir(tx, cita).await? {
            return Ok(());
        }
        let conflictos = conflictos_de(tx, cita).await?;
        if !conflictos.is_empty() {
            return Err(traslape(&conflictos));
        }
    }
    // What stood in the way came and went twice.
    Err(Problem::new(kinds::UNAVAILABLE).retry_after(1))
}
