//! Hours of sedes, plans of vets, special days.
use super::listas::zona;
use crate::{
    abrir,
    model::{ExcepcionConfigurada, NuevaExcepcion, PlanMedico, Semana},
    store,
};
use axum::{http::StatusCode, response::Response};
use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{
    Begun, Change, Ctx, IfMatch, Json, Once, Path, Problem, Query, Tx, Versioned,
    ids::{ExcepcionId, SedeId, UsuarioId},
    permission::{ConfigurarAgenda, VerCitas},
    version::HasVersion,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// 404 for a sede that is not of this chain.
pub(super) async fn require_sede(tx: &mut Tx, sede: SedeId) -> Result<(), Problem> {
    if store::sede_existe(tx, sede).await? { Ok(()) } else { Err(Problem::not_found()) }
}

pub(super) async fn require_medico(tx: &mut Tx, medico: UsuarioId) -> Result<(), Problem> {
    if store::es_medico(tx, medico).await? { Ok(()) } else { Err(Problem::not_found()) }
}

/// Horario semanal de una sede.
#[utoipa::path(get, path = "/sedes/{id}/horarios", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver")), ("x-lista" = json!("/tramos"))),
    responses((status = 200, body = Semana), (status = "4XX", body = Problem)))]
pub async fn ver_horarios(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Versioned<Semana>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    let tramos = store::horarios(&mut tx, id).await?;
    Ok(Versioned(Semana { tramos }))
}

/// Cambia el horario semanal de una sede. Las citas ya reservadas quedan.
#[utoipa::path(put, path = "/sedes/{id}/horarios", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = Semana, responses((status = 200, body = Semana), (status = "4XX", body = Problem)))]
pub async fn cambiar_horarios(
    ctx: Ctx<ConfigurarAgenda>,
    Path(id): Path<SedeId>,
    if_match: IfMatch,
    Json(semana): Json<Semana>,
) -> Result<Versioned<Semana>, Problem> {
    ctx.in_sede(id)?;
    Problem::check(semana.check())?;
    let mut tx = ctx.begin().await?;
    require_sede(&mut tx, id).await?;
    // A week has no row to lock: without this two with the same version would both pass.
    store::bloquear(&mut tx, &[id.into()]).await?;
    let antes = Semana { tramos: store::horarios(&mut tx, id).await? };
    if_match.check(antes.version())?;
    store::reemplazar_horarios(&mut tx, id, &semana.tramos).await?;
    tx.audit(Change::new("cambiar", "horario", id).sede(id).antes(&antes).despues(&semana));
    abrir::semana(&mut tx, id, None, &antes.tramos, &semana.tramos);
    tx.commit().await?;
    Ok(Versioned(semana))
}

/// Turnos semanales de todos los médicos de una sede.
#[utoipa::path(get, path = "/sedes/{id}/planes", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<PlanMedico>), (status = "4XX", body = Problem)))]
pub async fn ver_planes(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Json<Vec<PlanMedico>>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    Ok(Json(store::planes_de_sede(&mut tx, id).await?))
}

/// Turnos semanales de un médico en una sede.
#[utoipa::path(get, path = "/sedes/{id}/medicos/{medico_id}/plan", tag = "agenda", params(("id" = SedeId, Path), ("medico_id" = UsuarioId, Path)),
    extensions(("x-permiso" = json!("cita.ver")), ("x-lista" = json!("/tramos"))), responses((status = 200, body = Semana), (status = "4XX", body = Problem)))]
pub async fn ver_plan(ctx: Ctx<VerCitas>, Path((id, medico)): Path<(SedeId, UsuarioId)>) -> Result<Versioned<Semana>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    require_medico(&mut tx, medico).await?;
    Ok(Versioned(Semana { tramos: store::planes(&mut tx, id, medico).await? }))
}

/// Cambia los turnos de un médico en una sede. Las citas ya reservadas quedan.
#[utoipa::path(put, path = "/sedes/{id}/medicos/{medico_id}/plan", tag = "agenda", params(("id" = SedeId, Path), ("medico_id" = UsuarioId, Path)),
    extensions(("x-permiso" = json!("agenda.configurar"))), request_body = Semana, responses((status = 200, body = Semana), (status = "4XX", body = Problem)))]
