//! Shifts, who works them, and who is there.
use super::{
    listas::zona,
    plan::{Rango, require_medico, require_sede},
};
use crate::{
    abrir,
    model::{DatosTurno, DeTurno, NuevoTurnoAsignado, RolDeTurnos, Turno, TurnoAsignado, problemas},
    store,
};
use axum::{http::StatusCode, response::Response};
use jiff::{ToSpan, civil::Date};
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Path, Problem, Query, Tx, Versioned,
    ids::{SedeId, TurnoAsignadoId, TurnoId, UsuarioId},
    permission::{ConfigurarAgenda, VerCitas},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Turnos de una sede.
#[utoipa::path(get, path = "/sedes/{id}/turnos", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<Turno>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Json<Vec<Turno>>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    Ok(Json(store::turnos(&mut tx, id).await?))
}

/// Crea un turno: horas de la semana con un nombre.
#[utoipa::path(post, path = "/sedes/{id}/turnos", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = DatosTurno, responses((status = 201, body = Turno), (status = "4XX", body = Problem)))]
pub async fn crear(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<SedeId>, datos: Once<DatosTurno>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    datos.body.check()?;
    let mut tx = match ctx.begin_once(&datos).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    require_sede(&mut tx, id).await?;
    let turno = datos.body.en(TurnoId::new(), id, 1);
    if !store::insert_turno(&mut tx, &turno).await? {
        return Err(repetido());
    }
    tx.audit(Change::new("crear", "turno", turno.id).sede(id).despues(&turno));
    tx.publish(Event::new("turno.creado", &turno).sede(id));
    tx.commit_created(&turno).await
}

fn repetido() -> Problem {
    Problem::field("/nombre", "la sede ya tiene un turno con ese nombre")
}

/// Cambia un turno, para todos los que lo hacen. Las citas ya reservadas quedan.
#[utoipa::path(put, path = "/turnos/{id}", tag = "agenda", params(("id" = TurnoId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = DatosTurno, responses((status = 200, body = Turno), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarAgenda>,
    Path(id): Path<TurnoId>,
    if_match: IfMatch,
    Json(datos): Json<DatosTurno>,
) -> Result<Versioned<Turno>, Problem> {
    datos.check()?;
    let mut tx = ctx.begin().await?;
    let antes = store::lock_turno(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let turno = datos.en(id, antes.sede_id, antes.version + 1);
    if !store::guardar_turno(&mut tx, &turno).await? {
        return Err(repetido());
    }
    tx.audit(Change::new("cambiar", "turno", id).sede(turno.sede_id).antes(&antes).despues(&turno));
    abrir::turno_cambiado(&mut tx, &antes, &turno);
    tx.commit().await?;
    Ok(Versioned(turno))
}

/// Borra un turno que nadie hace.
#[utoipa::path(delete, path = "/turnos/{id}", tag = "agenda", params(("id" = TurnoId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn borrar(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<TurnoId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let turno = store::lock_turno(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if !store::delete_turno(&mut tx, id).await? {
        return Err(Problem::new(problemas::TURNO_EN_USO).detail("Quite primero a los médicos que lo hacen o lo hicieron."));
    }
    tx.audit(Change::new("borrar", "turno", id).sede(turno.sede_id).antes(&turno));
    tx.publish(Event::new("turno.borrado", &turno).sede(turno.sede_id));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Quién hace qué turno en una sede, en un rango de fechas.
#[utoipa::path(get, path = "/sedes/{id}/turnos-asignados", tag = "agenda", params(("id" = SedeId, Path), Rango), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<TurnoAsignado>), (status = "4XX", body = Problem)))]
pub async fn asignados(
    ctx: Ctx<VerCitas>,
    Path(id): Path<SedeId>,
    Query(rango): Query<Rango>,
) -> Result<Json<Vec<TurnoAsignado>>, Problem> {
    ctx.in_sede(id)?;
    let (desde, hasta) = rango.ends()?;
    let mut tx = ctx.begin_read().await?;
    require_sede(&mut tx, id).await?;
    Ok(Json(store::asignados(&mut tx, id, desde, hasta).await?))
}

