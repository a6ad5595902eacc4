//! What becomes of an owner's own booking: approved or not by the sede, cancelled by the owner, and who is told.
use crate::{
    autoreservar::ruta,
    cambiar,
    model::{Cita, Confirmacion, Estado, EstadoAutoreserva, dia_y_hora, problemas, propia},
    retener,
    store::{self, ReservaContada},
};
use jiff::tz::TimeZone;
use kernel::{
    Change, Correo, Destino, Event, Problem, Tx,
    ids::{CitaId, SedeId},
};
use serde_json::json;

/// One line: what, for whom, where and when.
pub fn cuenta(reserva: &ReservaContada) -> Result<String, Problem> {
    let zona = TimeZone::get(&reserva.zona).map_err(Problem::internal)?;
    let cuando = dia_y_hora(reserva.inicio, &zona);
    Ok(format!("{} para {}, con {}, en {}: {cuando}.", reserva.servicio, reserva.mascota, reserva.medico, reserva.sede))
}

/// For the owner's own calendar; `None` once there is no such appointment any more.
pub async fn en_calendario(tx: &mut Tx, id: CitaId, enlace: &str) -> Result<Option<String>, Problem> {
    let (reserva, cita) = (store::reserva_contada(tx, id).await?, store::find(tx, id).await?);
    let Some((reserva, cita)) = reserva.zip(cita).filter(|(_, cita)| cita.estado.activa()) else { return Ok(None) };
    let resumen = format!("{} para {}", reserva.servicio, reserva.mascota);
    let lugar = format!("{}, {}", reserva.sede, reserva.cadena);
    Ok(Some(propia(&cita, tx.now(), &resumen, &lugar, enlace)))
}

/// Writes to the pet's owner how it stands.
pub async fn escribir(tx: &mut Tx, cita: CitaId, estado: EstadoAutoreserva) -> Result<(), Problem> {
    let tipo = match estado {
        EstadoAutoreserva::Pendiente => "reserva_pendiente",
        EstadoAutoreserva::Reservada => "reserva_hecha",
        EstadoAutoreserva::Rechazada => "reserva_rechazada",
        EstadoAutoreserva::Anulada => "reserva_anulada",
    };
    let open = matches!(estado, EstadoAutoreserva::Pendiente | EstadoAutoreserva::Reservada);
    contar(tx, cita, tipo, open).await
}

/// Writes that its owner moved it.
pub async fn escribir_mudanza(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    contar(tx, cita, "reserva_movida", true).await
}

/// `open`: there is something left to see or to cancel.
async fn contar(tx: &mut Tx, id: CitaId, tipo: &'static str, open: bool) -> Result<(), Problem> {
    let (Some(reserva), Some(hecha)) = (store::reserva_contada(tx, id).await?, store::hecha(tx, id).await?) else { return Ok(()) };
    let Some(contacto) = pacientes::contacto_de_mascota(tx, reserva.mascota_id).await? else { return Ok(()) };
    // A request is a hold, and gone once it is refused.
    let cita = if reserva.retenida_hasta.is_none() { store::find(tx, id).await? } else { None };
    let (sede, version) = cita.as_ref().map_or((hecha.sede_id, 0), |cita| (cita.sede_id, cita.version));
    let datos = json!({
        "cita": cita.as_ref().map(|cita| cita.id),
        "inicio": reserva.inicio,
        "mascota": reserva.mascota,
        "servicio": reserva.servicio,
        "medico": reserva.medico,
        "instrucciones": reserva.instrucciones.as_deref().filter(|_| open),
        "ruta": if open { Some(ruta(tx, &reserva.enlace_sellado)?) } else { None },
    });
    let letter = Correo::new(tipo, format!("{id}:{version}"), Destino::Tutor(contacto.tutor));
    tx.enviar(&letter.sede(sede).datos(datos).vence(reserva.inicio)).await?;
    match cita {
        Some(cita) => store::anotar_contada(tx, &cita).await,
        None => Ok(()),
    }
}

