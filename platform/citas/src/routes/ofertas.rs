//! What the owner of a pet that waits sees and answers: by the link of the letter, without signing in.
use super::Reintentos;
use crate::{
    faltar,
    model::{EstadoOferta, dia_y_hora, problemas},
    ofrecer::PREFIJO,
    pagina::{Boton, pagina},
    responder,
    store::{self, OfertaContada},
};
use axum::{http::StatusCode, response::Response};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{Anon, Path, Problem, Tx, ids::OfertaId, token};

/// A transaction in the sede of a link, and what the link offers.
async fn abrir(anon: &Anon, enlace: &str) -> Result<(Tx, OfertaId, OfertaContada), Problem> {
    let (tenant, resumen) = token::read(PREFIJO, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let (id, sede) = store::oferta_de_enlace(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &[sede]).await?;
    let oferta = store::oferta_contada(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    Ok((tx, id, oferta))
}

fn cuenta(oferta: &OfertaContada) -> Result<String, Problem> {
    let zona = TimeZone::get(&oferta.zona).map_err(Problem::internal)?;
    let cuando = dia_y_hora(oferta.inicio, &zona);
    Ok(format!("{} para {}, con {}, en {}: {cuando}.", oferta.servicio, oferta.mascota, oferta.medico, oferta.sede))
}

fn mostrar(enlace: &str, oferta: &OfertaContada, estado: EstadoOferta, now: Timestamp) -> Result<Response, Problem> {
    let que = cuenta(oferta)?;
    let page = |status, titulo, parrafos: &[String]| Ok(pagina(status, titulo, parrafos, &[]));
    match estado {
        EstadoOferta::Pendiente if oferta.hasta > now => {
            let boton = |verbo: &str, nombre: &'static str| Boton { accion: format!("{enlace}/{verbo}"), nombre: nombre.into() };
            let botones = [boton("aceptar", "Tomar la hora"), boton("rechazar", "Dejarla pasar")];
            Ok(pagina(StatusCode::OK, "Se liberó una hora", &[que], &botones))
        }
        EstadoOferta::Aceptada => page(StatusCode::OK, "La hora es suya", &[que]),
        EstadoOferta::Rechazada => page(StatusCode::OK, "Dejó pasar la hora", &["Su mascota sigue en la lista de espera.".into()]),
        _ => page(StatusCode::GONE, "La hora ya no está disponible", &["Su mascota sigue en la lista de espera.".into()]),
    }
}

/// Whether its owner has to pay before, by the chain's policy: then reception books, and no link.
async fn paga_antes(tx: &mut Tx, oferta: &OfertaContada) -> Result<bool, Problem> {
    match pacientes::contacto_de_mascota(tx, oferta.mascota_id).await? {
        Some(contacto) => Ok(faltar::conducta(tx, contacto.tutor).await?.exige_pago_previo),
        None => Ok(false),
    }
}

fn por_la_sede(status: StatusCode, enlace: &str, oferta: &OfertaContada) -> Result<Response, Problem> {
    let llame = "Para tomarla se pide un pago antes: llame a la sede.".to_owned();
    let boton = Boton { accion: format!("{enlace}/rechazar"), nombre: "Dejarla pasar".into() };
    Ok(pagina(status, "Se liberó una hora", &[cuenta(oferta)?, llame], &[boton]))
}

/// La página de una hora ofrecida, para quien recibió el enlace. Abrirla no acepta ni rechaza nada.
#[utoipa::path(get, path = "/ofertas/{enlace}", tag = "citas", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn ver(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    let (mut tx, _, oferta) = abrir(&anon, &enlace).await?;
    if oferta.estado.abierta(oferta.hasta, anon.now).is_ok() && paga_antes(&mut tx, &oferta).await? {
        return por_la_sede(StatusCode::OK, &enlace, &oferta);
    }
    mostrar(&enlace, &oferta, oferta.estado, anon.now)
}

/// Acepta una hora ofrecida: pasa a ser una cita. Repetirlo no hace nada más.
#[utoipa::path(post, path = "/ofertas/{enlace}/aceptar", tag = "citas", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn aceptar_hora(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    contestar(&anon, &enlace, EstadoOferta::Aceptada).await
}

/// Deja pasar una hora ofrecida: se ofrece a otro. Repetirlo no hace nada más.
#[utoipa::path(post, path = "/ofertas/{enlace}/rechazar", tag = "citas", security(()), params(("enlace" = String, Path, description = "Lo que trae el correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn rechazar_hora(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    contestar(&anon, &enlace, EstadoOferta::Rechazada).await
}

async fn contestar(anon: &Anon, enlace: &str, estado: EstadoOferta) -> Result<Response, Problem> {
    let mut reintentos = Reintentos::default();
    loop {
        let (mut tx, id, oferta) = abrir(anon, enlace).await?;
        if oferta.estado.abierta(oferta.hasta, anon.now).is_err() {
            return mostrar(enlace, &oferta, oferta.estado, anon.now);
        }
        if estado == EstadoOferta::Aceptada && paga_antes(&mut tx, &oferta).await? {
            return por_la_sede(StatusCode::CONFLICT, enlace, &oferta);
        }
        let done = match estado {
            EstadoOferta::Aceptada => responder::aceptar(&mut tx, oferta.cita_id).await.map(drop),
            _ => responder::rechazar(&mut tx, oferta.cita_id).await,
        };
        match done {
            Err(problem) if reintentos.otro(&problem) => {}
            // Somebody answered just now: reception, or this very person twice.
            Err(problem) if problem.status() == problemas::OFERTA_CERRADA.status => {
                let now = store::oferta_contada(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
                let estado = if now.estado == EstadoOferta::Pendiente { EstadoOferta::Retirada } else { now.estado };
                return mostrar(enlace, &now, estado, anon.now);
            }
            Err(problem) => return Err(problem),
            Ok(()) => {
                tx.commit().await?;
                return mostrar(enlace, &oferta, estado, anon.now);
            }
        }
    }
}
