//! What becomes of an offer to one who waits. Who answers takes the hold first, then the offer, then the entry: of two
//! answers at once the second finds nothing to answer.
use crate::{
    model::{Cita, Confirmacion, EstadoOferta, problemas},
    retener,
    store::{self, Resuelta, Suerte},
};
use axum::http::StatusCode;
use kernel::{Change, Event, Problem, Tx, ids::CitaId};
use serde_json::json;

fn gone(problem: Problem) -> Problem {
    match problem.status() {
        StatusCode::NOT_FOUND | StatusCode::GONE => Problem::new(problemas::OFERTA_CERRADA).detail("La hora ya no está disponible."),
        _ => problem,
    }
}

/// Takes the time that was offered: the hold becomes the appointment.
pub async fn aceptar(tx: &mut Tx, retencion: CitaId) -> Result<Cita, Problem> {
    let nothing_new = Confirmacion { mascota_id: None, motivo: None };
    retener::confirmar(tx, retencion, nothing_new).await.map_err(gone)
}

/// Lets it go to the next.
pub async fn rechazar(tx: &mut Tx, retencion: CitaId) -> Result<(), Problem> {
    retener::soltar_como(tx, retencion, EstadoOferta::Rechazada).await.map(drop).map_err(gone)
}

/// A hold became an appointment: if it was held for one who waits, that one waits no more; unless reception gave it to
/// another pet.
pub async fn al_confirmar(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    let Some(resuelta) = store::resolver(tx, cita.id, EstadoOferta::Aceptada, Some(cita.mascota_id)).await? else { return Ok(()) };
    if resuelta.estado == EstadoOferta::Aceptada {
        store::save_suerte(tx, resuelta.espera_id, Suerte::Cumplida(cita.id)).await?;
        return anunciar(tx, &resuelta);
    }
    otra_vez(tx, &resuelta).await
}

/// A hold is gone or over: if it was held for one who waits, that one goes on waiting.
pub async fn al_soltar(tx: &mut Tx, retencion: CitaId, estado: EstadoOferta) -> Result<(), Problem> {
    match store::resolver(tx, retencion, estado, None).await? {
        Some(resuelta) => otra_vez(tx, &resuelta).await,
        None => Ok(()),
    }
}

async fn otra_vez(tx: &mut Tx, resuelta: &Resuelta) -> Result<(), Problem> {
    if resuelta.espera_ofrecida {
        store::save_suerte(tx, resuelta.espera_id, Suerte::Activa).await?;
    }
    anunciar(tx, resuelta)
}

fn anunciar(tx: &mut Tx, resuelta: &Resuelta) -> Result<(), Problem> {
    let (accion, tema) = match resuelta.estado {
        EstadoOferta::Aceptada => ("aceptar", "espera.aceptada"),
        EstadoOferta::Rechazada => ("rechazar", "espera.rechazada"),
        _ => ("vencer", "espera.vencida"),
    };
    let despues = json!({ "oferta_id": resuelta.id, "estado": resuelta.estado });
    tx.audit(Change::new(accion, "espera", resuelta.espera_id).sede(resuelta.sede_id).despues(&despues));
    tx.publish(
        Event::new(tema, json!({ "id": resuelta.espera_id, "oferta_id": resuelta.id, "estado": resuelta.estado })).sede(resuelta.sede_id),
    );
    Ok(())
}
