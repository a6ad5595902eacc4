//! Enrolling, confirming, recovering; and an administrator's way out for somebody who lost the phone.
use super::{
    abrir, aceptar,
    model::{Codigo, Codigos, ConContrasena, Enrolamiento, EstadoSegundoFactor, Totp},
    quitar, store,
};
use crate::{
    identidad::{
        Identidad,
        accesos::model::Medio,
        cuenta::{
            cambiar::{contar, exigir_contrasena},
            model::Credencial,
            store as cuentas,
        },
        problemas, sesiones,
        throttle::{Bucket, Taken},
        token::recovery_code,
    },
    personal::routes::administrable,
};
use axum::http::StatusCode;
use kernel::{
    App, Change, Ctx, Event, Json, Path, Problem, Tx,
    ids::UsuarioId,
    permission::{AdministrarUsuarios, Propio},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ver_segundo_factor, enrolar))
        .routes(routes!(confirmar))
        .routes(routes!(regenerar_codigos))
        .routes(routes!(desactivar))
        .routes(routes!(retirar))
}

/// Estado del segundo factor propio.
#[utoipa::path(get, path = "/cuenta/segundo-factor", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    responses((status = 200, body = EstadoSegundoFactor), (status = "4XX", body = Problem)))]
async fn ver_segundo_factor(ctx: Ctx<Propio>) -> Result<Json<EstadoSegundoFactor>, Problem> {
    let usuario = ctx.usuario()?;
    let mut tx = ctx.begin_read().await?;
    let credencial = cuentas::por_id(&mut tx, usuario).await?.ok_or_else(Problem::not_found)?;
    let codigos_restantes = store::codigos_restantes(&mut tx, usuario).await?;
    let exigido = store::exigido(&mut tx, usuario).await?;
    Ok(Json(EstadoSegundoFactor { activo: credencial.totp_desde.is_some(), desde: credencial.totp_desde, codigos_restantes, exigido }))
}

/// Empieza a activar el segundo factor: pide la contraseña y entrega el secreto para la aplicación.
///
/// Falta confirmarlo con un código de ella.
#[utoipa::path(post, path = "/cuenta/segundo-factor", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = ConContrasena, responses((status = 200, body = Enrolamiento), (status = "4XX", body = Problem)))]
async fn enrolar(ctx: Ctx<Propio>, identidad: Identidad, Json(datos): Json<ConContrasena>) -> Result<Json<Enrolamiento>, Problem> {
    let usuario = exigir_contrasena(&ctx, &identidad, "/contrasena", datos.contrasena).await?.id;
    let mut tx = ctx.begin().await?;
    let credencial = bloquear(&mut tx, usuario).await?;
    if credencial.totp_desde.is_some() {
        return Err(Problem::new(problemas::YA_ENROLADO));
    }
    let totp = Totp::generate();
    let key = tx.person_key(usuario).await?.ok_or_else(Problem::not_found)?;
    store::save_secreto(&mut tx, usuario, &key.seal("totp", &totp.to_base32())).await?;
    let correo = cuentas::correo(&mut tx, usuario).await?.unwrap_or_default();
    let cadena = cuentas::cadena_nombre(&mut tx).await?;
    tx.audit(Change::new("empezar", "segundo_factor", usuario));
    tx.commit().await?;
    Ok(Json(Enrolamiento { secreto: totp.to_base32(), uri: totp.uri(&cadena, &correo) }))
}

/// Confirma el segundo factor con un código de la aplicación, y entrega diez códigos de recuperación.
#[utoipa::path(post, path = "/cuenta/segundo-factor/confirmar", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = Codigo, responses((status = 200, body = Codigos), (status = "4XX", body = Problem)))]
async fn confirmar(ctx: Ctx<Propio>, identidad: Identidad, Json(datos): Json<Codigo>) -> Result<Json<Codigos>, Problem> {
    let usuario = ctx.usuario()?;
    let mut tx = ctx.begin().await?;
    let credencial = bloquear(&mut tx, usuario).await?;
    if credencial.totp_desde.is_some() {
        return Err(Problem::new(problemas::YA_ENROLADO));
    }
    let totp = abrir(&mut tx, &credencial).await?.ok_or_else(|| Problem::new(problemas::SIN_ENROLAR))?;
    let step = totp.step(&super::model::normal(&datos.codigo), ctx.now).ok_or_else(codigo_incorrecto)?;
    store::confirmar(&mut tx, usuario, step).await?;
    let codigos = nuevos_codigos(&mut tx, usuario).await?;
    if let Some(sesion) = ctx.identity.sesion {
        sesiones::store::marcar_segundo_factor(&mut tx, sesion).await?;
    }
    sesiones::revocar_otras(&mut tx, usuario, ctx.identity.sesion).await?;
    tx.audit(Change::new("activar", "segundo_factor", usuario));
    tx.publish(Event::new("cuenta.segundo_factor_activado", json!({ "usuario_id": usuario })));
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(Json(codigos))
}

