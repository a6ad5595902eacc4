//! Equipment of a sede.
use super::sede;
use crate::estructura::{
    model::{DatosEquipo, Equipo},
    store::equipos as store,
};
use axum::response::Response;
use kernel::{
    App, Begun, Change, Ctx, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::{EquipoId, SedeId},
    page::Pagina,
    permission::{ConfigurarSede, VerSedes},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_equipos, crear_equipo)).routes(routes!(ver_equipo, cambiar_equipo))
}

/// Equipos de una sede, por nombre.
#[utoipa::path(get, path = "/sedes/{sede_id}/equipos", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("sede_id" = SedeId, Path), Pagina),
    responses((status = 200, body = Page<Equipo>), (status = "4XX", body = Problem)))]
async fn listar_equipos(
    ctx: Ctx<VerSedes>,
    Path(sede_id): Path<SedeId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<Equipo>>, Problem> {
    ctx.in_sede(sede_id)?;
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    sede(&mut tx, sede_id).await?;
    let rows = store::list(&mut tx, sede_id, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |equipo| equipo.nombre.clone())))
}

/// Crea un equipo en una sede activa.
#[utoipa::path(post, path = "/sedes/{sede_id}/equipos", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("sede_id" = SedeId, Path)), request_body = DatosEquipo,
    responses((status = 201, body = Equipo), (status = "4XX", body = Problem)))]
async fn crear_equipo(ctx: Ctx<ConfigurarSede>, Path(sede_id): Path<SedeId>, once: Once<DatosEquipo>) -> Result<Response, Problem> {
    ctx.in_sede(sede_id)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    sede(&mut tx, sede_id).await?.exigir_activa()?;
    let equipo = store::insert(&mut tx, EquipoId::new(), sede_id, &once.body).await?;
    tx.audit(Change::new("crear", "equipo", equipo.id).sede(sede_id).despues(&equipo));
    tx.commit_created(&equipo).await
}

/// Muestra un equipo.
#[utoipa::path(get, path = "/equipos/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("id" = EquipoId, Path)),
    responses((status = 200, body = Equipo), (status = "4XX", body = Problem)))]
async fn ver_equipo(ctx: Ctx<VerSedes>, Path(id): Path<EquipoId>) -> Result<Versioned<Equipo>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia un equipo; también sirve para desactivarlo.
#[utoipa::path(put, path = "/equipos/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("id" = EquipoId, Path)), request_body = DatosEquipo,
    responses((status = 200, body = Equipo), (status = "4XX", body = Problem)))]
async fn cambiar_equipo(
    ctx: Ctx<ConfigurarSede>,
    Path(id): Path<EquipoId>,
    if_match: IfMatch,
    Json(datos): Json<DatosEquipo>,
) -> Result<Versioned<Equipo>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let equipo = store::update(&mut tx, id, &datos).await?;
    tx.audit(Change::new("cambiar", "equipo", id).sede(equipo.sede_id).antes(&antes).despues(&equipo));
    tx.commit().await?;
    Ok(Versioned(equipo))
}
