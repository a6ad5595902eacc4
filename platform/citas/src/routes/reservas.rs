//! An owner's own booking, by the link of the letter, without signing in.
use super::Reintentos;
use crate::{
    autoreservar::ENLACE,
    gestionar::{self, cuenta},
    model::{Estado, EstadoAutoreserva, dia_y_hora, problemas::HORA_NO_DISPONIBLE},
    mudar::{self, Mudable},
    pagina::{Boton, Paso, pagina, pagina_con},
    store::{self, ReservaContada},
};
use axum::{http::StatusCode, response::Response};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{Anon, Path, Problem, Query, Tx, ids::CitaId, token};
use serde::Deserialize;
use utoipa::IntoParams;

/// Times that one sees at once.
const HORAS: usize = 24;

async fn abrir(anon: &Anon, enlace: &str) -> Result<(Tx, CitaId, Option<ReservaContada>), Problem> {
    let (tenant, resumen) = token::read(ENLACE, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let (cita, sede) = store::autoreserva_de_enlace(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &[sede]).await?;
    let reserva = store::reserva_contada(&mut tx, cita).await?;
    Ok((tx, cita, reserva))
}

fn mostrar(anon: &Anon, enlace: &str, reserva: Option<&ReservaContada>, movable: bool) -> Result<Response, Problem> {
    let gone = || Ok(pagina(StatusCode::GONE, "Esa reserva ya no está", &["La hora quedó libre.".into()], &[]));
    let Some(reserva) = reserva else { return gone() };
    let (que, open) = (cuenta(reserva)?, reserva.abierta(anon.now));
    let titulo = match (reserva.cita, reserva.estado) {
        (Estado::Anulada, _) | (_, EstadoAutoreserva::Anulada | EstadoAutoreserva::Rechazada) => return gone(),
        (_, EstadoAutoreserva::Pendiente) if !open => return gone(),
        (_, EstadoAutoreserva::Pendiente) => "Su solicitud espera la aprobación de la sede",
        (_, EstadoAutoreserva::Reservada) => "Su cita está reservada",
    };
    let botones = open.then(|| Boton { accion: format!("{enlace}/anular"), nombre: "Anular".into() });
    let pasos = movable.then(|| Paso { a: format!("{enlace}/mover"), nombre: "Cambiar la hora" });
    Ok(pagina_con(StatusCode::OK, titulo, &[que], botones.as_slice(), pasos.as_slice()))
}

/// La página de una reserva propia. Abrirla no anula nada.
#[utoipa::path(get, path = "/reservas/{enlace}", tag = "autoreserva", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn ver(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    let (mut tx, cita, reserva) = abrir(&anon, &enlace).await?;
    let movable = mudar::mudable(&mut tx, cita).await?.is_ok();
    mostrar(&anon, &enlace, reserva.as_ref(), movable)
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
            Ok(false) => return mostrar(&anon, &enlace, reserva.as_ref(), false),
            Ok(true) => {
                tx.commit().await?;
                return Ok(pagina(StatusCode::OK, "Reserva anulada", &["La hora quedó libre. Gracias por avisar.".into()], &[]));
            }
        }
    }
}

/// Desde cuándo se buscan horas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HorasDesde {
    /// Ausente: las próximas.
    desde: Option<Timestamp>,
}

/// The booking if it can be moved; else the page that says why not, or that it is gone.
async fn por_mover(anon: &Anon, enlace: &str) -> Result<Result<(Tx, CitaId, Mudable), Response>, Problem> {
    let (mut tx, cita, reserva) = abrir(anon, enlace).await?;
    match mudar::mudable(&mut tx, cita).await? {
        Ok(mudable) => Ok(Ok((tx, cita, mudable))),
        Err(why) if reserva.is_some() => Ok(Err(pagina(StatusCode::CONFLICT, "No se puede cambiar aquí", &[why.to_owned()], &[]))),
        Err(_) => mostrar(anon, enlace, None, false).map(Err),
    }
}

/// Las horas libres a las que se puede mover una reserva propia. Abrir la página no cambia nada.
#[utoipa::path(get, path = "/reservas/{enlace}/mover", tag = "autoreserva", security(()),
    params(("enlace" = String, Path, description = "Lo que trae el correo"), HorasDesde),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn ver_horas(anon: Anon, Path(enlace): Path<String>, Query(horas): Query<HorasDesde>) -> Result<Response, Problem> {
    let (mut tx, _, mudable) = match por_mover(&anon, &enlace).await? {
        Ok(found) => found,
        Err(page) => return Ok(page),
    };
    let desde = horas.desde.unwrap_or(anon.now).max(anon.now);
    let found = mudable.horas(&mut tx, desde, HORAS).await?;
    let zona = TimeZone::get(&mudable.reserva.zona).map_err(Problem::internal)?;
    let boton = |hora: &Timestamp| Boton { accion: format!("mover?inicio={hora}"), nombre: dia_y_hora(*hora, &zona).into() };
    let botones: Vec<Boton> = found.iter().map(boton).collect();
    let more = found.last().filter(|_| found.len() == HORAS);
    let more = more.map(|last| Paso { a: format!("mover?desde={}", *last + jiff::SignedDuration::from_mins(1)), nombre: "Ver más horas" });
    let none = found.is_empty().then(|| "No hay otra hora libre. Llame a la sede.".to_owned());
    let parrafos: Vec<String> = std::iter::once(format!("Hoy la tiene así: {}", cuenta(&mudable.reserva)?)).chain(none).collect();
    Ok(pagina_con(StatusCode::OK, "¿A qué hora la cambia?", &parrafos, &botones, more.as_slice()))
}

/// La hora elegida.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HoraNueva {
    inicio: Timestamp,
}

/// Mueve una reserva propia a otra hora libre, con las reglas de quien reserva por su cuenta. Hasta tres veces.
#[utoipa::path(post, path = "/reservas/{enlace}/mover", tag = "autoreserva", security(()),
    params(("enlace" = String, Path, description = "Lo que trae el correo"), HoraNueva),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn mover_reserva(
    anon: Anon,
    Path(enlace): Path<String>,
    Query(HoraNueva { inicio }): Query<HoraNueva>,
) -> Result<Response, Problem> {
    let mut reintentos = Reintentos::default();
    loop {
        let (mut tx, cita, mudable) = match por_mover(&anon, &enlace).await? {
            Ok(found) => found,
            Err(page) => return Ok(page),
        };
        if mudable.cita.inicio == inicio {
            return mostrar(&anon, &enlace, Some(&mudable.reserva), false);
        }
        match mudar::mudar(&mut tx, &mudable, inicio).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) if problem.status() == HORA_NO_DISPONIBLE.status => {
                let other = Paso { a: "mover".into(), nombre: "Elegir otra hora" };
                return Ok(pagina_con(StatusCode::CONFLICT, "Esa hora ya no está", &["Su cita sigue como estaba.".into()], &[], &[other]));
            }
            Err(problem) => return Err(problem),
            Ok(()) => {
                let reserva = store::reserva_contada(&mut tx, cita).await?.ok_or_else(Problem::not_found)?;
                tx.commit().await?;
                return Ok(pagina(StatusCode::OK, "Su cita cambió de hora", &[cuenta(&reserva)?], &[]));
            }
        }
    }
}
