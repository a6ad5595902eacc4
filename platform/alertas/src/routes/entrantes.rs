//! What owners wrote back, for the desk.
use crate::{model::Recibida, store::entrantes as store};
use kernel::{
    Change, Ctx, Json, Page, Path, Problem, Query, Versioned,
    ids::TutorId,
    page,
    permission::{ReenviarMensajes, VerMensajes},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroRespuestas {
    tutor_id: Option<TutorId>,
    /// `true`: las que esperan que alguien las lea.
    abierta: Option<bool>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Lo que los tutores respondieron a los mensajes, o escribieron a la clínica, de lo más reciente a lo más antiguo. Se recuerda 180 días.
#[utoipa::path(get, path = "/mensajes/respuestas", tag = "correos", operation_id = "listar_respuestas_de_mensajes", params(FiltroRespuestas),
    extensions(("x-permiso" = json!("mensaje.ver"))), responses((status = 200, body = Page<Recibida>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerMensajes>, Query(filtro): Query<FiltroRespuestas>) -> Result<Json<Page<Recibida>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let filter = store::Filter { tutor: filtro.tutor_id, abierta: filtro.abierta, after, ..store::Filter::default() };
    let rows = store::list(&mut tx, filter, limit + 1).await?;
    ctx.read_audit("tutor", rows.iter().filter_map(|one| one.tutor_id).map(Into::into));
    Ok(Json(Page::from_rows(rows, limit as usize, |one| (one.recibida_en, one.id))))
}

/// Alguien la leyó y se ocupó. Dos veces lo mismo lo anota una vez.
#[utoipa::path(post, path = "/mensajes/respuestas/{id}/atender", tag = "correos", operation_id = "atender_respuesta_de_mensaje",
    params(("id" = Uuid, Path)), extensions(("x-permiso" = json!("mensaje.reenviar"))),
    responses((status = 200, body = Recibida), (status = "4XX", body = Problem)))]
pub async fn atender(ctx: Ctx<ReenviarMensajes>, Path(id): Path<Uuid>) -> Result<Versioned<Recibida>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if antes.atendida_en.is_some() {
        return Ok(Versioned(antes));
    }
    store::attend(&mut tx, id).await?;
    let despues = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    // What was written is its writer's, and not for the audit.
    tx.audit(Change::new("atender", "respuesta_mensaje", id));
    tx.commit().await?;
    Ok(Versioned(despues))
}
