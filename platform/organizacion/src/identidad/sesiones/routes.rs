//! Signing in and out, and the devices of oneself and of others.
use super::{
    ingresar::{self, Clase},
    model::{Abierta, Ingreso, Llave, Motivo, Renovacion, Sesion, SesionAbierta, Tokens},
    renovar, revocar, store,
};
use crate::{identidad::Identidad, personal::routes::administrable};
use axum::http::StatusCode;
use kernel::{
    Anon, App, Change, Ctx, Json, Path, Problem,
    ids::{SesionId, UsuarioId},
    permission::{AdministrarUsuarios, Propio},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_sesiones, iniciar_sesion))
        .routes(routes!(renovar_sesion))
        .routes(routes!(cerrar_sesion))
        .routes(routes!(cerrar_otra_sesion))
        .routes(routes!(listar_sesiones_de, cerrar_sesiones_de))
}

/// Inicia sesión.
///
/// Un correo o una contraseña equivocados reciben siempre la misma respuesta. Tras diez intentos fallidos en una
/// hora desde una dirección responde 429 con `Retry-After`.
#[utoipa::path(post, path = "/sesiones", tag = "identidad", security(()), request_body = Ingreso,
    responses((status = 200, body = SesionAbierta), (status = "4XX", body = Problem)))]
async fn iniciar_sesion(anon: Anon, identidad: Identidad, Json(ingreso): Json<Ingreso>) -> Result<Json<SesionAbierta>, Problem> {
    let Abierta { llave, dispositivo, usuario, debe_enrolar, .. } = ingresar::ingresar(&anon, &identidad, ingreso, Clase::Tokens).await?;
    let Llave::Tokens(tokens) = llave else { return Err(Problem::internal("tokens were asked for")) };
    Ok(Json(SesionAbierta { tokens, dispositivo, usuario, debe_enrolar }))
}

/// Cambia un token de renovación por otro y por un token de acceso nuevo.
///
/// Cada uno sirve una vez: si vuelve uno ya usado, la sesión termina para todos los que la tengan.
#[utoipa::path(post, path = "/sesiones/renovar", tag = "identidad", security(()), request_body = Renovacion,
    responses((status = 200, body = Tokens), (status = "4XX", body = Problem)))]
async fn renovar_sesion(anon: Anon, identidad: Identidad, Json(datos): Json<Renovacion>) -> Result<Json<Tokens>, Problem> {
    renovar::renovar(&anon, &identidad, &datos.renovacion).await.map(Json)
}

/// Cierra la sesión.
#[utoipa::path(delete, path = "/sesiones/actual", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn cerrar_sesion(ctx: Ctx<Propio>, identidad: Identidad) -> Result<StatusCode, Problem> {
    let (usuario, sesion) = (ctx.usuario()?, ctx.identity.sesion.ok_or_else(Problem::forbidden)?);
    cerrar(&ctx, &identidad, usuario, sesion).await
}

/// Los equipos en los que tengo la sesión abierta.
#[utoipa::path(get, path = "/sesiones", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    responses((status = 200, body = Vec<Sesion>), (status = "4XX", body = Problem)))]
async fn listar_sesiones(ctx: Ctx<Propio>, identidad: Identidad) -> Result<Json<Vec<Sesion>>, Problem> {
    let usuario = ctx.usuario()?;
    let mut tx = ctx.begin_read().await?;
    Ok(Json(store::list(&mut tx, usuario, ctx.identity.sesion, identidad.settings().portal_ocio).await?))
}

/// Cierra la sesión de otro de mis equipos.
#[utoipa::path(delete, path = "/sesiones/{id}", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    params(("id" = SesionId, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn cerrar_otra_sesion(ctx: Ctx<Propio>, identidad: Identidad, Path(id): Path<SesionId>) -> Result<StatusCode, Problem> {
    let usuario = ctx.usuario()?;
    cerrar(&ctx, &identidad, usuario, id).await
}

async fn cerrar(ctx: &Ctx<Propio>, identidad: &Identidad, usuario: UsuarioId, sesion: SesionId) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    if !store::revocar_una(&mut tx, usuario, sesion, Motivo::Cierre).await? {
        return Err(Problem::not_found());
    }
    tx.audit(Change::new("cerrar", "sesion", sesion));
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Los equipos en los que una persona tiene la sesión abierta.
#[utoipa::path(get, path = "/usuarios/{id}/sesiones", tag = "identidad", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), responses((status = 200, body = Vec<Sesion>), (status = "4XX", body = Problem)))]
async fn listar_sesiones_de(
    ctx: Ctx<AdministrarUsuarios>,
    identidad: Identidad,
    Path(id): Path<UsuarioId>,
) -> Result<Json<Vec<Sesion>>, Problem> {
    let mut tx = ctx.begin().await?;
    administrable(&ctx, &mut tx, id).await?;
    let sesiones = store::list(&mut tx, id, ctx.identity.sesion, identidad.settings().portal_ocio).await?;
    ctx.read_audit("sesion", sesiones.iter().map(|sesion| sesion.id.0));
    Ok(Json(sesiones))
}

/// Cierra todas las sesiones de una persona.
#[utoipa::path(delete, path = "/usuarios/{id}/sesiones", tag = "identidad", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn cerrar_sesiones_de(ctx: Ctx<AdministrarUsuarios>, identidad: Identidad, Path(id): Path<UsuarioId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    administrable(&ctx, &mut tx, id).await?;
    revocar(&mut tx, id, None, Motivo::Administracion).await?;
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}
