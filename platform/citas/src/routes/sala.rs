//! The flow board of a sede.
use super::{Reintentos, listas::zona, plan::require_sede};
use crate::{
    atender,
    model::{CambioVisita, Cita, NuevaVisita, Sala, TiemposDeSala, TomaDeVisita, Visita},
    sala,
    store::{self, Filtro},
};
use axum::response::Response;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{
    Begun, Ctx, IfMatch, Json, Once, Path, Problem, Query, Versioned,
    ids::{SedeId, VisitaId},
    permission::{AtenderCitas, VerCitas},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// De qué día.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Dia {
    /// Ausente: hoy, en la hora de la sede, con quienes llegaron ayer y todavía no terminan.
    pub fecha: Option<Date>,
}

/// More than any sede sees in a day.
const CITAS_MAX: i64 = 5_000;

fn instante(fecha: Date, zona: &TimeZone) -> Result<Timestamp, Problem> {
    fecha.to_zoned(zona.clone()).map(|at| at.timestamp()).map_err(|_| Problem::field("?fecha", "está fuera del calendario"))
}

/// La sala de una sede: quién está por llegar, quién espera, está en consulta, por pagar o terminó.
#[utoipa::path(get, path = "/sedes/{id}/sala", tag = "sala", params(("id" = SedeId, Path), Dia), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Sala), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>, Query(dia): Query<Dia>) -> Result<Json<Sala>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    let zona = zona(&mut tx, Some(id)).await?;
    let hoy = zona.to_datetime(ctx.now).date();
    let fecha = dia.fecha.unwrap_or(hoy);
    let (desde, hasta) = (instante(fecha, &zona)?, instante(fecha.saturating_add(1.day()), &zona)?);
    let visitas = store::sala(&mut tx, id, desde, hasta, fecha == hoy).await?;
    let citas = store::listar(&mut tx, &de_la_sede(id, desde, hasta)).await?;
    let sala = Sala::new(id, fecha, ctx.now).llenar(visitas, citas);
    ctx.read_audit("mascota", sala.mascotas().map(Into::into));
    Ok(Json(sala))
}

fn de_la_sede(sede: SedeId, desde: Timestamp, hasta: Timestamp) -> Filtro {
    Filtro {
        sede: Some(sede),
        medico: None,
        ambiente: None,
        mascota: None,
        desde,
        hasta,
        con_anuladas: false,
        despues_de: None,
        limite: CITAS_MAX,
    }
}

/// Anota que alguien llegó sin cita: espera a un médico, o a cualquiera. Su hora se toma cuando empieza la consulta.
#[utoipa::path(post, path = "/sedes/{id}/visitas", tag = "sala", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.atender"))),
    request_body = NuevaVisita, responses((status = 201, body = Visita), (status = "4XX", body = Problem)))]
pub async fn llegar(ctx: Ctx<AtenderCitas>, Path(id): Path<SedeId>, nueva: Once<NuevaVisita>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    let mut tx = match ctx.begin_once(&nueva).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    require_sede(&mut tx, id).await?;
    let visita = sala::llegar(&mut tx, id, nueva.body).await?;
    tx.commit_created(&visita).await
}

/// Devuelve una visita.
#[utoipa::path(get, path = "/visitas/{id}", tag = "sala", params(("id" = VisitaId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Visita), (status = "4XX", body = Problem)))]
pub async fn visita(ctx: Ctx<VerCitas>, Path(id): Path<VisitaId>) -> Result<Versioned<Visita>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let visita = store::visita(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.note_sede(visita.sede_id);
    ctx.read_audit("mascota", [visita.mascota_id.into()]);
    Ok(Versioned(visita))
}

/// Cambia el triaje, el motivo o el médico de una visita que espera.
#[utoipa::path(put, path = "/visitas/{id}", tag = "sala", params(("id" = VisitaId, Path)), extensions(("x-permiso" = json!("cita.atender"))),
    request_body = CambioVisita, responses((status = 200, body = Visita), (status = "4XX", body = Problem)))]
pub async fn clasificar(
    ctx: Ctx<AtenderCitas>,
    Path(id): Path<VisitaId>,
    if_match: IfMatch,
    Json(cambio): Json<CambioVisita>,
) -> Result<Versioned<Visita>, Problem> {
    let mut tx = ctx.begin().await?;
    let visita = sala::clasificar(&mut tx, id, if_match, cambio).await?;
    ctx.note_sede(visita.sede_id);
    tx.commit().await?;
    Ok(Versioned(visita))
}

