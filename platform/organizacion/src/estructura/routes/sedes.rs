//! Sedes of the chain.
use crate::estructura::{
    model::{DatosSede, Sede},
    store::sedes as store,
};
use axum::response::Response;
use kernel::{
    App, Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::SedeId,
    page,
    permission::{ConfigurarCadena, ConfigurarSede, VerSedes},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_sedes, crear_sede)).routes(routes!(ver_sede, cambiar_sede))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroSedes {
    /// Solo las activas, o solo las inactivas.
    activa: Option<bool>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Sedes que puede ver, por código.
#[utoipa::path(get, path = "/sedes", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(FiltroSedes),
    responses((status = 200, body = Page<Sede>), (status = "4XX", body = Problem)))]
async fn listar_sedes(ctx: Ctx<VerSedes>, Query(filtro): Query<FiltroSedes>) -> Result<Json<Page<Sede>>, Problem> {
    let (after, limit) = page::read::<String>(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, after.as_deref(), filtro.activa, limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |sede| sede.codigo.clone())))
}

/// Crea una sede en la cadena.
#[utoipa::path(post, path = "/sedes", tag = "estructura", extensions(("x-permiso" = json!("cadena.configurar"))),
    request_body = DatosSede,
    responses((status = 201, body = Sede), (status = "4XX", body = Problem)))]
async fn crear_sede(ctx: Ctx<ConfigurarCadena>, once: Once<DatosSede>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let sede = store::insert(&mut tx, SedeId::new(), &once.body.clone().normal()).await?;
    tx.audit(Change::new("crear", "sede", sede.id).sede(sede.id).despues(&sede));
    tx.publish(Event::new("sede.creada", json!({ "id": sede.id })).sede(sede.id));
    tx.commit_created(&sede).await
}

/// Muestra una sede.
#[utoipa::path(get, path = "/sedes/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.ver"))),
    params(("id" = SedeId, Path)),
    responses((status = 200, body = Sede), (status = "4XX", body = Problem)))]
async fn ver_sede(ctx: Ctx<VerSedes>, Path(id): Path<SedeId>) -> Result<Versioned<Sede>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia una sede. Activarla, desactivarla o pasarla a otra razón social requiere el permiso en toda la cadena.
#[utoipa::path(put, path = "/sedes/{id}", tag = "estructura", extensions(("x-permiso" = json!("sede.configurar"))),
    params(("id" = SedeId, Path)), request_body = DatosSede,
    responses((status = 200, body = Sede), (status = "4XX", body = Problem)))]
async fn cambiar_sede(
    ctx: Ctx<ConfigurarSede>,
    Path(id): Path<SedeId>,
    if_match: IfMatch,
    Json(datos): Json<DatosSede>,
) -> Result<Versioned<Sede>, Problem> {
    ctx.in_sede(id)?;
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    if antes.is_reorganised_by(&datos) {
        ctx.in_cadena()?;
    }
    let sede = store::update(&mut tx, id, &datos.normal()).await?;
    tx.audit(Change::new("cambiar", "sede", id).sede(id).antes(&antes).despues(&sede));
    tx.publish(Event::new("sede.cambiada", json!({ "id": id })).sede(id));
    tx.commit().await?;
    Ok(Versioned(sede))
}