/// Asigna un turno a un médico. En esas fechas reemplaza a su horario semanal en la sede.
#[utoipa::path(post, path = "/sedes/{id}/turnos-asignados", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = NuevoTurnoAsignado, responses((status = 201, body = TurnoAsignado), (status = "4XX", body = Problem)))]
pub async fn asignar(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<SedeId>, nuevo: Once<NuevoTurnoAsignado>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    nuevo.body.check()?;
    let mut tx = match ctx.begin_once(&nuevo).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    require_sede(&mut tx, id).await?;
    let asignado = nuevo.body.en(id);
    let turno = turno_de(&mut tx, &asignado).await?;
    if !store::insert_asignado(&mut tx, &asignado).await? {
        return Err(Problem::new(problemas::TURNO_YA_ASIGNADO));
    }
    tx.audit(Change::new("crear", "turno_asignado", asignado.id).sede(id).despues(&asignado));
    abrir::turno_asignado(&mut tx, &asignado, &turno).await?;
    tx.commit_created(&asignado).await
}

async fn turno_de(tx: &mut Tx, asignado: &TurnoAsignado) -> Result<Turno, Problem> {
    require_medico(tx, asignado.medico_id).await.map_err(|_| Problem::field("/medico_id", "no existe"))?;
    let turno = store::lock_turno(tx, asignado.turno_id).await?.filter(|turno| turno.sede_id == asignado.sede_id);
    turno.ok_or_else(|| Problem::field("/turno_id", "no es de esta sede"))
}

/// Quita un turno a un médico.
#[utoipa::path(delete, path = "/turnos-asignados/{id}", tag = "agenda", params(("id" = TurnoAsignadoId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn quitar(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<TurnoAsignadoId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let asignado = store::delete_asignado(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("quitar", "turno_asignado", id).sede(asignado.sede_id).antes(&asignado));
    abrir::turno_quitado(&mut tx, &asignado).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Desde qué día.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Semana {
    /// Primero de los siete días. Ausente: hoy, en la hora de la sede.
    pub desde: Option<Date>,
}

const DIAS: i64 = 7;

/// El rol de turnos de una sede por siete días: quién trabaja cuándo, por turno o por su horario semanal, ya sin feriados,
/// ausencias ni bloqueos.
#[utoipa::path(get, path = "/sedes/{id}/rol", tag = "agenda", params(("id" = SedeId, Path), Semana), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = RolDeTurnos), (status = "4XX", body = Problem)))]
pub async fn rol(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>, Query(semana): Query<Semana>) -> Result<Json<RolDeTurnos>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    let hoy = zona(&mut tx, Some(id)).await?.to_datetime(ctx.now).date();
    let desde = semana.desde.unwrap_or(hoy);
    let hasta = desde.checked_add((DIAS - 1).days()).map_err(|_| Problem::field("?desde", "está fuera del calendario"))?;
    let (agenda, nombres) = agenda(&mut tx, id, desde, hasta).await?;
    let dias = desde.series(1.day()).take_while(|fecha| *fecha <= hasta).map(|fecha| agenda.dia_del_rol(fecha, &nombres)).collect();
    Ok(Json(RolDeTurnos { sede_id: id, dias }))
}

/// Médicos que están de turno ahora en una sede.
#[utoipa::path(get, path = "/sedes/{id}/de-turno", tag = "agenda", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<DeTurno>), (status = "4XX", body = Problem)))]
pub async fn de_turno(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Json<Vec<DeTurno>>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    let hoy = zona(&mut tx, Some(id)).await?.to_datetime(ctx.now).date();
    let (agenda, nombres) = agenda(&mut tx, id, hoy, hoy).await?;
    Ok(Json(agenda.de_turno(ctx.now, &nombres)))
}

/// The agenda of a sede, and the names of its vets.
async fn agenda(tx: &mut Tx, sede: SedeId, desde: Date, hasta: Date) -> Result<(crate::model::Agenda, Vec<(UsuarioId, String)>), Problem> {
    let agenda = store::agendas(tx, Some(sede), desde, hasta).await?.into_iter().next().ok_or_else(Problem::not_found)?;
    let nombres = store::nombres(tx, &agenda.medicos()).await?;
    Ok((agenda, nombres))
}
