//! Who comes into the house, and what becomes of them.
use crate::{
    auditar::auditar,
    model::{CambioVisita, Cita, Estado, NuevaVisita, Triaje, Visita, problemas},
    store,
};
use kernel::{
    Change, Event, FieldError, IfMatch, Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, UsuarioId, VisitaId},
};
use serde::Serialize;

#[derive(Serialize)]
struct Aviso {
    id: VisitaId,
    sede_id: SedeId,
    cita_id: Option<CitaId>,
    mascota_id: MascotaId,
    medico_id: Option<UsuarioId>,
    triaje: Option<Triaje>,
    estado: Estado,
}

/// Tells the screens of the sede.
pub fn avisar_visita(tx: &mut Tx, tema: &'static str, visita: &Visita) {
    let Visita { id, sede_id, cita_id, mascota_id, medico_id, triaje, estado, .. } = *visita;
    tx.publish(Event::new(tema, Aviso { id, sede_id, cita_id, mascota_id, medico_id, triaje, estado }).sede(sede_id));
}

/// Stamps the visit of an appointment that changed its state; the appointment is held.
pub async fn sellar(tx: &mut Tx, antes: &Cita, cita: &Cita) -> Result<(), Problem> {
    let now = tx.now();
    if antes.estado == cita.estado {
        return Ok(());
    }
    match store::visita_de(tx, cita.id).await? {
        Some(mut visita) => {
            if visita.sellar(cita.estado, now) {
                store::guardar_visita(tx, &visita).await
            } else {
                store::borrar_visita(tx, visita.id).await
            }
        }
        None if cita.estado == Estado::EnEspera => store::insert_visita(tx, &Visita::de_cita(cita, now)).await.map(drop),
        None => Ok(()),
    }
}

/// Somebody is here without an appointment.
pub async fn llegar(tx: &mut Tx, sede: SedeId, nueva: NuevaVisita) -> Result<Visita, Problem> {
    let there = store::referencias(tx, nueva.mascota_id, nueva.servicio_id, nueva.medico_id).await?;
    let known = [("/mascota_id", there.mascota, "no existe"), ("/servicio_id", there.servicio, "no existe o no está activo")];
    let known = known.into_iter().chain([("/medico_id", there.medico, "no existe o no está activo")]);
    Problem::check(known.filter(|(_, there, _)| !there).map(|(pointer, _, detail)| FieldError::new(pointer, detail)).collect())?;
    if there.fallecida {
        return Err(Problem::new(problemas::MASCOTA_FALLECIDA));
    }
    let visita = Visita::sin_cita(sede, nueva, tx.now());
    if !store::insert_visita(tx, &visita).await? {
        return Err(Problem::new(problemas::VISITA_YA_ESPERA));
    }
    auditar(tx, visita.mascota_id, Change::new("registrar", "visita", visita.id).sede(sede).despues(&visita)).await?;
    avisar_visita(tx, "visita.llegada", &visita);
    Ok(visita)
}

/// Another triage, another vet asked for.
pub async fn clasificar(tx: &mut Tx, id: VisitaId, if_match: IfMatch, cambio: CambioVisita) -> Result<Visita, Problem> {
    let antes = store::lock_visita(tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let there = store::referencias(tx, antes.mascota_id, antes.servicio_id, cambio.medico_id).await?;
    if !there.medico {
        return Err(Problem::field("/medico_id", "no existe o no está activo"));
    }
    let mut visita = antes.clone();
    visita.cambiar(cambio)?;
    store::guardar_visita(tx, &visita).await?;
    auditar(tx, visita.mascota_id, Change::new("cambiar", "visita", id).sede(visita.sede_id).antes(&antes).despues(&visita)).await?;
    avisar_visita(tx, "visita.cambiada", &visita);
    Ok(visita)
}

/// Somebody left without being seen.
pub async fn retirar(tx: &mut Tx, id: VisitaId, motivo: String) -> Result<Visita, Problem> {
    let antes = store::lock_visita(tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut visita = antes.clone();
    visita.retirar(motivo, tx.now())?;
    store::guardar_visita(tx, &visita).await?;
    auditar(tx, visita.mascota_id, Change::new("retirar", "visita", id).sede(visita.sede_id).antes(&antes).despues(&visita)).await?;
    avisar_visita(tx, "visita.retirada", &visita);
    Ok(visita)
}
