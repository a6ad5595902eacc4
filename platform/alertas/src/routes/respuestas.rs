//! The page behind a link in a letter. Programs that look mails through open links too, so opening one does nothing: only
//! what is sent from the page does.
use crate::{
    model::{Hecho, Respuesta, estilo, pagina_cerrada},
    responder::{abrir, responder},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{Anon, Path, Problem, extract::read, ids::TenantId, problem::kinds, token};
use std::time::Duration;
use uuid::Uuid;

/// Answers to one link in an hour, and links that open nothing from one address: nobody who reads a letter comes near.
const ANSWERS: i64 = 20;
const MISSES: i64 = 60;
const HOUR: i64 = 3_600;

/// La página de una cita, para quien tiene su enlace. No pide iniciar sesión y no cambia nada.
#[utoipa::path(get, path = "/citas/respuestas/{enlace}", tag = "correos", operation_id = "ver_respuesta", security(()),
    params(("enlace" = String, Path, description = "El del correo")),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn ver(anon: Anon, Path(enlace): Path<String>) -> Result<Response, Problem> {
    match abrir(&anon, &enlace).await? {
        Some((_, abierta)) => Ok(page(StatusCode::OK, abierta.pagina(Hecho::Nada)?)),
        None => cerrada(&anon).await,
    }
}

/// Confirma o anula la cita, o pide otra hora. Responder dos veces lo mismo lo hace una vez.
#[utoipa::path(post, path = "/citas/respuestas/{enlace}", tag = "correos", operation_id = "responder_cita", security(()),
    params(("enlace" = String, Path, description = "El del correo")),
    request_body(content = Respuesta, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem)))]
pub async fn contestar(anon: Anon, Path(enlace): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let respuesta = form(&headers, body).await?;
    let Some((tenant, abierta)) = abrir(&anon, &enlace).await? else { return cerrada(&anon).await };
    contar(&anon, &enlace, ANSWERS).await?;
    let hecho = responder(&anon, tenant, &abierta, &respuesta).await?;
    // As it is now; one that has begun meanwhile is shown as it was.
    let now = abrir(&anon, &enlace).await?.map_or(abierta, |(_, now)| now);
    Ok(page(StatusCode::OK, now.pagina(hecho)?))
}

async fn form(headers: &HeaderMap, body: Body) -> Result<Respuesta, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Problem::new(kinds::MEDIA_TYPE).detail("Envíe application/x-www-form-urlencoded."));
    }
    let bytes = read(body).await?;
    serde_urlencoded::from_bytes(&bytes).map_err(|_| Problem::new(kinds::MALFORMED).detail("El formulario no se puede leer."))
}

async fn cerrada(anon: &Anon) -> Result<Response, Problem> {
    contar(anon, &anon.origin.ip.to_string(), MISSES).await?;
    Ok(page(StatusCode::NOT_FOUND, pagina_cerrada()?))
}

/// One more in this hour. Whose shows in no cache: only a keyed hash. Without the cache nobody counts; the secret is long.
async fn contar(anon: &Anon, whose: &str, limit: i64) -> Result<(), Problem> {
    let (hour, left) = (anon.now.as_second().div_euclid(HOUR), HOUR - anon.now.as_second().rem_euclid(HOUR));
    let hash = anon.app().keyring().blind_index(TenantId(Uuid::nil()), "respuesta", whose);
    let key = format!("respuesta:{}:{hour}", B64.encode(hash));
    let counted = anon.app().cache().add(&key, 1, Duration::from_secs(2 * 3_600)).await.unwrap_or_default();
    if counted > limit { Err(Problem::new(kinds::TOO_MANY).retry_after(left.unsigned_abs())) } else { Ok(()) }
}

/// Nothing but its own style, and forms that lead back here.
fn page(status: StatusCode, html: String) -> Response {
    let style = B64.encode(token::sha256(estilo()));
    let csp = format!("default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(csp).unwrap_or(HeaderValue::from_static("default-src 'none'"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, html).into_response()
}
