//! A vet takes a patient who waits.
use crate::{
    auditar::auditar,
    cambiar,
    facultad::Facultad,
    model::{Cita, Estado, Opciones, Slot, TomaDeVisita, Visita, minuto, problemas},
    reservar::{Pedido, Sabido, Toma, avisar, preparar, tomar as ocupar},
    sala::avisar_visita,
    store::{self, Deseo},
};
use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{
    Change, Problem, Tx,
    ids::{CitaId, SedeId, UsuarioId, VisitaId},
};

/// Nobody waits longer than a day.
const ESPERA_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Takes this patient.
pub async fn tomar(tx: &mut Tx, id: VisitaId, toma: &TomaDeVisita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    let visita = store::visita(tx, id).await?.ok_or_else(Problem::not_found)?;
    match visita.cita_id {
        Some(cita) => pasar_a_consulta(tx, cita, &visita, toma, quien).await,
        None => {
            let visita = store::lock_visita(tx, id).await?.ok_or_else(Problem::not_found)?;
            visita.esperando()?;
            let medico = quien.medico(toma.medico_id, visita.sede_id)?;
            atender(tx, visita, medico, toma, quien).await
        }
    }
}

/// Takes whoever is next for a vet: by triage, then by arrival; with an appointment with that vet, or without one.
pub async fn siguiente(tx: &mut Tx, sede: SedeId, toma: &TomaDeVisita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    let medico = quien.medico(toma.medico_id, sede)?;
    let desde = tx.now() - ESPERA_MAX;
    let mut sala = store::esperando(tx, sede, desde).await?;
    sala.sort_by_key(Visita::turno);
    for visita in sala.into_iter().filter(|visita| visita.es_para(medico)) {
        let free = store::lock_visita_libre(tx, visita.id).await?.filter(|visita| visita.esperando().is_ok() && visita.es_para(medico));
        let Some(visita) = free else { continue };
        return match visita.cita_id {
            Some(cita) => pasar_a_consulta(tx, cita, &visita, &TomaDeVisita::default(), quien).await,
            None => atender(tx, visita, medico, toma, quien).await,
        };
    }
    Err(Problem::new(problemas::SALA_VACIA))
}

async fn pasar_a_consulta(tx: &mut Tx, cita: CitaId, visita: &Visita, toma: &TomaDeVisita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    toma.check_con_cita()?;
    let antes = store::lock(tx, cita).await?.ok_or_else(Problem::not_found)?;
    if antes.estado != Estado::EnEspera {
        visita.esperando()?;
    }
    cambiar::pasar(tx, antes, Estado::EnConsulta, quien).await
}

/// Who has no appointment gets one that begins now. Whoever is here is seen, whatever the hours of vet and sede say; an
/// emergency also passes over the vet's next appointment and, where every room is full, is seen without one.
async fn atender(tx: &mut Tx, antes: Visita, medico: UsuarioId, toma: &TomaDeVisita, quien: Facultad<'_>) -> Result<Cita, Problem> {
    if toma.sobrecupo {
        quien.autorizar(antes.sede_id)?;
    }
    let deseo = Deseo {
        sede: antes.sede_id,
        mascota: Some(antes.mascota_id),
        servicio: antes.servicio_id,
        medico: Some(medico),
        inicio: minuto(tx.now()),
        duracion_min: None,
    };
    let pedido = Pedido { medico: Some(medico), ambiente: toma.ambiente_id, equipos: None, sobrecupo: true };
    let (contexto, slot, opciones) = preparar(tx, &deseo, &pedido, None).await?;
    // Nothing is made ready before: it has begun.
    let slot = Slot { desde: slot.inicio, ..slot };
    let mut cita = cita(&antes, medico, &slot, toma);
    let mut done = ocupar(tx, &mut Toma::Reserva(&mut cita), &slot, &opciones, Sabido::solo(contexto.ocupados)).await;
    if let Some(triaje) = antes.triaje.filter(|triaje| triaje.emergencia()) {
        let without_room = Opciones { ambientes: None, equipos: Vec::new(), ..opciones.clone() };
        for opciones in [opciones, without_room] {
            if done.as_ref().is_err_and(|problem| problem.status() == StatusCode::CONFLICT) {
                cita.sobrecupo = true;
                cita.sobrecupo_motivo = Some(format!("Emergencia: triaje {}", triaje.nombre()));
                done = ocupar(tx, &mut Toma::Reserva(&mut cita), &slot, &opciones, Sabido::default()).await;
            }
        }
    }
    done.map_err(|problem| problem.with("visita_id", antes.id))?;
    let mut visita = antes.clone();
    visita.tomar(&cita, tx.now());
    store::guardar_visita(tx, &visita).await?;
    auditar(tx, cita.mascota_id, Change::new("reservar", "cita", cita.id).sede(cita.sede_id).despues(&cita)).await?;
    auditar(tx, visita.mascota_id, Change::new("tomar", "visita", visita.id).sede(visita.sede_id).antes(&antes).despues(&visita)).await?;
    avisar(tx, "cita.reservada", &cita);
    avisar_visita(tx, "visita.cambiada", &visita);
    Ok(cita)
}

fn cita(visita: &Visita, medico_id: UsuarioId, slot: &Slot, toma: &TomaDeVisita) -> Cita {
    Cita {
        id: CitaId::new(),
        sede_id: visita.sede_id,
        mascota_id: visita.mascota_id,
        medico_id,
        servicio_id: visita.servicio_id,
        ambiente_id: None,
        equipos: Vec::new(),
        inicio: slot.inicio,
        fin: slot.fin,
        estado: Estado::EnConsulta,
        motivo: visita.motivo.clone(),
        anulada_motivo: None,
        anulada_por: None,
        sobrecupo: toma.sobrecupo,
        sobrecupo_motivo: toma.sobrecupo_motivo.clone(),
        serie_id: None,
        version: 1,
    }
}
