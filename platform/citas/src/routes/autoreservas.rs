//! What a sede offers to owners who book themselves, and what they asked for.
use super::Reintentos;
use crate::{
    gestionar,
    model::{Autoreserva, AutoreservaDeSede, Cita, EstadoAutoreserva, SolicitudDeReserva},
    store,
};
use axum::{extract::Request, http::StatusCode, response::Response};
use kernel::{
    Begun, Change, Ctx, Cursor, FieldError, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{CitaId, SedeId},
    page,
    permission::{ConfigurarAgenda, ReservarCitas, VerCitas},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Devuelve lo que una sede ofrece a los tutores que reservan por su cuenta; 404 si nunca se configuró.
#[utoipa::path(get, path = "/sedes/{id}/autoreserva", tag = "autoreserva", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = AutoreservaDeSede), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Versioned<AutoreservaDeSede>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    store::autoreserva(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Configura lo que una sede ofrece a los tutores que reservan por su cuenta. La primera vez, con `If-Match: *`.
#[utoipa::path(put, path = "/sedes/{id}/autoreserva", tag = "autoreserva", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = Autoreserva, responses((status = 200, body = AutoreservaDeSede), (status = "4XX", body = Problem)))]
pub async fn configurar(
    ctx: Ctx<ConfigurarAgenda>,
    Path(id): Path<SedeId>,
    if_match: IfMatch,
    Json(nueva): Json<Autoreserva>,
) -> Result<Versioned<AutoreservaDeSede>, Problem> {
    ctx.in_sede(id)?;
    Problem::check(nueva.check())?;
    let mut tx = ctx.begin().await?;
    if !store::sede_existe(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    store::bloquear(&mut tx, &[id.into()]).await?;
    let antes = store::autoreserva(&mut tx, id).await?;
    if_match.check(antes.as_ref().map_or(0, |antes| antes.version))?;
    require(&mut tx, &nueva).await?;
    store::guardar_autoreserva(&mut tx, id, &nueva).await?;
    let despues = store::autoreserva(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("configurar", "autoreserva", id).sede(id).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}

async fn require(tx: &mut Tx, nueva: &Autoreserva) -> Result<(), Problem> {
    let (servicios, medicos) = store::en_uso(tx, &nueva.servicios, &nueva.medicos).await?;
    let missing = [(servicios, "/servicios"), (medicos, "/medicos")].into_iter().filter(|(there, _)| !there);
    Problem::check(missing.map(|(_, pointer)| FieldError::new(pointer, "alguno no existe, no está en uso o se repite")).collect())
}

/// Qué solicitudes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Consulta {
    pub sede_id: SedeId,
    /// Ausente: en cualquier estado.
    #[param(inline)]
    pub estado: Option<EstadoAutoreserva>,
    /// El valor `siguiente` de la página anterior.
    pub cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    pub limite: Option<i64>,
}

/// Lo que los tutores reservaron o pidieron por su cuenta en una sede, desde lo más antiguo.
#[utoipa::path(get, path = "/autoreservas", tag = "autoreserva", params(Consulta), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Page<SolicitudDeReserva>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(consulta): Query<Consulta>) -> Result<Json<Page<SolicitudDeReserva>>, Problem> {
    ctx.in_sede(consulta.sede_id)?;
    let limite = page::limit(consulta.limite)?;
    let despues_de = Cursor::decode(consulta.cursor.as_deref())?;
    let mut tx = ctx.begin_read().await?;
    let filas = store::solicitudes(&mut tx, consulta.sede_id, consulta.estado, despues_de, limite + 1).await?;
    ctx.read_audit("tutor", filas.iter().map(|solicitud| solicitud.tutor_id.into()));
    Ok(Json(Page::from_rows(filas, limite as usize, |solicitud| (solicitud.creada_en, solicitud.cita_id))))
}

/// Aprueba una solicitud: la hora retenida pasa a ser una cita, y se le escribe al tutor.
#[utoipa::path(post, path = "/autoreservas/{id}/aprobar", tag = "autoreserva", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn aprobar(ctx: Ctx<ReservarCitas>, Path(id): Path<CitaId>, request: Request) -> Result<Response, Problem> {
    let once = Once::bytes(request).await?;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&once).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        match gestionar::aprobar(&mut tx, id).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => {
                ctx.note_sede(cita.sede_id);
                return tx.commit_created(&cita).await;
            }
        }
    }
}

/// Rechaza una solicitud: la hora queda libre, y se le escribe al tutor.
#[utoipa::path(post, path = "/autoreservas/{id}/rechazar", tag = "autoreserva", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn rechazar(ctx: Ctx<ReservarCitas>, Path(id): Path<CitaId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    gestionar::rechazar(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