/// Reemplaza los códigos de recuperación. Pide un código de la aplicación.
#[utoipa::path(post, path = "/cuenta/segundo-factor/codigos", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = Codigo, responses((status = 200, body = Codigos), (status = "4XX", body = Problem)))]
async fn regenerar_codigos(ctx: Ctx<Propio>, identidad: Identidad, Json(datos): Json<Codigo>) -> Result<Json<Codigos>, Problem> {
    let usuario = ctx.usuario()?;
    let taken = contar_codigo(&ctx, &identidad).await?;
    let mut tx = ctx.begin().await?;
    exigir_codigo(&mut tx, usuario, &datos.codigo).await?;
    let codigos = nuevos_codigos(&mut tx, usuario).await?;
    tx.audit(Change::new("cambiar_codigos", "segundo_factor", usuario));
    tx.commit().await?;
    taken.refund().await;
    Ok(Json(codigos))
}

/// Desactiva el segundo factor propio. Pide un código de la aplicación o uno de recuperación.
#[utoipa::path(post, path = "/cuenta/segundo-factor/desactivar", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = Codigo, responses((status = 204), (status = "4XX", body = Problem)))]
async fn desactivar(ctx: Ctx<Propio>, identidad: Identidad, Json(datos): Json<Codigo>) -> Result<StatusCode, Problem> {
    let usuario = ctx.usuario()?;
    let taken = contar_codigo(&ctx, &identidad).await?;
    let mut tx = ctx.begin().await?;
    exigir_codigo(&mut tx, usuario, &datos.codigo).await?;
    if store::exigido(&mut tx, usuario).await? {
        return Err(Problem::new(problemas::EXIGIDO));
    }
    store::retirar(&mut tx, usuario).await?;
    tx.audit(Change::new("desactivar", "segundo_factor", usuario));
    tx.publish(Event::new("cuenta.segundo_factor_retirado", json!({ "usuario_id": usuario })));
    tx.commit().await?;
    taken.refund().await;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Retira el segundo factor de quien perdió su teléfono, cierra sus sesiones y se lo avisa por correo.
#[utoipa::path(delete, path = "/usuarios/{id}/segundo-factor", tag = "identidad", extensions(("x-permiso" = json!("usuario.administrar"))),
    params(("id" = UsuarioId, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn retirar(ctx: Ctx<AdministrarUsuarios>, identidad: Identidad, Path(id): Path<UsuarioId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    administrable(&ctx, &mut tx, id).await?;
    let credencial = bloquear(&mut tx, id).await?;
    if ctx.actor.id() == Some(id.0) {
        return Err(Problem::forbidden().detail("El segundo factor propio se desactiva con uno de sus códigos."));
    }
    quitar(&mut tx, &credencial).await?;
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn bloquear(tx: &mut Tx, usuario: UsuarioId) -> Result<Credencial, Problem> {
    cuentas::lock(tx, usuario).await?.ok_or_else(Problem::not_found)
}

async fn nuevos_codigos(tx: &mut Tx, usuario: UsuarioId) -> Result<Codigos, Problem> {
    let codigos: Vec<String> = (0..10).map(|_| recovery_code()).collect();
    store::save_recuperacion(tx, usuario, &codigos).await?;
    Ok(Codigos { codigos })
}

fn codigo_incorrecto() -> Problem {
    Problem::field("/codigo", "no es correcto o ya se usó")
}

/// One try of a code, counted like one at sign-in: a stolen session must not be a place to guess.
async fn contar_codigo(ctx: &Ctx<Propio>, identidad: &Identidad) -> Result<Taken, Problem> {
    let mut taken = contar(ctx, identidad, &[Bucket::codes(ctx.app().keyring(), ctx.tenant, ctx.usuario()?)]).await?;
    taken.made();
    Ok(taken)
}

async fn exigir_codigo(tx: &mut Tx, usuario: UsuarioId, codigo: &str) -> Result<Medio, Problem> {
    let credencial = bloquear(tx, usuario).await?;
    if credencial.totp_desde.is_none() {
        return Err(Problem::new(problemas::SIN_ENROLAR));
    }
    aceptar(tx, &credencial, codigo).await?.ok_or_else(codigo_incorrecto)
}
