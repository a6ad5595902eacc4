//! OAuth2 for integrations: the token endpoint with client credentials (RFC 6749, section 4.4) and the public
//! keys that verify what it issues (RFC 7517). Its errors have the standard's form, not this API's.
use super::{
    Identidad,
    accesos::{
        model::{Medio, Resultado},
        store::anotar,
    },
    store::{self, ClaveVigente},
    token::ClaveApi,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{Actor, Anon, App, Problem, extract::read, permission::index_of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(jwks)).routes(routes!(pedir_token))
}

/// Claves públicas con las que se verifican los tokens de acceso (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "identidad", security(()), responses((status = 200, body = ClavesPublicas)))]
async fn jwks(anon: Anon, identidad: Identidad) -> Response {
    // Keys are published longer than this before they sign: `jwt::AHEAD`.
    ([(header::CACHE_CONTROL, "public, max-age=300")], axum::Json(identidad.keys().jwks(anon.now))).into_response()
}

/// Conjunto de claves públicas (JWKS).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only published: the keys themselves come from the key ring")]
struct ClavesPublicas {
    #[schema(value_type = Vec<Object>)]
    keys: Vec<serde_json::Value>,
}

/// Solicitud de token de una integración.
#[derive(Debug, Deserialize, ToSchema)]
struct Solicitud {
    /// `client_credentials`.
    grant_type: Option<String>,
    /// Si no va en `Authorization: Basic`.
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Permisos a los que se limita el token, separados por espacios; ausente: todos los de la clave.
    scope: Option<String>,
}

/// Token de acceso de una integración.
#[derive(Debug, Serialize, ToSchema)]
struct TokenEmitido {
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Segundos de vida.
    expires_in: i64,
    /// Permisos que tiene.
    scope: String,
}

/// Error según RFC 6749, sección 5.2.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorOauth {
    error: &'static str,
    error_description: &'static str,
    #[serde(skip)]
    status: StatusCode,
}

impl ErrorOauth {
    fn new(error: &'static str, error_description: &'static str) -> Self {
        let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        Self { error, error_description, status }
    }
    fn cliente() -> Self {
        Self::new("invalid_client", "El cliente no existe, venció o su secreto no es correcto.")
    }
}

impl From<Problem> for ErrorOauth {
    fn from(problem: Problem) -> Self {
        let error = if problem.status().is_server_error() { "server_error" } else { "invalid_request" };
        Self { error, error_description: "La solicitud no se pudo atender.", status: problem.status() }
    }
}

impl IntoResponse for ErrorOauth {
    fn into_response(self) -> Response {
        let unauthorized = self.status == StatusCode::UNAUTHORIZED;
        let mut response = (self.status, axum::Json(self)).into_response();
        no_store(&mut response);
        if unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"huella\""));
        }
        response
    }
}

fn no_store(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

/// Entrega un token de acceso a una integración, con sus credenciales de cliente (OAuth2).
#[utoipa::path(post, path = "/oauth/token", tag = "identidad", security(()),
    request_body(content = Solicitud, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenEmitido), (status = "4XX", body = ErrorOauth)))]
async fn pedir_token(anon: Anon, identidad: Identidad, headers: HeaderMap, body: Body) -> Result<Response, ErrorOauth> {
    let solicitud = leer(&headers, body).await?;
    if solicitud.grant_type.as_deref() != Some("client_credentials") {
        return Err(ErrorOauth::new("unsupported_grant_type", "Solo se admite client_credentials."));
    }
    let cliente = credenciales(&headers, &solicitud)?;
    let vigente = comprobar(&anon, &identidad, &cliente).await?;
    let scope = alcance(&vigente, solicitud.scope.as_deref())?;
    let (access_token, expira_en) = identidad.access_token(cliente.tenant, cliente.id.0, None, Some(scope.clone()), anon.now)?;
    let expires_in = expira_en.as_second() - anon.now.as_second();
    let mut response = axum::Json(TokenEmitido { access_token, token_type: "Bearer", expires_in, scope }).into_response();
    no_store(&mut response);
    Ok(response)
}