/// Por qué se fue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Retiro {
    /// Motivo, de 1 a 500 caracteres.
    #[param(min_length = 1, max_length = 500)]
    pub motivo: String,
}

/// Anota que quien vino sin cita se fue sin que lo atendieran. A quien vino con cita se le anula la cita.
#[utoipa::path(delete, path = "/visitas/{id}", tag = "sala", params(("id" = VisitaId, Path), Retiro), extensions(("x-permiso" = json!("cita.atender"))),
    responses((status = 200, body = Visita), (status = "4XX", body = Problem)))]
pub async fn retirar(ctx: Ctx<AtenderCitas>, Path(id): Path<VisitaId>, Query(retiro): Query<Retiro>) -> Result<Versioned<Visita>, Problem> {
    let motivo = super::citas::motivo(&retiro.motivo)?;
    let mut tx = ctx.begin().await?;
    let visita = sala::retirar(&mut tx, id, motivo).await?;
    ctx.note_sede(visita.sede_id);
    tx.commit().await?;
    Ok(Versioned(visita))
}

/// Un médico toma a un paciente que espera y empieza la consulta.
///
/// Quien vino sin cita recibe una que empieza ahora, aunque sea fuera de horario. Si el médico tiene otra cita a esa hora
/// responde 409 con los conflictos; con un sobrecupo se puede, y una emergencia (rojo o naranja) pasa siempre.
#[utoipa::path(post, path = "/visitas/{id}/tomar", tag = "sala", params(("id" = VisitaId, Path)), extensions(("x-permiso" = json!("cita.atender"))),
    request_body = TomaDeVisita, responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn tomar(ctx: Ctx<AtenderCitas>, Path(id): Path<VisitaId>, toma: Once<TomaDeVisita>) -> Result<Response, Problem> {
    toma.body.check()?;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&toma).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        match atender::tomar(&mut tx, id, &toma.body, (&ctx).into()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => return tx.commit_created(&cita).await,
        }
    }
}

/// Un médico llama al siguiente: el más grave, y de iguales el que llegó antes, de sus citas y de quienes vinieron sin cita.
/// Dos médicos que llaman a la vez reciben a dos pacientes.
#[utoipa::path(post, path = "/sedes/{id}/sala/siguiente", tag = "sala", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.atender"))),
    request_body = TomaDeVisita, responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn siguiente(ctx: Ctx<AtenderCitas>, Path(id): Path<SedeId>, toma: Once<TomaDeVisita>) -> Result<Response, Problem> {
    ctx.in_sede(id)?;
    toma.body.check()?;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&toma).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        require_sede(&mut tx, id).await?;
        match atender::siguiente(&mut tx, id, &toma.body, (&ctx).into()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => return tx.commit_created(&cita).await,
        }
    }
}

/// De qué días.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Dias {
    pub desde: Date,
    /// Último día, incluido; a lo más 92 días. Ausente: solo `desde`.
    pub hasta: Option<Date>,
}

const DIAS_MAX: i32 = 92;

/// Cuánto se esperó en una sede, de la llegada a la consulta: en total, por día, por hora, por médico y por triaje.
#[utoipa::path(get, path = "/sedes/{id}/sala/tiempos", tag = "sala", params(("id" = SedeId, Path), Dias), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = TiemposDeSala), (status = "4XX", body = Problem)))]
pub async fn tiempos(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>, Query(dias): Query<Dias>) -> Result<Json<TiemposDeSala>, Problem> {
    ctx.in_sede(id)?;
    let ultimo = dias.hasta.unwrap_or(dias.desde);
    if !(0..DIAS_MAX).contains(&dias.desde.until(ultimo).map_err(Problem::internal)?.get_days()) {
        return Err(Problem::field("?hasta", "debe ser desde el mismo día hasta 91 días después"));
    }
    let mut tx = ctx.begin_read().await?;
    let zona = zona(&mut tx, Some(id)).await?;
    let (desde, hasta) = (instante(dias.desde, &zona)?, instante(ultimo.saturating_add(1.day()), &zona)?);
    Ok(Json(store::tiempos(&mut tx, id, desde, hasta, zona.iana_name().unwrap_or("America/Lima")).await?))
}
