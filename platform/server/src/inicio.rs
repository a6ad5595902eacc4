//! The first page that people of a sede see: how the day goes. Each domain counts what is its own.
use alertas::{AlertasPendientes, MensajesPendientes, alertas_pendientes, mensajes_pendientes};
use citas::Hoy;
use kernel::{
    App, Ctx, Json, Path, Problem,
    ids::SedeId,
    permission::{VerAlertas, VerCitas, VerMensajes, VerReclamos, holds},
};
use reclamos::ReclamosPendientes;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(hoy))
}

/// Cómo va el día de una sede, y lo que espera a alguien.
#[derive(Debug, Serialize, ToSchema)]
struct Inicio {
    #[serde(flatten)]
    hoy: Hoy,
    /// Ausente sin el permiso de ver alertas en la sede.
    alertas: Option<AlertasPendientes>,
    /// Ausente sin el permiso de ver mensajes en la sede.
    mensajes: Option<MensajesPendientes>,
    /// Ausente sin el permiso de ver el Libro de Reclamaciones en la sede.
    reclamos: Option<ReclamosPendientes>,
}

/// El día de una sede en cifras: citas por estado, quién espera y cuánto, inasistencias, ocupación por médico, y lo pendiente.
#[utoipa::path(get, path = "/sedes/{id}/hoy", tag = "citas", params(("id" = SedeId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Inicio), (status = "4XX", body = Problem)))]
async fn hoy(ctx: Ctx<VerCitas>, Path(id): Path<SedeId>) -> Result<Json<Inicio>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    let (hoy, mascotas) = citas::hoy(&mut tx, id).await?;
    let alertas = match holds::<VerAlertas>(ctx.access(), id) {
        true => Some(alertas_pendientes(&mut tx, id).await?),
        false => None,
    };
    let mensajes = match holds::<VerMensajes>(ctx.access(), id) {
        true => Some(mensajes_pendientes(&mut tx, id).await?),
        false => None,
    };
    let reclamos = match holds::<VerReclamos>(ctx.access(), id) {
        true => Some(reclamos::pendientes(&mut tx, id).await?),
        false => None,
    };
    ctx.read_audit("mascota", mascotas.into_iter().map(Into::into));
    Ok(Json(Inicio { hoy, alertas, mensajes, reclamos }))
}
