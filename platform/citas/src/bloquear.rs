//! Blocking a time of a sede.
use crate::{
    model::{Bloqueo, BloqueoConCitas, CitaEnAgenda, NuevoBloqueo, bloqueo_con_citas},
    store::{self, Filtro},
};
use jiff::ToSpan;
use kernel::{Change, Event, FieldError, Problem, Tx, ids::SedeId};

/// More than any sede has in a year.
const CITAS_MAX: i64 = 100_000;
/// As many as an answer names.
const CITAS_DICHAS: usize = 200;

/// Blocks inside the caller's transaction. The sede is held, so nobody books in it until this is over, and who was booking is
/// found here.
pub async fn bloquear(tx: &mut Tx, sede: SedeId, nuevo: NuevoBloqueo) -> Result<BloqueoConCitas, Problem> {
    if !store::lock_sede(tx, sede).await? {
        return Err(Problem::not_found());
    }
    check_recurso(tx, sede, &nuevo).await?;
    let confirmado = nuevo.confirmar;
    let bloqueo = nuevo.en(sede, tx.now());
    let citas = citas_en(tx, &bloqueo).await?;
    if !citas.is_empty() && !confirmado {
        return Err(bloqueo_con_citas(citas.len(), &citas[..citas.len().min(CITAS_DICHAS)]));
    }
    store::insert_bloqueo(tx, &bloqueo).await?;
    tx.audit(Change::new("crear", "bloqueo", bloqueo.id).sede(sede).despues(&bloqueo));
    tx.publish(Event::new("bloqueo.creado", &bloqueo).sede(sede));
    Ok(BloqueoConCitas { bloqueo, citas })
}

async fn check_recurso(tx: &mut Tx, sede: SedeId, nuevo: &NuevoBloqueo) -> Result<(), Problem> {
    let medico = match nuevo.medico_id {
        Some(medico) => store::es_medico(tx, medico).await?,
        None => true,
    };
    let (ambiente, equipo) = store::recursos_de_sede(tx, sede, nuevo.ambiente_id, nuevo.equipo_id).await?;
    let known = [
        ("/medico_id", medico, "no existe"),
        ("/ambiente_id", ambiente, "no es de esta sede"),
        ("/equipo_id", equipo, "no es de esta sede"),
    ];
    Problem::check(known.into_iter().filter(|(_, there, _)| !there).map(|(pointer, _, detail)| FieldError::new(pointer, detail)).collect())
}

/// The appointments that lie in a block: what somebody has to move or cancel. Told anew each time, so it says what is left.
pub async fn citas_en(tx: &mut Tx, bloqueo: &Bloqueo) -> Result<Vec<CitaEnAgenda>, Problem> {
    let filtro = Filtro {
        sede: Some(bloqueo.sede_id),
        medico: bloqueo.medico_id,
        ambiente: bloqueo.ambiente_id,
        mascota: None,
        // No visit is longer than twelve hours.
        desde: bloqueo.desde.checked_sub(12.hours()).map_err(Problem::internal)?,
        hasta: bloqueo.hasta,
        con_anuladas: false,
        despues_de: None,
        limite: CITAS_MAX,
    };
    let mut citas = store::listar(tx, &filtro).await?;
    citas.retain(|fila| bloqueo.alcanza(fila));
    Ok(citas)
}
