//! What a change of an appointment means for its owner's record.
use crate::{
    model::{AnuladaPor, Cita, Estado, FaltaTipo, MEMORIA},
    store,
};
use kernel::{Problem, Tx, ids::TutorId, ports::Conducta};

/// Notes a no-show or a late cancellation, or takes a no-show back that was none. The appointment is held.
pub async fn anotar(tx: &mut Tx, antes: &Cita, despues: &Cita) -> Result<(), Problem> {
    let now = tx.now();
    match (antes.estado, despues.estado) {
        (Estado::NoAsistio, Estado::NoAsistio) => Ok(()),
        (_, Estado::NoAsistio) => store::anotar_falta(tx, despues, FaltaTipo::NoAsistio).await,
        (Estado::NoAsistio, _) => match store::quitar_falta(tx, despues.id).await? {
            Some(en) => store::ajustes(tx).await?.corregible(en, now),
            None => Ok(()),
        },
        (_, Estado::Anulada) if despues.anulada_por == Some(AnuladaPor::Tutor) => {
            if store::ajustes(tx).await?.es_tardia(despues, now) {
                store::anotar_falta(tx, despues, FaltaTipo::AnulacionTardia).await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// How an owner kept appointments in the last twelve months, and what the chain's policy makes of it.
pub async fn conducta(tx: &mut Tx, tutor: TutorId) -> Result<Conducta, Problem> {
    let desde = tx.now() - MEMORIA;
    store::conducta(tx, tutor, desde).await
}
