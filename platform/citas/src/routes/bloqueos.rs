//! Blocked periods.
use super::plan::{Rango, require_sede};
use crate::{
    bloquear::{self, citas_en},
    model::{Bloqueo, BloqueoConCitas, NuevoBloqueo},
    store,
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    Begun, Change, Ctx, Event, Json, Once, Path, Problem, Query,
    ids::{BloqueoId, SedeId},
    permission::{ConfigurarAgenda, VerCitas},
};

/// Períodos bloqueados de una sede, de sus médicos, ambientes y equipos.
#[utoipa::path(get, path = "/sedes/{id}/bloqueos", tag = "agenda", params(("id" = SedeId, Path), Rango), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<Bloqueo>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>, Query(rango): Query<Rango>) -> Result<Json<Vec<Bloqueo>>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    let (desde, hasta) = rango.instantes(&mut tx, id).await?;
    Ok(Json(store::bloqueos(&mut tx, id, desde, hasta).await?))
}

/// Bloquea un período: de un médico, un ambiente, un equipo o toda la sede.
///
/// Desde entonces nadie reserva en él. Si ya hay citas responde 409 con ellas; con `confirmar` bloquea igual, y las citas
/// quedan donde están hasta que alguien las mueva o anule.
#[utoipa::path(post, path = "/sedes/{id}/bloqueos", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = NuevoBloqueo, responses((status = 201, body = BloqueoConCitas), (status = "4XX", body = Problem)))]
pub async fn crear(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<SedeId>, nuevo: Once<NuevoBloqueo>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    let mut tx = match ctx.begin_once(&nuevo).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    require_sede(&mut tx, id).await?;
    nuevo.body.check(ctx.now)?;
    let bloqueo = bloquear::bloquear(&mut tx, id, nuevo.body).await?;
    ctx.read_audit("cita", bloqueo.citas.iter().map(|fila| fila.cita.id.into()));
    tx.commit_created(&bloqueo).await
}

/// Devuelve un período bloqueado, con las citas que todavía están en él.
#[utoipa::path(get, path = "/bloqueos/{id}", tag = "agenda", params(("id" = BloqueoId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = BloqueoConCitas), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<BloqueoId>) -> Result<Json<BloqueoConCitas>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let bloqueo = store::bloqueo(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let citas = citas_en(&mut tx, &bloqueo).await?;
    ctx.note_sede(bloqueo.sede_id);
    ctx.read_audit("cita", citas.iter().map(|fila| fila.cita.id.into()));
    Ok(Json(BloqueoConCitas { bloqueo, citas }))
}

/// Quita un bloqueo.
#[utoipa::path(delete, path = "/bloqueos/{id}", tag = "agenda", params(("id" = BloqueoId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn quitar(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<BloqueoId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let bloqueo = store::delete_bloqueo(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("quitar", "bloqueo", id).sede(bloqueo.sede_id).antes(&bloqueo));
    tx.publish(Event::new("bloqueo.quitado", &bloqueo).sede(bloqueo.sede_id));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
