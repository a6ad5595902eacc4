//! An owner's own booking, by the link of the letter, without signing in.
use super::Reintentos;
use crate::{
    autoreservar::ENLACE,
    gestionar::{self, cuenta},
    model::{Estado, EstadoAutoreserva},
    pagina::{Boton, pagina},
    store::{self, ReservaContada},
};
use axum::{http::StatusCode, response::Response};
use kernel::{Anon, Path, Problem, Tx, ids::CitaId, token};

async fn abrir(anon: &Anon, enlace: &str) -> Result<(Tx, CitaId, Option<ReservaContada>), Problem> {
    let (tenant, resumen) = token::read(ENLACE, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let (cita, sede) = store::autoreserva_de_enlace(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &[sede]).await?;
    let reserva = store::reserva_contada(&mut tx, cita).await?;
    Ok((tx, cita, reserva))
}

fn mostrar(anon: &Anon, enlace: &str, reserva: Option<&ReservaContada>) -> Result<Response, Problem> {
    let gone = || Ok(pagina(StatusCode::GONE, "Esa reserva ya no está", &["La hora quedó libre.".into()], &[]));
    let Some(reserva) = reserva else { return gone() };
    let (que, open) = (cuenta(reserva)?, reserva.abierta(anon.now));
    let titulo = match (reserva.cita, reserva.estado) {
        (Estado::Anulada, _) | (_, EstadoAutoreserva::Anulada | EstadoAutoreserva::Rechazada) => return gone(),
        (_, EstadoAutoreserva::Pendiente) if !open => return gone(),
        (_, EstadoAutoreserva::Pendiente) => "Su solicitud espera la aprobación de la sede",
        (_, EstadoAutoreserva::Reservada) => "Su cita está reservada",
    };
    let botones = open.then(|| Boton { accion: format!("{enlace}/anular"), nombre: "Anular" });
    Ok(pagina(StatusCode::OK, titulo, &[que], botones.as_slice()))
}

/// La página de una reserva propia. Abrirla no anula nada.
#[utoipa::path(get, path = "/reservas/{enlace}", tag = "autoreserva", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn ver(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    let (_, _, reserva) = abrir(&anon, &enlace).await?;
    mostrar(&anon, &enlace, reserva.as_ref())
}

/// Anula una reserva propia, mientras está por venir. Repetirlo no hace nada más.
#[utoipa::path(post, path = "/reservas/{enlace}/anular", tag = "autoreserva", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn anular_reserva(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    let mut reintentos = Reintentos::default();
    loop {
        let (mut tx, cita, reserva) = abrir(&anon, &enlace).await?;
        match gestionar::anular(&mut tx, cita).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(false) => return mostrar(&anon, &enlace, reserva.as_ref()),
            Ok(true) => {
                tx.commit().await?;
                return Ok(pagina(StatusCode::OK, "Reserva anulada", &["La hora quedó libre. Gracias por avisar.".into()], &[]));
            }
        }
    }
}
