//! Rooms of a sede.
use super::sede;
use crate::estructura::{
    model::{Ambiente, DatosAmbiente},
    store::ambientes as store,
};
use axum::response::Response;
use kernel::{
    App, Begun, Change, Ctx, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::{AmbienteId, SedeId},
    page::Pagina,
    permission::{ConfigurarSede, VerSedes},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_ambientes, crear_ambiente)).routes(routes!(ver_ambiente, cambiar_ambiente))
}

/// Ambientes de una sede, por nombre.
#[utoipa::path(get, path = "/sedes/{sede_id}/ambientes", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("sede_id" = SedeId, Path), Pagina),
    responses((status = 200, body = Page<Ambiente>), (status = "4XX", body = Problem)))]
async fn listar_ambientes(
    ctx: Ctx<VerSedes>,
    Path(sede_id): Path<SedeId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<Ambiente>>, Problem> {
    ctx.in_sede(sede_id)?;
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    sede(&mut tx, sede_id).await?;
    let rows = store::list(&mut tx, sede_id, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |ambiente| ambiente.nombre.clone())))
}

/// Crea un ambiente en una sede activa.
#[utoipa::path(post, path = "/sedes/{sede_id}/ambientes", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("sede_id" = SedeId, Path)), request_body = DatosAmbiente,
    responses((status = 201, body = Ambiente), (status = "4XX", body = Problem)))]
async fn crear_ambiente(ctx: Ctx<ConfigurarSede>, Path(sede_id): Path<SedeId>, once: Once<DatosAmbiente>) -> Result<Response, Problem> {
    ctx.in_sede(sede_id)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    sede(&mut tx, sede_id).await?.exigir_activa()?;
    let ambiente = store::insert(&mut tx, AmbienteId::new(), sede_id, &once.body).await?;
    tx.audit(Change::new("crear", "ambiente", ambiente.id).sede(sede_id).despues(&ambiente));
    tx.commit_created(&ambiente).await
}

/// Muestra un ambiente.
#[utoipa::path(get, path = "/ambientes/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("id" = AmbienteId, Path)),
    responses((status = 200, body = Ambiente), (status = "4XX", body = Problem)))]
async fn ver_ambiente(ctx: Ctx<VerSedes>, Path(id): Path<AmbienteId>) -> Result<Versioned<Ambiente>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia un ambiente; también sirve para desactivarlo.
#[utoipa::path(put, path = "/ambientes/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("id" = AmbienteId, Path)), request_body = DatosAmbiente,
    responses((status = 200, body = Ambiente), (status = "4XX", body = Problem)))]
async fn cambiar_ambiente(
    ctx: Ctx<ConfigurarSede>,
    Path(id): Path<AmbienteId>,
    if_match: IfMatch,
    Json(datos): Json<DatosAmbiente>,
) -> Result<Versioned<Ambiente>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let ambiente = store::update(&mut tx, id, &datos).await?;
    tx.audit(Change::new("cambiar", "ambiente", id).sede(ambiente.sede_id).antes(&antes).despues(&ambiente));
    tx.commit().await?;
    Ok(Versioned(ambiente))
}
