//! Who has which role where.
use super::{asignar, exigir_administrador, exigir_tenerlos, permission_set, rol, store, visible};
use crate::{
    identidad::avisar,
    personal::model::{Asignacion, NuevaAsignacion},
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    App, Begun, Ctx, Event, Json, Once, Page, Path, Problem,
    ids::{AsignacionId, UsuarioId},
    permission::{AdministrarUsuarios, VerUsuarios},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_asignaciones, crear_asignacion)).routes(routes!(borrar_asignacion))
}

/// Roles de una persona en las sedes que usted ve y en toda la cadena.
#[utoipa::path(get, path = "/usuarios/{id}/asignaciones", tag = "personal", extensions(("x-permiso" = json!("usuario.ver"))),
    params(("id" = UsuarioId, Path)),
    responses((status = 200, body = Page<Asignacion>), (status = "4XX", body = Problem)))]
async fn listar_asignaciones(ctx: Ctx<VerUsuarios>, Path(id): Path<UsuarioId>) -> Result<Json<Page<Asignacion>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let usuario = visible(&ctx, &mut tx, id).await?;
    Ok(Json(Page { items: usuario.asignaciones, siguiente: None }))
}

/// Asigna un rol en una sede activa o en toda la cadena. Nadie otorga más permisos de los que tiene ahí.
#[utoipa::path(post, path = "/usuarios/{id}/asignaciones", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), request_body = NuevaAsignacion,
    responses((status = 201, body = Asignacion), (status = "4XX", body = Problem)))]
async fn crear_asignacion(
    ctx: Ctx<AdministrarUsuarios>,
    Path(id): Path<UsuarioId>,
    once: Once<NuevaAsignacion>,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    store::roles::lock_policy(&mut tx).await?;
    visible(&ctx, &mut tx, id).await?.exigir_activo()?;
    let asignacion = asignar(&ctx, &mut tx, id, &once.body).await?;
    tx.audit(asignacion.change("asignar").despues(&asignacion));
    tx.publish(Event::new("asignacion.creada", json!({ "id": asignacion.id, "usuario_id": id })));
    let answer = tx.commit_answer(StatusCode::CREATED, None, &asignacion).await?;
    avisar(ctx.app(), ctx.tenant).await;
    Ok(answer)
}

/// Quita un rol. Solo quien podría otorgarlo.
#[utoipa::path(delete, path = "/asignaciones/{id}", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = AsignacionId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn borrar_asignacion(ctx: Ctx<AdministrarUsuarios>, Path(id): Path<AsignacionId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    store::roles::lock_policy(&mut tx).await?;
    let asignacion = store::asignaciones::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    asignacion.sede_id.map_or_else(|| ctx.in_cadena(), |sede| ctx.in_sede(sede))?;
    let rol = rol(&mut tx, asignacion.rol_id).await?;
    exigir_tenerlos(permission_set(&rol.permisos), asignacion.sede_id, ctx.access())?;
    store::asignaciones::delete(&mut tx, id).await?;
    exigir_administrador(&mut tx).await?;
    tx.audit(asignacion.change("quitar").antes(&asignacion));
    tx.publish(Event::new("asignacion.borrada", json!({ "id": id, "usuario_id": asignacion.usuario_id })));
    tx.commit().await?;
    avisar(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}