pub async fn cambiar_plan(
    ctx: Ctx<ConfigurarAgenda>,
    Path((id, medico)): Path<(SedeId, UsuarioId)>,
    if_match: IfMatch,
    Json(semana): Json<Semana>,
) -> Result<Versioned<Semana>, Problem> {
    ctx.in_sede(id)?;
    Problem::check(semana.check())?;
    let mut tx = ctx.begin().await?;
    require_sede(&mut tx, id).await?;
    require_medico(&mut tx, medico).await?;
    store::bloquear(&mut tx, &[id.into()]).await?;
    let antes = Semana { tramos: store::planes(&mut tx, id, medico).await? };
    if_match.check(antes.version())?;
    store::reemplazar_planes(&mut tx, id, medico, &semana.tramos).await?;
    tx.audit(Change::new("cambiar", "plan", medico).sede(id).antes(&antes).despues(&semana));
    abrir::semana(&mut tx, id, Some(medico), &antes.tramos, &semana.tramos);
    tx.commit().await?;
    Ok(Versioned(semana))
}

/// Un rango de fechas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Rango {
    pub desde: Date,
    /// Ausente: 90 días después de `desde`.
    pub hasta: Option<Date>,
}

impl Rango {
    /// From the beginning of the first day to the end of the last, in the zone of a sede.
    pub(super) async fn instantes(&self, tx: &mut Tx, sede: SedeId) -> Result<(Timestamp, Timestamp), Problem> {
        let (desde, hasta) = self.ends()?;
        let zona = zona(tx, Some(sede)).await?;
        let outside = |_| Problem::field("?desde", "está fuera del calendario");
        let instant = |date: Date| date.to_zoned(zona.clone()).map(|at| at.timestamp()).map_err(outside);
        Ok((instant(desde)?, instant(hasta.saturating_add(1.day()))?))
    }

    pub(super) fn ends(&self) -> Result<(Date, Date), Problem> {
        let hasta = self.hasta.unwrap_or_else(|| self.desde.saturating_add(90.days()));
        let days = self.desde.until(hasta).map_err(Problem::internal)?.get_days();
        if (0..=731).contains(&days) {
            Ok((self.desde, hasta))
        } else {
            Err(Problem::field("?hasta", "debe estar entre 0 y 731 días después de desde"))
        }
    }
}

/// Días especiales de una sede y de sus médicos.
#[utoipa::path(get, path = "/sedes/{id}/excepciones", tag = "agenda", params(("id" = SedeId, Path), Rango), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<ExcepcionConfigurada>), (status = "4XX", body = Problem)))]
pub async fn ver_excepciones(
    ctx: Ctx<VerCitas>,
    Path(id): Path<SedeId>,
    Query(rango): Query<Rango>,
) -> Result<Json<Vec<ExcepcionConfigurada>>, Problem> {
    ctx.in_sede(id)?;
    let (desde, hasta) = rango.ends()?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    Ok(Json(store::excepciones(&mut tx, id, desde, hasta).await?))
}

/// Crea un día especial: cierre, ausencia u horario distinto.
#[utoipa::path(post, path = "/sedes/{id}/excepciones", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = NuevaExcepcion, responses((status = 201, body = ExcepcionConfigurada), (status = "4XX", body = Problem)))]
pub async fn crear_excepcion(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<SedeId>, nueva: Once<NuevaExcepcion>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    Problem::check(nueva.body.check())?;
    let mut tx = match ctx.begin_once(&nueva).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    require_sede(&mut tx, id).await?;
    let excepcion = nueva.body.en(id);
    if let Some(medico) = excepcion.medico_id {
        require_medico(&mut tx, medico).await.map_err(|_| Problem::field("/medico_id", "no existe"))?;
    }
    store::insert_excepcion(&mut tx, &excepcion).await?;
    tx.audit(Change::new("crear", "excepcion", excepcion.id).sede(id).despues(&excepcion));
    abrir::excepcion_creada(&mut tx, &excepcion).await?;
    tx.commit_created(&excepcion).await
}

/// Quita un día especial.
#[utoipa::path(delete, path = "/excepciones/{id}", tag = "agenda", params(("id" = ExcepcionId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn quitar_excepcion(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<ExcepcionId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let excepcion = store::delete_excepcion(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("quitar", "excepcion", id).sede(excepcion.sede_id).antes(&excepcion));
    abrir::excepcion_quitada(&mut tx, &excepcion).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
