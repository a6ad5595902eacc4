//! Signing in with a cookie, out, and the lock.
use super::{
    Abierta, cookie,
    peticion::Peticion,
    pin::{self, CambioPin, Intento, Pin},
    sesion, store,
};
use crate::identidad::{
    Identidad,
    cuenta::{cambiar::exigir_contrasena, model::Cuenta},
    problemas,
    sesiones::{
        ingresar::{self, Clase},
        model::{Ingreso, Llave, Motivo},
        store as sesiones,
    },
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use jiff::Timestamp;
use kernel::{
    Actor, Anon, App, Change, Ctx, Json, Problem,
    ids::SesionId,
    permission::{Propio, PropioBloqueado},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(iniciar_sesion_portal, cerrar_sesion_portal))
        .routes(routes!(cambiar_pin))
        .routes(routes!(bloquear))
        .routes(routes!(desbloquear))
}

/// La sesión del portal web. Lo que la identifica viaja en una cookie que los programas de la página no pueden leer.
#[derive(Debug, Serialize, ToSchema)]
struct SesionDePortal {
    sesion_id: SesionId,
    /// Termina entonces, pase lo que pase.
    expira_en: Timestamp,
    /// También termina tras estos minutos sin ninguna solicitud.
    ocio_min: i64,
    usuario: Cuenta,
    /// Un rol suyo exige el segundo factor y todavía no lo activó: hasta entonces no puede hacer nada más.
    debe_enrolar: bool,
    /// Puede bloquear la sesión y desbloquearla con su PIN.
    tiene_pin: bool,
}

type Cookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

fn cookies(values: impl IntoIterator<Item = Option<HeaderValue>>) -> Cookies {
    AppendHeaders(values.into_iter().flatten().map(|value| (header::SET_COOKIE, value)).collect())
}

/// Inicia sesión en el portal web: como `POST /sesiones`, con una cookie en vez de tokens.
///
/// Solo desde el portal: pide `X-Portal: 1` y que el navegador diga que la página es de este mismo sitio. En la dirección de
/// una cadena solo ingresa su personal. Termina la sesión que este navegador tuviera.
#[utoipa::path(post, path = "/portal/sesion", tag = "identidad", security(()), request_body = Ingreso,
    responses((status = 200, body = SesionDePortal), (status = "4XX", body = Problem)))]
async fn iniciar_sesion_portal(
    anon: Anon,
    identidad: Identidad,
    peticion: Peticion,
    Json(ingreso): Json<Ingreso>,
) -> Result<(Cookies, Json<SesionDePortal>), Problem> {
    if peticion.etiqueta.as_ref().is_some_and(|cadena| *cadena != ingreso.cadena) {
        return Err(Problem::field("/cadena", "esta dirección es de otra cadena"));
    }
    let abierta = ingresar::ingresar(&anon, &identidad, ingreso, Clase::Portal(&peticion)).await?;
    let Llave::Cookie(secreto) = abierta.llave else { return Err(Problem::internal("a cookie was asked for")) };
    terminar_anterior(&anon, &identidad, &peticion).await?;
    let settings = identidad.settings();
    let cookies = cookies([cookie::sesion(&secreto, settings.portal_ttl), cookie::con_equipo(&abierta.dispositivo, &peticion.equipos)]);
    let sesion = SesionDePortal {
        sesion_id: abierta.sesion_id,
        expira_en: abierta.expira_en,
        ocio_min: settings.portal_ocio.as_mins(),
        usuario: abierta.usuario,
        debe_enrolar: abierta.debe_enrolar,
        tiene_pin: abierta.tiene_pin,
    };
    Ok((cookies, Json(sesion)))
}

/// Two people at one computer: the session of the one who was there before does not stay open behind.
async fn terminar_anterior(anon: &Anon, identidad: &Identidad, peticion: &Peticion) -> Result<(), Problem> {
    let leida = peticion.sesion.as_deref().and_then(|text| super::leer(text, peticion.etiqueta.as_deref()));
    let Some((tenant, portal)) = leida else { return Ok(()) };
    let mut tx = anon.begin(tenant).await?;
    let Some(Abierta { id, usuario, .. }) = store::abierta(&mut tx, &portal, identidad.settings().portal_ocio).await? else {
        return Ok(());
    };
    drop(tx);
    let mut tx = anon.begin_as(tenant, Actor::Usuario(usuario)).await?;
    if sesiones::revocar_una(&mut tx, usuario, id, Motivo::Cierre).await? {
        tx.audit(Change::new("cerrar", "sesion", id));
    }
    tx.commit().await?;
    identidad.cambio(anon.app(), tenant).await;
    Ok(())
}

