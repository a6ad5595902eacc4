//! What becomes of an owner's own booking: approved or not by the sede, cancelled by the owner, and who is told.
use crate::{
    autoreservar::ruta,
    cambiar, cartas,
    model::{Cita, Confirmacion, Estado, EstadoAutoreserva, dia_y_hora, problemas, propia},
    retener,
    store::{self, ReservaContada},
};
use jiff::tz::TimeZone;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{CitaId, SedeId},
    ports::Mail,
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
    let (subject, lead) = match estado {
        EstadoAutoreserva::Pendiente => {
            ("Recibimos su solicitud", "Recibimos su solicitud y le guardamos la hora hasta que la sede la apruebe:")
        }
        EstadoAutoreserva::Reservada => ("Su cita está reservada", "Su cita está reservada:"),
        EstadoAutoreserva::Rechazada => ("No pudimos darle esa hora", "La sede no pudo darle la hora que pidió:"),
        EstadoAutoreserva::Anulada => ("Su cita se anuló", "Se anuló lo que reservó:"),
    };
    let open = matches!(estado, EstadoAutoreserva::Pendiente | EstadoAutoreserva::Reservada);
    contar(tx, cita, subject, lead, open).await
}

/// Writes that its owner moved it.
pub async fn escribir_mudanza(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    contar(tx, cita, "Su cita cambió de hora", "Su cita cambió de hora. Queda así:", true).await
}

/// `open`: there is something left to see or to cancel.
async fn contar(tx: &mut Tx, cita: CitaId, subject: &str, lead: &str, open: bool) -> Result<(), Problem> {
    let Some(reserva) = store::reserva_contada(tx, cita).await? else { return Ok(()) };
    let Some(contacto) = pacientes::contacto_de_mascota(tx, reserva.mascota_id).await? else { return Ok(()) };
    let Some(to) = contacto.correo else { return Ok(()) };
    let instrucciones = reserva.instrucciones.as_deref().filter(|_| open).map(|text| format!("\n{text}\n")).unwrap_or_default();
    let ruta = if open { Some(ruta(tx, &reserva.enlace_sellado)?) } else { None };
    let link = if open { "\nPara verla, cambiarla o anularla:\n\n" } else { "" };
    let text = format!("Hola, {}:\n\n{lead}\n\n{}\n{instrucciones}{link}", contacto.nombre, cuenta(&reserva)?);
    cartas::encolar(tx, &Mail::plain(to, format!("{subject} en {}", reserva.cadena), text), ruta.as_deref()).await
}

/// The sede approves a request: its hold becomes the appointment.
pub async fn aprobar(tx: &mut Tx, cita: CitaId) -> Result<Cita, Problem> {
    let motivo = pendiente(tx, cita).await?;
    let aprobada = retener::confirmar(tx, cita, Confirmacion { mascota_id: None, motivo }).await?;
    escribir(tx, cita, EstadoAutoreserva::Reservada).await?;
    Ok(aprobada)
}

/// The sede does not: the time is free again.
pub async fn rechazar(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    pendiente(tx, cita).await?;
    escribir(tx, cita, EstadoAutoreserva::Rechazada).await?;
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
        store::resolver_autoreserva(tx, cita, EstadoAutoreserva::Anulada).await?;
        retener::soltar(tx, cita).await?;
    } else {
        cambiar::anular_del_tutor(tx, cita).await?;
        store::resolver_autoreserva(tx, cita, EstadoAutoreserva::Anulada).await?;
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

/// A hold became an appointment: a request that waited is approved, whoever did it.
pub async fn al_confirmar(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    resolver(tx, cita.id, cita.sede_id, EstadoAutoreserva::Reservada, "autoreserva.aprobada").await
}

/// A hold was let go: a request that waited is refused, unless its owner took it back.
pub async fn al_soltar(tx: &mut Tx, cita: CitaId, sede: SedeId) -> Result<(), Problem> {
    resolver(tx, cita, sede, EstadoAutoreserva::Rechazada, "autoreserva.rechazada").await
}

async fn resolver(tx: &mut Tx, cita: CitaId, sede: SedeId, estado: EstadoAutoreserva, tema: &'static str) -> Result<(), Problem> {
    if store::resolver_autoreserva(tx, cita, estado).await? {
        tx.audit(Change::new("resolver", "autoreserva", cita).sede(sede).despues(json!({ "estado": estado })));
        tx.publish(Event::new(tema, json!({ "id": cita, "sede_id": sede, "estado": estado })).sede(sede));
    }
    Ok(())
}
