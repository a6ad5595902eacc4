//! Installing, upgrading, going back, and taking away.
use crate::{
    activos::avisar,
    instalar,
    model::{Actualizacion, Actualizar, ComplementoDetalle, Instalar, Motores},
    store::instalaciones,
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    App, Begun, Ctx, Json, Once, Path, Problem, Versioned,
    permission::{AdministrarComplementos, VerComplementos},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(instalar_complemento))
        .routes(routes!(ver_actualizacion))
        .routes(routes!(actualizar_complemento))
        .routes(routes!(revertir_complemento))
        .routes(routes!(desinstalar_complemento))
}

/// Instala una versión y consiente lo que pide: exactamente lo que `GET /complementos/{id}` muestra en `permisos`. Queda deshabilitado.
#[utoipa::path(post, path = "/complementos/{id}/instalar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), request_body = Instalar, responses((status = 201, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn instalar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    Path(id): Path<String>,
    once: Once<Instalar>,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let shown = instalar::instalar(&mut tx, &id, &once.body).await?;
    let answer = tx.commit_created(&shown).await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(answer)
}

/// Qué cambiaría al pasar a la versión más nueva: permisos por consentir, y lo que la configuración de ahora tiene mal para ella.
#[utoipa::path(get, path = "/complementos/{id}/actualizacion", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver"))),
    params(("id" = String, Path)), responses((status = 200, body = Actualizacion), (status = "4XX", body = Problem)))]
async fn ver_actualizacion(ctx: Ctx<VerComplementos>, Path(id): Path<String>) -> Result<Json<Actualizacion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let one = instalaciones::get(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    instalar::comparada(&mut tx, &one).await.map(Json)
}

/// Pasa a otra versión. Lo que está en curso termina en la de antes. Si la nueva no puede hacerse cargo de lo que dejó la otra, todo queda como estaba.
#[utoipa::path(post, path = "/complementos/{id}/actualizar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), request_body = Actualizar, responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn actualizar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    motores: Motores,
    Path(id): Path<String>,
    Json(datos): Json<Actualizar>,
) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    let before = instalar::empezar(&mut tx, &id, &datos).await?;
    tx.commit().await?;
    instalar::terminar(&ctx, &motores, &id, before).await.map(Versioned)
}

/// Vuelve a la versión anterior, con la configuración y los permisos que tenía.
#[utoipa::path(post, path = "/complementos/{id}/revertir", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn revertir_complemento(ctx: Ctx<AdministrarComplementos>, Path(id): Path<String>) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    let shown = instalar::revertir(&mut tx, &id).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(shown))
}

/// Desinstala: se borran su configuración, sus secretos y lo que guardaba. Sus corridas quedan sus 14 días.
#[utoipa::path(delete, path = "/complementos/{id}", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn desinstalar_complemento(ctx: Ctx<AdministrarComplementos>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let one = instalaciones::lock(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    instalaciones::delete(&mut tx, &id).await?;
    instalar::note(&mut tx, "desinstalar", &id, None, &json!({ "digest": one.digest })).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(StatusCode::NO_CONTENT)
}