/// The sede approves a request: its hold becomes the appointment.
pub async fn aprobar(tx: &mut Tx, cita: CitaId) -> Result<Cita, Problem> {
    let motivo = pendiente(tx, cita).await?;
    retener::confirmar(tx, cita, Confirmacion { mascota_id: None, motivo }).await
}

/// The sede does not: the time is free again.
pub async fn rechazar(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    pendiente(tx, cita).await?;
    retener::soltar(tx, cita).await.map(drop)
}

/// The reason of a request that waits.
async fn pendiente(tx: &mut Tx, cita: CitaId) -> Result<Option<String>, Problem> {
    match store::pedida(tx, cita).await?.ok_or_else(Problem::not_found)? {
        (EstadoAutoreserva::Pendiente, motivo) => Ok(motivo),
        (estado, _) => {
            Err(Problem::new(problemas::SOLICITUD_RESUELTA).detail("Esa solicitud ya no espera aprobación.").with("estado", estado))
        }
    }
}

/// The owner cancels, request or appointment, as long as it is ahead. `false`: there was nothing left to cancel.
pub async fn anular(tx: &mut Tx, cita: CitaId) -> Result<bool, Problem> {
    let reserva = store::reserva_contada(tx, cita).await?;
    let Some(reserva) = reserva.filter(|reserva| reserva.abierta(tx.now())) else { return Ok(false) };
    if reserva.retenida_hasta.is_some() {
        escribir(tx, cita, EstadoAutoreserva::Anulada).await?;
        let hecha = store::hecha(tx, cita).await?.ok_or_else(Problem::not_found)?;
        resolver(tx, cita, hecha.sede_id, EstadoAutoreserva::Anulada, "autoreserva.anulada").await?;
        retener::soltar(tx, cita).await?;
    } else {
        cambiar::anular_del_tutor(tx, cita).await?;
        store::resolver_autoreserva(tx, cita, EstadoAutoreserva::Anulada).await?;
        escribir(tx, cita, EstadoAutoreserva::Anulada).await?;
    }
    Ok(true)
}

impl ReservaContada {
    /// Whether it can still be cancelled by its owner.
    pub fn abierta(&self, now: jiff::Timestamp) -> bool {
        let held = self.retenida_hasta.is_none_or(|hasta| hasta.to_jiff() > now);
        let ahead = matches!(self.cita, Estado::Programada | Estado::Confirmada) && self.inicio > now;
        held && ahead && matches!(self.estado, EstadoAutoreserva::Pendiente | EstadoAutoreserva::Reservada)
    }
}

/// A hold became an appointment: a request that waited is approved, whoever did it, and its owner is told.
pub async fn al_confirmar(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    if resolver(tx, cita.id, cita.sede_id, EstadoAutoreserva::Reservada, "autoreserva.aprobada").await? {
        escribir(tx, cita.id, EstadoAutoreserva::Reservada).await?;
    }
    Ok(())
}

/// A hold is about to be let go, by whichever way: of a request that waits its owner is told, while there is something to tell of.
pub async fn antes_de_soltar(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    match store::pedida(tx, cita).await? {
        Some((EstadoAutoreserva::Pendiente, _)) => escribir(tx, cita, EstadoAutoreserva::Rechazada).await,
        _ => Ok(()),
    }
}

/// A hold was let go: a request that waited is refused, unless its owner took it back.
pub async fn al_soltar(tx: &mut Tx, cita: CitaId, sede: SedeId) -> Result<(), Problem> {
    resolver(tx, cita, sede, EstadoAutoreserva::Rechazada, "autoreserva.rechazada").await.map(drop)
}

/// `true`: one waited.
async fn resolver(tx: &mut Tx, cita: CitaId, sede: SedeId, estado: EstadoAutoreserva, tema: &'static str) -> Result<bool, Problem> {
    let waited = store::resolver_autoreserva(tx, cita, estado).await?;
    if waited {
        tx.audit(Change::new("resolver", "autoreserva", cita).sede(sede).despues(json!({ "estado": estado })));
        tx.publish(Event::new(tema, json!({ "id": cita, "sede_id": sede, "estado": estado })).sede(sede));
    }
    Ok(waited)
}