/// Cierra la sesión del portal, también si está bloqueada.
#[utoipa::path(delete, path = "/portal/sesion", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn cerrar_sesion_portal(ctx: Ctx<PropioBloqueado>, identidad: Identidad) -> Result<(StatusCode, Cookies), Problem> {
    let (usuario, id) = (ctx.usuario()?, sesion(&ctx)?);
    let mut tx = ctx.begin().await?;
    if sesiones::revocar_una(&mut tx, usuario, id, Motivo::Cierre).await? {
        tx.audit(Change::new("cerrar", "sesion", id));
    }
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok((StatusCode::NO_CONTENT, cookies([cookie::sin_sesion()])))
}

/// Elige el PIN con que se desbloquea la sesión; pide la contraseña.
#[utoipa::path(put, path = "/cuenta/pin", tag = "identidad", extensions(("x-permiso" = json!("propio")), ("x-sin-version" = json!(true))),
    request_body = CambioPin, responses((status = 204), (status = "4XX", body = Problem)))]
async fn cambiar_pin(ctx: Ctx<Propio>, identidad: Identidad, Json(cambio): Json<CambioPin>) -> Result<StatusCode, Problem> {
    cambio.check()?;
    let usuario = exigir_contrasena(&ctx, &identidad, "/contrasena", cambio.contrasena).await?.id;
    let resumen = pin::resumen(ctx.app().keyring(), ctx.tenant, usuario, &cambio.pin);
    let mut tx = ctx.begin().await?;
    store::save_pin(&mut tx, usuario, &resumen).await?;
    tx.audit(Change::new("cambiar_pin", "usuario", usuario));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bloquea la sesión en todas partes hasta que se escriba el PIN.
#[utoipa::path(post, path = "/portal/bloqueo", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn bloquear(ctx: Ctx<Propio>, identidad: Identidad) -> Result<StatusCode, Problem> {
    let (usuario, id) = (ctx.usuario()?, sesion(&ctx)?);
    let mut tx = ctx.begin().await?;
    if !store::tiene_pin(&mut tx, usuario).await? {
        return Err(Problem::new(problemas::SIN_PIN));
    }
    if store::bloquear(&mut tx, id).await? {
        tx.audit(Change::new("bloquear", "sesion", id));
    }
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Desbloquea la sesión con el PIN. Tras cinco errores la sesión termina.
#[utoipa::path(post, path = "/portal/desbloqueo", tag = "identidad", extensions(("x-permiso" = json!("propio"))),
    request_body = Pin, responses((status = 204), (status = "4XX", body = Problem)))]
async fn desbloquear(ctx: Ctx<PropioBloqueado>, identidad: Identidad, Json(Pin { pin }): Json<Pin>) -> Result<Response, Problem> {
    let (usuario, id) = (ctx.usuario()?, sesion(&ctx)?);
    let dado = pin::resumen(ctx.app().keyring(), ctx.tenant, usuario, &pin);
    let mut tx = ctx.begin().await?;
    let Some(fallos) = store::lock_bloqueada(&mut tx, id).await? else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let guardado = store::pin(&mut tx, usuario).await?;
    let answer = match pin::juzgar(guardado.as_deref(), &dado, fallos) {
        Intento::Abre => {
            store::desbloquear(&mut tx, id).await?;
            tx.audit(Change::new("desbloquear", "sesion", id));
            StatusCode::NO_CONTENT.into_response()
        }
        Intento::Falla(restantes) => {
            store::contar_fallo(&mut tx, id).await?;
            tx.commit().await?;
            return Err(Problem::new(problemas::PIN).with("restantes", restantes));
        }
        Intento::Termina => {
            sesiones::revocar_una(&mut tx, usuario, id, Motivo::Pin).await?;
            tx.audit(Change::new("revocar", "sesion", id).despues(Motivo::Pin));
            (cookies([cookie::sin_sesion()]), Problem::unauthenticated()).into_response()
        }
    };
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(answer)
}
