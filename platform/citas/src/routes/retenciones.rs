//! Slots that are kept for some minutes.
use super::Reintentos;
use crate::{
    model::{Cita, Confirmacion, NuevaRetencion, Retencion},
    primero, retener as retencion, store,
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    Begun, Ctx, Json, Once, Path, Problem, Query, Versioned,
    ids::{CitaId, SedeId},
    permission::{ReservarCitas, VerCitas},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Retiene una hora de 5 a 10 minutos mientras se llenan los datos o se paga.
///
/// Toma médico, ambiente y equipo como una reserva y responde los mismos 409 y 422. Vence sola.
#[utoipa::path(post, path = "/citas/retener", tag = "citas", extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = NuevaRetencion, responses((status = 201, body = Retencion), (status = "4XX", body = Problem)))]
pub async fn retener(ctx: Ctx<ReservarCitas>, nueva: Once<NuevaRetencion>) -> Result<Response, Problem> {
    ctx.in_sede(nueva.body.sede_id)?;
    let _primero = primero::pedir(ctx.app(), ctx.tenant, nueva.body.medico_id, nueva.body.inicio).await;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&nueva).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        nueva.body.check(ctx.now)?;
        match retencion::retener(&mut tx, nueva.body.clone()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(retencion) => return tx.commit_created(&retencion).await,
        }
    }
}

/// De qué sede.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeSede {
    pub sede_id: SedeId,
}

/// Las horas retenidas de una sede que no han vencido, en orden de hora.
#[utoipa::path(get, path = "/retenciones", tag = "citas", params(DeSede), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<Retencion>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(de): Query<DeSede>) -> Result<Json<Vec<Retencion>>, Problem> {
    ctx.in_sede(de.sede_id)?;
    let mut tx = ctx.begin_read().await?;
    let retenciones = store::retenciones(&mut tx, de.sede_id).await?;
    ctx.read_audit("cita", retenciones.iter().map(|retencion| retencion.id.into()));
    Ok(Json(retenciones))
}

/// Devuelve una hora retenida, también si ya venció y nadie la tomó.
#[utoipa::path(get, path = "/retenciones/{id}", tag = "citas", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Retencion), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<CitaId>) -> Result<Versioned<Retencion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let retencion = store::retencion(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.note_sede(retencion.sede_id);
    ctx.read_audit("cita", [id.into()]);
    Ok(Versioned(retencion))
}

/// Confirma una hora retenida: pasa a ser una cita con el mismo `id`.
///
/// Si venció responde 410; si otro ya tomó la hora, 404.
#[utoipa::path(post, path = "/retenciones/{id}/confirmar", tag = "citas", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = Confirmacion, responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn confirmar(ctx: Ctx<ReservarCitas>, Path(id): Path<CitaId>, confirmacion: Once<Confirmacion>) -> Result<Response, Problem> {
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&confirmacion).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        match retencion::confirmar(&mut tx, id, confirmacion.body.clone()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => {
                ctx.note_sede(cita.sede_id);
                return tx.commit_created(&cita).await;
            }
        }
    }
}

/// Suelta una hora retenida.
#[utoipa::path(delete, path = "/retenciones/{id}", tag = "citas", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn soltar(ctx: Ctx<ReservarCitas>, Path(id): Path<CitaId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let retencion = retencion::soltar(&mut tx, id).await?;
    ctx.note_sede(retencion.sede_id);
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
