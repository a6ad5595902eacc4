//! Legal entities of the chain.
use crate::estructura::{
    model::{DatosEntidadLegal, EntidadLegal},
    store::entidades as store,
};
use axum::response::Response;
use kernel::{
    App, Begun, Change, Ctx, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::EntidadLegalId,
    page::Pagina,
    permission::{ConfigurarCadena, VerSedes},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_entidades_legales, crear_entidad_legal))
        .routes(routes!(ver_entidad_legal, cambiar_entidad_legal))
}

/// Razones sociales de la cadena, por RUC.
#[utoipa::path(get, path = "/entidades-legales", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(Pagina),
    responses((status = 200, body = Page<EntidadLegal>), (status = "4XX", body = Problem)))]
async fn listar_entidades_legales(ctx: Ctx<VerSedes>, Query(pagina): Query<Pagina>) -> Result<Json<Page<EntidadLegal>>, Problem> {
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |entidad| entidad.ruc.clone())))
}

/// Agrega una razón social a la cadena.
#[utoipa::path(post, path = "/entidades-legales", tag = "estructura", extensions(("x-permiso" = json!("cadena.configurar"))),
    request_body = DatosEntidadLegal,
    responses((status = 201, body = EntidadLegal), (status = "4XX", body = Problem)))]
async fn crear_entidad_legal(ctx: Ctx<ConfigurarCadena>, once: Once<DatosEntidadLegal>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let entidad = store::insert(&mut tx, EntidadLegalId::new(), &once.body).await?;
    tx.audit(Change::new("crear", "entidad_legal", entidad.id).despues(&entidad));
    tx.commit_created(&entidad).await
}

/// Muestra una razón social.
#[utoipa::path(get, path = "/entidades-legales/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("id" = EntidadLegalId, Path)),
    responses((status = 200, body = EntidadLegal), (status = "4XX", body = Problem)))]
async fn ver_entidad_legal(ctx: Ctx<VerSedes>, Path(id): Path<EntidadLegalId>) -> Result<Versioned<EntidadLegal>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia una razón social.
#[utoipa::path(put, path = "/entidades-legales/{id}", tag = "estructura", extensions(("x-permiso" = json!("cadena.configurar"))),
    params(("id" = EntidadLegalId, Path)), request_body = DatosEntidadLegal,
    responses((status = 200, body = EntidadLegal), (status = "4XX", body = Problem)))]
async fn cambiar_entidad_legal(
    ctx: Ctx<ConfigurarCadena>,
    Path(id): Path<EntidadLegalId>,
    if_match: IfMatch,
    Json(datos): Json<DatosEntidadLegal>,
) -> Result<Versioned<EntidadLegal>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let entidad = store::update(&mut tx, id, &datos).await?;
    tx.audit(Change::new("cambiar", "entidad_legal", id).antes(&antes).despues(&entidad));
    tx.commit().await?;
    Ok(Versioned(entidad))
}
