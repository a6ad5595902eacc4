//! Series of appointments.
use super::Reintentos;
use crate::{
    model::{NuevaSerie, Serie, Simulacion},
    serie,
};
use axum::{http::StatusCode, response::Response};
use kernel::{Begun, Ctx, Json, Once, Problem, permission::ReservarCitas};

/// Muestra cómo quedaría una serie: cada fecha con todo lo que estorba. No reserva nada.
#[utoipa::path(post, path = "/citas/series/simular", tag = "citas", extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = NuevaSerie, responses((status = 200, body = Simulacion), (status = "4XX", body = Problem)))]
pub async fn simular(ctx: Ctx<ReservarCitas>, Json(nueva): Json<NuevaSerie>) -> Result<Json<Simulacion>, Problem> {
    ctx.in_sede(nueva.sede_id)?;
    nueva.check(ctx.now)?;
    let mut tx = ctx.begin_read().await?;
    Ok(Json(serie::simular(&mut tx, &nueva).await?))
}

/// Reserva una serie: la misma cita cada tantos días o semanas, a la misma hora de la sede.
///
/// Cada fecha es una cita como cualquier otra, con su `serie_id`. Si alguna no se puede reservar, según
/// `si_hay_conflicto` no se reserva ninguna (409 con todas las fechas) o se reservan las demás.
#[utoipa::path(post, path = "/citas/series", tag = "citas", extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = NuevaSerie, responses((status = 201, body = Serie), (status = "4XX", body = Problem)))]
pub async fn reservar(ctx: Ctx<ReservarCitas>, nueva: Once<NuevaSerie>) -> Result<Response, Problem> {
    ctx.in_sede(nueva.body.sede_id)?;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&nueva).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        nueva.body.check(ctx.now)?;
        match serie::reservar(&mut tx, &nueva.body).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(serie) => return tx.commit_answer(StatusCode::CREATED, None, &serie).await,
        }
    }
}
