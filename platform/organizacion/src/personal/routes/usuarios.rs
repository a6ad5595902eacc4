//! Staff: listing, inviting, changing, deactivating.
use super::{administrable, asignar, exigir_administrador, store, visible};
use crate::{
    identidad::{avisar, claves_api, cuenta, sesiones},
    personal::model::{DatosUsuario, NuevoUsuario, Usuario},
};
use axum::{Extension, response::Response};
use kernel::{
    App, Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{SedeId, UsuarioId},
    page,
    permission::{AdministrarUsuarios, VerUsuarios},
    ports::{PorReasignar, Reasignables},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router(reasignables: Arc<dyn Reasignables>) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(desactivar_usuario))
        .layer(Extension(reasignables))
        .routes(routes!(listar_usuarios, crear_usuario))
        .routes(routes!(ver_usuario, cambiar_usuario))
        .routes(routes!(activar_usuario))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroUsuarios {
    /// Solo quienes trabajan en esta sede.
    sede_id: Option<SedeId>,
    /// Solo médicos, o solo quienes no lo son.
    es_medico: Option<bool>,
    /// Solo activos, o solo desactivados.
    activo: Option<bool>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Personal de las sedes que administra o puede ver, por apellido.
#[utoipa::path(get, path = "/usuarios", tag = "personal", extensions(("x-permiso" = json!("usuario.ver"))),
    params(FiltroUsuarios),
    responses((status = 200, body = Page<Usuario>), (status = "4XX", body = Problem)))]
async fn listar_usuarios(ctx: Ctx<VerUsuarios>, Query(filtro): Query<FiltroUsuarios>) -> Result<Json<Page<Usuario>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    filtro.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    let filter = store::usuarios::Filter { sede: filtro.sede_id, es_medico: filtro.es_medico, activo: filtro.activo };
    let mut tx = ctx.begin_read().await?;
    let rows = store::usuarios::list(&mut tx, &filter, after.as_ref(), limit).await?;
    let page = Page::from_rows(rows, limit as usize, |u| (u.apellidos.clone(), u.nombres.clone(), u.id));
    ctx.read_audit("usuario", page.items.iter().map(|usuario| usuario.id.into()));
    Ok(Json(page))
}

/// Crea una persona, le asigna sus roles y la invita por correo. Nadie otorga más permisos de los que tiene en esa sede.
#[utoipa::path(post, path = "/usuarios", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    request_body = NuevoUsuario,
    responses((status = 201, body = Usuario), (status = "4XX", body = Problem)))]
async fn crear_usuario(ctx: Ctx<AdministrarUsuarios>, once: Once<NuevoUsuario>) -> Result<Response, Problem> {
    let (datos, asignaciones) = once.body.read()?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let usuario = crear(&ctx, &mut tx, &datos, &asignaciones).await?;
    cuenta::invitar(&mut tx, usuario.id).await?;
    tx.commit_created(&usuario).await
}

async fn crear(
    ctx: &Ctx<AdministrarUsuarios>,
    tx: &mut Tx,
    datos: &DatosUsuario,
    asignaciones: &[crate::personal::model::NuevaAsignacion],
) -> Result<Usuario, Problem> {
    let id = UsuarioId::new();
    store::roles::lock_policy(tx).await?;
    let key = store::usuarios::insert(tx, id, datos).await?;
    for nueva in asignaciones {
        let asignacion = asignar(ctx, tx, id, nueva).await?;
        tx.audit(asignacion.change("asignar").despues(&asignacion));
    }
    let usuario = store::usuarios::get(tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("crear", "usuario", id).despues(usuario.sealed(&key)));
    tx.publish(Event::new("usuario.creado", json!({ "id": id })));
    Ok(usuario)
}

/// Muestra a una persona.
#[utoipa::path(get, path = "/usuarios/{id}", tag = "personal", extensions(("x-permiso" = json!("usuario.ver"))),
    params(("id" = UsuarioId, Path)),
    responses((status = 200, body = Usuario), (status = "4XX", body = Problem)))]
async fn ver_usuario(ctx: Ctx<VerUsuarios>, Path(id): Path<UsuarioId>) -> Result<Versioned<Usuario>, Problem> {
    let mut tx = ctx.begin_read().await?;
    visible(&ctx, &mut tx, id).await.map(Versioned)
}

