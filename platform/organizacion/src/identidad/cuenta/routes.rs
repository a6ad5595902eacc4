//! One's own account, and the links of invited or forgetful people.
use super::{
    cambiar::cambiar,
    enlaces::{self, Tipo},
    model::{CambioContrasena, ConEnlace, Olvido},
    olvidar, store,
};
use crate::{
    identidad::{Identidad, problemas},
    personal::routes::administrable,
};
use axum::http::StatusCode;
use kernel::{
    Anon, App, Ctx, Json, Path, Problem,
    ids::UsuarioId,
    permission::{AdministrarUsuarios, Propio},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cambiar_contrasena))
        .routes(routes!(aceptar))
        .routes(routes!(olvidar))
        .routes(routes!(restablecer))
        .routes(routes!(invitar_otra_vez))
}

/// Cambia la contraseña propia y cierra las demás sesiones.
#[utoipa::path(post, path = "/cuenta/contrasena", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = CambioContrasena, responses((status = 204), (status = "4XX", body = Problem)))]
async fn cambiar_contrasena(ctx: Ctx<Propio>, identidad: Identidad, Json(cambio): Json<CambioContrasena>) -> Result<StatusCode, Problem> {
    cambiar(&ctx, &identidad, cambio).await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Acepta la invitación del correo y elige la contraseña.
#[utoipa::path(post, path = "/cuenta/aceptar", tag = "identidad", security(()),
    request_body = ConEnlace, responses((status = 204), (status = "4XX", body = Problem)))]
async fn aceptar(anon: Anon, identidad: Identidad, Json(datos): Json<ConEnlace>) -> Result<StatusCode, Problem> {
    enlaces::elegir_contrasena(&anon, &identidad, Tipo::Invitacion, &datos.enlace, datos.contrasena).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pide un enlace para elegir otra contraseña. Responde lo mismo exista o no la cuenta.
#[utoipa::path(post, path = "/cuenta/olvido", tag = "identidad", security(()),
    request_body = Olvido, responses((status = 202), (status = "4XX", body = Problem)))]
async fn olvidar(anon: Anon, identidad: Identidad, Json(olvido): Json<Olvido>) -> Result<StatusCode, Problem> {
    olvidar::olvidar(&anon, &identidad, &olvido).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Elige otra contraseña con el enlace del correo, y cierra todas las sesiones.
#[utoipa::path(post, path = "/cuenta/restablecer", tag = "identidad", security(()),
    request_body = ConEnlace, responses((status = 204), (status = "4XX", body = Problem)))]
async fn restablecer(anon: Anon, identidad: Identidad, Json(datos): Json<ConEnlace>) -> Result<StatusCode, Problem> {
    enlaces::elegir_contrasena(&anon, &identidad, Tipo::Restablecer, &datos.enlace, datos.contrasena).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Envía otra vez la invitación a quien todavía no la aceptó. El enlace anterior deja de servir.
#[utoipa::path(post, path = "/usuarios/{id}/invitacion", tag = "identidad", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), responses((status = 202), (status = "4XX", body = Problem)))]
async fn invitar_otra_vez(ctx: Ctx<AdministrarUsuarios>, Path(id): Path<UsuarioId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    administrable(&ctx, &mut tx, id).await?.exigir_activo()?;
    let credencial = store::por_id(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    if credencial.contrasena.is_some() {
        return Err(Problem::new(problemas::CUENTA_ACEPTADA));
    }
    enlaces::invitar(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