async fn leer(headers: &HeaderMap, body: Body) -> Result<Solicitud, ErrorOauth> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(ErrorOauth::new("invalid_request", "Envíe application/x-www-form-urlencoded."));
    }
    let bytes = read(body).await?;
    // Repeated parameters are an error by the standard, and by this reader too.
    serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorOauth::new("invalid_request", "Los parámetros no se pueden leer."))
}

/// By header or by body, never both.
fn credenciales(headers: &HeaderMap, solicitud: &Solicitud) -> Result<ClaveApi, ErrorOauth> {
    let in_body = solicitud.client_id.as_deref().zip(solicitud.client_secret.as_deref());
    let pair = match headers.get(header::AUTHORIZATION) {
        Some(_) if solicitud.client_secret.is_some() => {
            return Err(ErrorOauth::new("invalid_request", "Use una sola forma de identificar al cliente."));
        }
        Some(value) => value.to_str().ok().and_then(basic),
        None => in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned())),
    };
    let (id, secret) = pair.ok_or_else(ErrorOauth::cliente)?;
    ClaveApi::from_client(&id, &secret).ok_or_else(ErrorOauth::cliente)
}

/// Both halves are letters, digits, `-` and `_` only: the form-encoding that the standard asks for changes nothing.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let text = String::from_utf8(B64.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), secret.to_owned()))
}

/// The key behind a client, if its secret is right and it is good now. A secret of 256 bits needs no slowing
/// down; only the lines in the log are bounded.
async fn comprobar(anon: &Anon, identidad: &Identidad, cliente: &ClaveApi) -> Result<ClaveVigente, ErrorOauth> {
    let actor = Actor::ClaveApi(cliente.id);
    let mut tx = anon.begin_as(cliente.tenant, actor).await?;
    let stored = store::clave_resumen(&mut tx, cliente.id).await?;
    let right = stored.as_ref().is_some_and(|resumen| cliente.matches(resumen));
    let vigente = if right { store::clave_vigente(&mut tx, cliente.id, anon.now).await? } else { None };
    if let Some(vigente) = vigente {
        anotar(&mut tx, actor, Resultado::Ingreso, Medio::Oauth, &anon.origin).await?;
        tx.commit().await?;
        return Ok(vigente);
    }
    drop(tx);
    if stored.is_some() {
        identidad.usos().rechazada(cliente.tenant, cliente.id, Medio::Oauth, &anon.origin, anon.now).await?;
    }
    Err(ErrorOauth::cliente())
}

/// What the token may do: all that the key may, or the part that was asked for.
fn alcance(clave: &ClaveVigente, scope: Option<&str>) -> Result<String, ErrorOauth> {
    let held = || clave.permisos.iter().filter(|permiso| index_of(permiso).is_some());
    let wanted: Vec<&str> = scope.unwrap_or_default().split(' ').filter(|part| !part.is_empty()).collect();
    if let Some(_unknown) = wanted.iter().find(|part| !held().any(|permiso| permiso == *part)) {
        return Err(ErrorOauth::new("invalid_scope", "La clave no tiene alguno de esos permisos."));
    }
    Ok(if wanted.is_empty() { held().cloned().collect::<Vec<_>>().join(" ") } else { wanted.join(" ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use rstest::rstest;

    #[rstest]
    #[case(None, Some("cita.ver cita.reservar"))]
    #[case(Some(""), Some("cita.ver cita.reservar"))]
    #[case(Some("cita.ver"), Some("cita.ver"))]
    #[case(Some("cita.ver paciente.ver"), None)]
    #[case(Some("no.existe"), None)]
    fn a_scope_only_takes_away(#[case] scope: Option<&str>, #[case] expected: Option<&str>) {
        let permisos = ["cita.ver", "cita.reservar", "permiso.que.ya.no.existe"].map(str::to_owned).to_vec();
        let clave = ClaveVigente {
            version: 0,
            expira_en: Timestamp::MAX,
            permisos,
            sedes: None,
            solo_sus_pacientes: false,
            apagados: Default::default(),
        };
        assert_eq!(alcance(&clave, scope).ok().as_deref(), expected);
    }

    #[test]
    fn credentials_come_by_header() {
        assert_eq!(basic("Basic aGNfeDp5"), Some(("hc_x".into(), "y".into())));
        assert_eq!(basic("Bearer aGNfeDp5"), None);
        assert_eq!(basic("Basic ñ"), None);
    }
}
