//! Areas of a sede.
use super::sede;
use crate::estructura::{
    model::{Area, DatosArea},
    store::areas as store,
};
use axum::response::Response;
use kernel::{
    App, Begun, Change, Ctx, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::{AreaId, SedeId},
    page::Pagina,
    permission::{ConfigurarSede, VerSedes},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_areas, crear_area)).routes(routes!(ver_area, cambiar_area))
}

/// Áreas de una sede, por nombre.
#[utoipa::path(get, path = "/sedes/{sede_id}/areas", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("sede_id" = SedeId, Path), Pagina),
    responses((status = 200, body = Page<Area>), (status = "4XX", body = Problem)))]
async fn listar_areas(ctx: Ctx<VerSedes>, Path(sede_id): Path<SedeId>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Area>>, Problem> {
    ctx.in_sede(sede_id)?;
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    sede(&mut tx, sede_id).await?;
    let rows = store::list(&mut tx, sede_id, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |area| area.nombre.clone())))
}

/// Crea un área en una sede activa.
#[utoipa::path(post, path = "/sedes/{sede_id}/areas", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("sede_id" = SedeId, Path)), request_body = DatosArea,
    responses((status = 201, body = Area), (status = "4XX", body = Problem)))]
async fn crear_area(ctx: Ctx<ConfigurarSede>, Path(sede_id): Path<SedeId>, once: Once<DatosArea>) -> Result<Response, Problem> {
    ctx.in_sede(sede_id)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    sede(&mut tx, sede_id).await?.exigir_activa()?;
    let area = store::insert(&mut tx, AreaId::new(), sede_id, &once.body).await?;
    tx.audit(Change::new("crear", "area", area.id).sede(sede_id).despues(&area));
    tx.commit_created(&area).await
}

/// Muestra un área.
#[utoipa::path(get, path = "/areas/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("id" = AreaId, Path)),
    responses((status = 200, body = Area), (status = "4XX", body = Problem)))]
async fn ver_area(ctx: Ctx<VerSedes>, Path(id): Path<AreaId>) -> Result<Versioned<Area>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia un área; también sirve para desactivarla.
#[utoipa::path(put, path = "/areas/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("id" = AreaId, Path)), request_body = DatosArea,
    responses((status = 200, body = Area), (status = "4XX", body = Problem)))]
async fn cambiar_area(
    ctx: Ctx<ConfigurarSede>,
    Path(id): Path<AreaId>,
    if_match: IfMatch,
    Json(datos): Json<DatosArea>,
) -> Result<Versioned<Area>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let area = store::update(&mut tx, id, &datos).await?;
    tx.audit(Change::new("cambiar", "area", id).sede(area.sede_id).antes(&antes).despues(&area));
    tx.commit().await?;
    Ok(Versioned(area))
}
