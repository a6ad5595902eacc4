//! Keeping a slot for some minutes, and what becomes of it.
use crate::{
    auditar::auditar,
    cambiar::guardar,
    gestionar,
    model::{Cita, Confirmacion, Estado, EstadoOferta, NuevaRetencion, Retencion, fuera_de_agenda},
    reservar::{Pedido, Toma, avisar, preparar, tomar},
    responder,
    store::{self, Deseo},
};
use jiff::Timestamp;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{CitaId, UsuarioId},
};
use uuid::Uuid;

/// Holds a slot inside the caller's transaction.
pub async fn retener(tx: &mut Tx, nueva: NuevaRetencion) -> Result<Retencion, Problem> {
    let hasta = nueva.hasta(tx.now());
    retener_hasta(tx, nueva, hasta).await
}

/// The same, for as long as the caller says.
pub async fn retener_hasta(tx: &mut Tx, nueva: NuevaRetencion, hasta: Timestamp) -> Result<Retencion, Problem> {
    let deseo = Deseo {
        sede: nueva.sede_id,
        mascota: nueva.mascota_id,
        servicio: nueva.servicio_id,
        medico: nueva.medico_id,
        inicio: nueva.inicio,
        duracion_min: None,
    };
    let pedido = Pedido { medico: nueva.medico_id, ambiente: nueva.ambiente_id, equipos: nueva.equipos.as_deref(), sobrecupo: false };
    let (contexto, slot, opciones) = preparar(tx, &deseo, &pedido, None).await?;
    let mut retencion = Retencion {
        id: CitaId::new(),
        sede_id: nueva.sede_id,
        mascota_id: nueva.mascota_id,
        medico_id: UsuarioId(Uuid::nil()),
        servicio_id: nueva.servicio_id,
        ambiente_id: None,
        equipos: Vec::new(),
        inicio: slot.inicio,
        fin: slot.fin,
        retenida_hasta: hasta,
        version: 1,
    };
    tomar(tx, &mut Toma::Retencion(&mut retencion), &slot, &opciones, contexto.sabido()).await?;
    tx.audit(Change::new("retener", "cita", retencion.id).sede(retencion.sede_id).despues(&retencion));
    tx.publish(Event::new("cita.retenida", &retencion).sede(retencion.sede_id));
    Ok(retencion)
}

/// Makes the appointment out of a hold that still holds.
pub async fn confirmar(tx: &mut Tx, id: CitaId, confirmacion: Confirmacion) -> Result<Cita, Problem> {
    let retencion = store::lock_retencion(tx, id).await?.ok_or_else(Problem::not_found)?;
    let mascota = retencion.confirmar(&confirmacion, tx.now())?;
    let deseo = Deseo {
        sede: retencion.sede_id,
        mascota: Some(mascota),
        servicio: retencion.servicio_id,
        medico: Some(retencion.medico_id),
        inicio: retencion.inicio,
        duracion_min: None,
    };
    let pedido =
        Pedido { medico: Some(retencion.medico_id), ambiente: retencion.ambiente_id, equipos: Some(&retencion.equipos), sobrecupo: false };
    // Since it was held the vet may have left, the sede closed, the pet died.
    let contexto = store::contexto(tx, &deseo).await?;
    let reasons = contexto.impedimentos(&pedido, &contexto.oferta.slot(retencion.inicio))?;
    if !reasons.is_empty() {
        return Err(fuera_de_agenda(&reasons, &[]));
    }
    let cita = Cita {
        id,
        sede_id: retencion.sede_id,
        mascota_id: mascota,
        medico_id: retencion.medico_id,
        servicio_id: retencion.servicio_id,
        ambiente_id: retencion.ambiente_id,
        equipos: retencion.equipos.clone(),
        inicio: retencion.inicio,
        fin: retencion.fin,
        estado: Estado::Programada,
        motivo: confirmacion.motivo,
        anulada_motivo: None,
        anulada_por: None,
        sobrecupo: false,
        sobrecupo_motivo: None,
        serie_id: None,
        version: retencion.version + 1,
    };
    guardar(tx, &cita, async |tx, cita| store::confirmar(tx, cita).await).await?;
    auditar(tx, cita.mascota_id, Change::new("reservar", "cita", id).sede(cita.sede_id).antes(&retencion).despues(&cita)).await?;
    avisar(tx, "cita.reservada", &cita);
    responder::al_confirmar(tx, &cita).await?;
    gestionar::al_confirmar(tx, &cita).await?;
    Ok(cita)
}

/// Lets a hold go before its end.
pub async fn soltar(tx: &mut Tx, id: CitaId) -> Result<Retencion, Problem> {
    soltar_como(tx, id, EstadoOferta::Retirada).await
}

/// The same; `oferta` is what becomes of the offer, if it was held for one who waits.
pub async fn soltar_como(tx: &mut Tx, id: CitaId, oferta: EstadoOferta) -> Result<Retencion, Problem> {
    let retencion = store::retencion(tx, id).await?.ok_or_else(Problem::not_found)?;
    gestionar::antes_de_soltar(tx, id).await?;
    if !store::soltar(tx, id).await? {
        return Err(Problem::not_found());
    }
    tx.audit(Change::new("soltar", "cita", id).sede(retencion.sede_id).antes(&retencion));
    tx.publish(Event::new("cita.soltada", &retencion).sede(retencion.sede_id));
    responder::al_soltar(tx, id, oferta).await?;
    gestionar::al_soltar(tx, id, retencion.sede_id).await?;
    Ok(retencion)
}