/// Cambia los datos de una persona. Solo quien administra todas sus sedes y tiene al menos sus permisos.
///
/// Si cambia el correo, los enlaces enviados dejan de servir y se avisa al correo anterior.
#[utoipa::path(put, path = "/usuarios/{id}", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), request_body = DatosUsuario,
    responses((status = 200, body = Usuario), (status = "4XX", body = Problem)))]
async fn cambiar_usuario(
    ctx: Ctx<AdministrarUsuarios>,
    Path(id): Path<UsuarioId>,
    if_match: IfMatch,
    Json(datos): Json<DatosUsuario>,
) -> Result<Versioned<Usuario>, Problem> {
    let datos = datos.read()?;
    let mut tx = ctx.begin().await?;
    let antes = administrable(&ctx, &mut tx, id).await?;
    if_match.check(antes.version)?;
    let key = tx.person_key(id).await?.ok_or_else(Problem::not_found)?;
    store::usuarios::update(&mut tx, id, &key, &datos).await?;
    if antes.correo != datos.correo {
        cuenta::cambiar_correo(&mut tx, id, &antes.correo, antes.activo && antes.invitacion_pendiente).await?;
    }
    let usuario = store::usuarios::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("cambiar", "usuario", id).antes(antes.sealed(&key)).despues(usuario.sealed(&key)));
    tx.publish(Event::new("usuario.cambiado", json!({ "id": id })));
    tx.commit().await?;
    Ok(Versioned(usuario))
}

/// Una persona desactivada y lo que dejó pendiente.
#[derive(Debug, Serialize, ToSchema)]
struct Desactivado {
    usuario: Usuario,
    /// Todo lo que alguien más debe asumir, en toda la cadena: citas por atender, horarios semanales, claves de
    /// integración que creó.
    por_reasignar: Vec<PorReasignar>,
}

/// Desactiva a una persona: cierra sus sesiones y responde lo que se debe reasignar.
#[utoipa::path(post, path = "/usuarios/{id}/desactivar", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)),
    responses((status = 200, body = Desactivado), (status = "4XX", body = Problem)))]
async fn desactivar_usuario(
    ctx: Ctx<AdministrarUsuarios>,
    Path(id): Path<UsuarioId>,
    Extension(reasignables): Extension<Arc<dyn Reasignables>>,
) -> Result<Json<Desactivado>, Problem> {
    let mut tx = ctx.begin().await?;
    let usuario = set_activo(&ctx, &mut tx, id, false).await?;
    sesiones::revocar_todas(&mut tx, id).await?;
    exigir_administrador(&mut tx).await?;
    let mut por_reasignar = reasignables.of(&mut tx, id).await?;
    por_reasignar.extend(claves_api::store::por_reasignar(&mut tx, id).await?);
    tx.commit().await?;
    avisar(ctx.app(), ctx.tenant).await;
    Ok(Json(Desactivado { usuario, por_reasignar }))
}

/// Vuelve a activar a una persona, con los roles que tenía.
#[utoipa::path(post, path = "/usuarios/{id}/activar", tag = "personal", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)),
    responses((status = 200, body = Usuario), (status = "4XX", body = Problem)))]
async fn activar_usuario(ctx: Ctx<AdministrarUsuarios>, Path(id): Path<UsuarioId>) -> Result<Versioned<Usuario>, Problem> {
    let mut tx = ctx.begin().await?;
    let usuario = set_activo(&ctx, &mut tx, id, true).await?;
    tx.commit().await?;
    Ok(Versioned(usuario))
}

/// Repeating it changes nothing.
async fn set_activo(ctx: &Ctx<AdministrarUsuarios>, tx: &mut Tx, id: UsuarioId, activo: bool) -> Result<Usuario, Problem> {
    store::roles::lock_policy(tx).await?;
    let antes = administrable(ctx, tx, id).await?;
    if antes.activo == activo {
        return Ok(antes);
    }
    if !activo {
        store::usuarios::lock_out(tx, id).await?;
        cuenta::anular_enlaces(tx, id).await?;
    }
    store::usuarios::set_activo(tx, id, activo).await?;
    let (accion, tema) = if activo { ("activar", "usuario.activado") } else { ("desactivar", "usuario.desactivado") };
    tx.audit(Change::new(accion, "usuario", id).antes(json!({ "activo": !activo })).despues(json!({ "activo": activo })));
    tx.publish(Event::new(tema, json!({ "id": id })));
    store::usuarios::get(tx, id).await?.ok_or_else(Problem::not_found)
}
