//! Where providers write: the addresses of an installation, and the public door behind them.
use crate::{
    activos::{avisar, guardar_mensaje, secreto},
    configurar::abrir,
    instalar::{self, GANCHO, note},
    model::Gancho,
    store::{ganchos as store, instalaciones, versiones},
};
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Anon, App, Ctx, Json, Path, Problem, Query, Tx, extract, permission::AdministrarComplementos, token};
use organizacion::identidad::Identidad;
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Of a message's headers, the most that is kept.
const MOST_HEADERS: usize = 64;
const LONGEST_HEADER: usize = 4 << 10;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_ganchos)).routes(routes!(renovar_gancho))
}

/// Paths relative to the root: short, since some providers cut long ones.
pub fn public_router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(recibir_gancho, saludar_gancho))
}

fn mostrar(base: &str, ganchos: Vec<(String, String)>) -> Json<Vec<Gancho>> {
    let one = |(nombre, token): (String, String)| Gancho { direccion: format!("{base}/hooks/{token}/{nombre}"), nombre };
    Json(ganchos.into_iter().map(one).collect())
}

/// Las direcciones secretas en las que los proveedores avisan a un complemento instalado.
#[utoipa::path(get, path = "/complementos/{id}/ganchos", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = Vec<Gancho>), (status = "4XX", body = Problem)))]
async fn ver_ganchos(
    ctx: Ctx<AdministrarComplementos>,
    identidad: Identidad,
    Path(id): Path<String>,
) -> Result<Json<Vec<Gancho>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    instalaciones::get(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    Ok(mostrar(identidad.base_url(), store::list(&mut tx, &id).await?))
}

/// Cambia una dirección: la de antes deja de servir. Hay que ponerla otra vez en el proveedor.
#[utoipa::path(post, path = "/complementos/{id}/ganchos/{nombre}/renovar", tag = "complementos",
    extensions(("x-permiso" = json!("complemento.administrar"))), params(("id" = String, Path), ("nombre" = String, Path)),
    responses((status = 200, body = Vec<Gancho>), (status = "4XX", body = Problem)))]
async fn renovar_gancho(
    ctx: Ctx<AdministrarComplementos>,
    identidad: Identidad,
    Path((id, nombre)): Path<(String, String)>,
) -> Result<Json<Vec<Gancho>>, Problem> {
    let mut tx = ctx.begin().await?;
    let (_, version) = abrir(&mut tx, &id).await?;
    version.paquete.manifest.webhooks.iter().find(|hook| hook.name == nombre).ok_or_else(Problem::not_found)?;
    instalar::acunar(&mut tx, &id, &nombre).await?;
    note(&mut tx, "renovar_gancho", &id, None, &json!({ "gancho": nombre })).await?;
    let ganchos = store::list(&mut tx, &id).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(mostrar(identidad.base_url(), ganchos))
}

/// The plugin behind an address. Whoever does not know it cannot tell whether there is one.
async fn abrir_gancho(anon: &Anon, token: &str, nombre: &str) -> Result<(Tx, String), Problem> {
    let (tenant, resumen) = token::read(GANCHO, token).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let complemento = store::find(&mut tx, &resumen, nombre).await?.ok_or_else(Problem::not_found)?;
    Ok((tx, complemento))
}

/// Un proveedor avisa a un complemento. Se guarda como llegó y se atiende después: la firma la comprueba el complemento.
#[utoipa::path(post, path = "/hooks/{token}/{nombre}", tag = "complementos", security(()),
    params(("token" = String, Path), ("nombre" = String, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200), (status = "4XX", body = Problem)))]
async fn recibir_gancho(
    anon: Anon,
    Path((token, nombre)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let (tx, _) = abrir_gancho(&anon, &token, &nombre).await?;
    // No connection is held while somebody slow sends.
    drop(tx);
    let bytes = extract::read(body).await?;
    let (mut tx, complemento) = abrir_gancho(&anon, &token, &nombre).await?;
    guardar_mensaje(&mut tx, &complemento, &nombre, cabeceras(&headers), &bytes).await?;
    tx.commit().await?;
    Ok(StatusCode::OK)
}

fn cabeceras(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        let value = value.to_str().ok().filter(|text| text.len() <= LONGEST_HEADER)?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    headers.iter().filter_map(text).take(MOST_HEADERS).collect()
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Saludo {
    #[serde(rename = "hub.mode")]
    modo: Option<String>,
    #[serde(rename = "hub.verify_token")]
    token: Option<String>,
    #[serde(rename = "hub.challenge")]
    reto: Option<String>,
}

/// Un proveedor pregunta si la dirección es de quien dice: se le devuelve su reto si trae el secreto que el complemento nombra.
#[utoipa::path(get, path = "/hooks/{token}/{nombre}", tag = "complementos", security(()),
    params(("token" = String, Path), ("nombre" = String, Path), Saludo),
    responses((status = 200, content_type = "text/plain", body = String), (status = "4XX", body = Problem)))]
async fn saludar_gancho(
    anon: Anon,
    Path((token, nombre)): Path<(String, String)>,
    Query(saludo): Query<Saludo>,
) -> Result<Response, Problem> {
    let (mut tx, complemento) = abrir_gancho(&anon, &token, &nombre).await?;
    let wanted = saludo_esperado(&mut tx, &complemento, &nombre).await?.ok_or_else(Problem::not_found)?;
    let given = saludo.token.unwrap_or_default();
    if saludo.modo.as_deref() != Some("subscribe") || !bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
        return Err(Problem::forbidden());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], reto(&saludo.reto.unwrap_or_default())).into_response())
}

/// What the provider has to know, if this address is asked like that and somebody gave the secret.
async fn saludo_esperado(tx: &mut Tx, complemento: &str, nombre: &str) -> Result<Option<String>, Problem> {
    let Some(one) = instalaciones::get(tx, complemento).await? else { return Ok(None) };
    let Some(version) = versiones::get(tx, &one.digest).await? else { return Ok(None) };
    let hook = version.paquete.manifest.webhooks.into_iter().find(|hook| hook.name == nombre);
    match hook.and_then(|hook| hook.handshake) {
        Some(name) => secreto(tx, complemento, &name).await,
        None => Ok(None),
    }
}

/// A challenge is a number or a token: nothing that could be a page.
fn reto(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.~".contains(*c)).take(256).collect()
}
