//! Roles and the catalogue of permissions.
use super::{exigir_administrador, exigir_tenerlos, permission_set, store};
use crate::{
    identidad::avisar,
    personal::model::{CambioRol, NuevoRol, Rol, unknown_permissions},
    problemas::ROL_DE_SISTEMA,
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    App, Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::RolId,
    page::Pagina,
    permission::{AdministrarRoles, CATALOGUE, Entry, VerRoles},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_roles, crear_rol))
        .routes(routes!(ver_rol, cambiar_rol, borrar_rol))
        .routes(routes!(listar_permisos))
}

/// Roles de la cadena, por clave.
#[utoipa::path(get, path = "/roles", tag = "personal", extensions(("x-permiso" = json!("rol.ver"))),
    params(Pagina),
    responses((status = 200, body = Page<Rol>), (status = "4XX", body = Problem)))]
async fn listar_roles(ctx: Ctx<VerRoles>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Rol>>, Problem> {
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::roles::list(&mut tx, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |rol| rol.clave.clone())))
}

/// Crea un rol de la cadena con permisos del catálogo.
#[utoipa::path(post, path = "/roles", tag = "personal", extensions(("x-permiso" = json!("rol.administrar"))),
    request_body = NuevoRol,
    responses((status = 201, body = Rol), (status = "4XX", body = Problem)))]
async fn crear_rol(ctx: Ctx<AdministrarRoles>, once: Once<NuevoRol>) -> Result<Response, Problem> {
    Problem::check(unknown_permissions(&once.body.permisos))?;
    exigir_tenerlos(permission_set(&once.body.permisos), None, ctx.access())?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let id = RolId::new();
    store::roles::insert(&mut tx, id, &once.body, false).await?;
    let rol = store::roles::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("crear", "rol", id).despues(&rol));
    tx.publish(Event::new("rol.creado", json!({ "id": id })));
    tx.commit_created(&rol).await
}

/// Muestra un rol.
#[utoipa::path(get, path = "/roles/{id}", tag = "personal", extensions(("x-permiso" = json!("rol.ver"))),
    params(("id" = RolId, Path)),
    responses((status = 200, body = Rol), (status = "4XX", body = Problem)))]
async fn ver_rol(ctx: Ctx<VerRoles>, Path(id): Path<RolId>) -> Result<Versioned<Rol>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::roles::get(&mut tx, id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Cambia un rol y sus permisos. Rige en todas partes en menos de cinco segundos.
#[utoipa::path(put, path = "/roles/{id}", tag = "personal", extensions(("x-permiso" = json!("rol.administrar"))),
    params(("id" = RolId, Path)), request_body = CambioRol,
    responses((status = 200, body = Rol), (status = "4XX", body = Problem)))]
async fn cambiar_rol(
    ctx: Ctx<AdministrarRoles>,
    Path(id): Path<RolId>,
    if_match: IfMatch,
    Json(cambio): Json<CambioRol>,
) -> Result<Versioned<Rol>, Problem> {
    Problem::check(unknown_permissions(&cambio.permisos))?;
    let mut tx = ctx.begin().await?;
    store::roles::lock_policy(&mut tx).await?;
    let antes = store::roles::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    exigir_tenerlos(permission_set(&antes.permisos).union(permission_set(&cambio.permisos)), None, ctx.access())?;
    store::roles::update(&mut tx, id, &cambio).await?;
    exigir_administrador(&mut tx).await?;
    let rol = store::roles::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("cambiar", "rol", id).antes(&antes).despues(&rol));
    tx.publish(Event::new("rol.cambiado", json!({ "id": id })));
    tx.commit().await?;
    avisar(ctx.app(), ctx.tenant).await;
    Ok(Versioned(rol))
}

/// Borra un rol que nadie tiene.
#[utoipa::path(delete, path = "/roles/{id}", tag = "personal", extensions(("x-permiso" = json!("rol.administrar"))),
    params(("id" = RolId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn borrar_rol(ctx: Ctx<AdministrarRoles>, Path(id): Path<RolId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    store::roles::lock_policy(&mut tx).await?;
    let rol = store::roles::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    exigir_tenerlos(permission_set(&rol.permisos), None, ctx.access())?;
    if rol.de_sistema {
        return Err(Problem::new(ROL_DE_SISTEMA));
    }
    store::roles::delete(&mut tx, id).await?;
    tx.audit(Change::new("borrar", "rol", id).antes(&rol));
    tx.publish(Event::new("rol.borrado", json!({ "id": id })));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// El catálogo de permisos con los que se arman los roles.
#[utoipa::path(get, path = "/permisos", tag = "personal", extensions(("x-permiso" = json!("rol.ver"))),
    responses((status = 200, body = [Entry]), (status = "4XX", body = Problem)))]
async fn listar_permisos(_: Ctx<VerRoles>) -> Json<&'static [Entry]> {
    Json(CATALOGUE)
}
