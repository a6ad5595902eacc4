//! Owners who ask for another time, for the desk.
use crate::{model::Solicitud, store::solicitudes as store};
use kernel::{
    Change, Ctx, Json, Page, Path, Problem, Query, Versioned,
    ids::{SedeId, SolicitudId},
    page,
    permission::{MoverCitas, VerCitas},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroSolicitudes {
    /// Solo las de esta sede.
    sede_id: Option<SedeId>,
    /// `true`: las que esperan; `false`: las atendidas.
    abierta: Option<bool>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los tutores que piden otra hora para una cita, el que pidió primero primero.
#[utoipa::path(get, path = "/citas/solicitudes", tag = "citas", operation_id = "listar_solicitudes", params(FiltroSolicitudes),
    extensions(("x-permiso" = json!("cita.ver"))), responses((status = 200, body = Page<Solicitud>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(filtro): Query<FiltroSolicitudes>) -> Result<Json<Page<Solicitud>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    if let Some(sede) = filtro.sede_id {
        ctx.in_sede(sede)?;
    }
    let mut tx = ctx.begin_read().await?;
    let filter = store::Filter { sede: filtro.sede_id, abierta: filtro.abierta, after, ..store::Filter::default() };
    let rows = store::list(&mut tx, filter, limit + 1).await?;
    ctx.read_audit("cita", rows.iter().map(|solicitud| solicitud.cita_id.into()));
    Ok(Json(Page::from_rows(rows, limit as usize, |solicitud| (solicitud.creada_en, solicitud.id))))
}

/// Da por atendido un pedido de otra hora. La cita se mueve aparte; atender dos veces no cambia nada.
#[utoipa::path(post, path = "/citas/solicitudes/{id}/atender", tag = "citas", operation_id = "atender_solicitud",
    params(("id" = SolicitudId, Path)), extensions(("x-permiso" = json!("cita.mover"))),
    responses((status = 200, body = Solicitud), (status = "4XX", body = Problem)))]
pub async fn atender(ctx: Ctx<MoverCitas>, Path(id): Path<SolicitudId>) -> Result<Versioned<Solicitud>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if antes.atendida_en.is_some() {
        return Ok(Versioned(antes));
    }
    store::attend(&mut tx, id).await?;
    let despues = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    // Without what the owner wrote, which is theirs: it goes when they are forgotten.
    let told = json!({ "cita_id": despues.cita_id, "tutor_id": despues.tutor_id, "atendida_en": despues.atendida_en });
    tx.audit(Change::new("atender", "solicitud", id).sede(antes.sede_id).despues(told));
    tx.commit().await?;
    Ok(Versioned(despues))
}
