//! The book as consumers see it: the sedes of a chain, the form of a sede, and the sheet that it became. Nothing of it needs
//! a script, and nobody has to sign in.
mod html;

use crate::{
    model::{Establecimiento, Formulario, Reclamo},
    presentar::{ENLACE, presentar, ruta},
    store,
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use kernel::{Anon, App, Problem, extract::read, ids::TenantId, problem::kinds, text, token};

const CSS: &str = include_str!("libro.css");

/// Paths relative to the root. They are for people, and stand in no document.
pub fn public_router() -> Router<App> {
    Router::new()
        .route("/libro-de-reclamaciones/-/libro.css", get(css))
        .route("/libro-de-reclamaciones/-/{enlace}", get(hoja))
        .route("/libro-de-reclamaciones/{cadena}", get(sedes))
        .route("/libro-de-reclamaciones/{cadena}/{sede}", get(formulario).post(enviar))
}

/// Named with what is in it, so that a browser may keep it.
async fn css() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], CSS)
        .into_response()
}

/// What a browser may do with a page: show its style, and send its form back here.
const POLITICA: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Kept nowhere: the next one at the tablet is somebody else.
fn pagina(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLITICA)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Html(html)).into_response()
}

/// A sheet for whoever may see it.
pub fn imprimir(reclamo: &Reclamo) -> Response {
    pagina(StatusCode::OK, html::hoja(reclamo))
}

/// Problems as people read them.
fn falla(problem: Problem) -> Response {
    let status = problem.status();
    let (titulo, texto) = match status {
        StatusCode::NOT_FOUND => ("No encontramos esa página", "Revise la dirección, o pida el Libro de Reclamaciones en la sede."),
        StatusCode::TOO_MANY_REQUESTS => {
            ("Se enviaron muchas hojas desde aquí", "Inténtelo otra vez en una hora, o pida el Libro de Reclamaciones en la sede.")
        }
        _ => ("No se pudo mostrar la página", "Inténtelo otra vez en un momento, o pida el Libro de Reclamaciones en la sede."),
    };
    let mut response = pagina(status, html::aviso(titulo, texto));
    if let Some(wait) = problem.into_response().headers_mut().remove(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

/// A chain with the books that it has.
struct Libros {
    tenant: TenantId,
    clave: String,
    sedes: Vec<Establecimiento>,
}

async fn libros(anon: &Anon, clave: String) -> Result<Libros, Problem> {
    let tenant = anon.tenant(&clave).await?.ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let sedes = store::establecimientos(&mut tx).await?;
    if sedes.is_empty() { Err(Problem::not_found()) } else { Ok(Libros { tenant, clave, sedes }) }
}

async fn sedes(anon: Anon, Path(cadena): Path<String>) -> Response {
    match libros(&anon, cadena).await {
        Ok(libros) => pagina(StatusCode::OK, html::sedes(&libros.clave, &libros.sedes)),
        Err(problem) => falla(problem),
    }
}

/// A name as part of an address: «Andes Miraflores» is `andes-miraflores`.
fn slug(name: &str) -> String {
    text::words(name).join("-")
}

async fn libro(anon: &Anon, cadena: String, nombre: &str) -> Result<(TenantId, String, Establecimiento), Problem> {
    let Libros { tenant, clave, sedes } = libros(anon, cadena).await?;
    let sede = sedes.into_iter().find(|sede| slug(&sede.proveedor.sede) == nombre || sede.id.to_string() == nombre);
    Ok((tenant, clave, sede.ok_or_else(Problem::not_found)?))
}

async fn formulario(anon: Anon, Path((cadena, sede)): Path<(String, String)>) -> Response {
    match libro(&anon, cadena, &sede).await {
        Ok((tenant, _, sede)) => {
            let form = Formulario { enlace: token::make(ENLACE, tenant).0, ..Formulario::default() };
            pagina(StatusCode::OK, html::formulario(&sede, &form, &[]))
        }
        Err(problem) => falla(problem),
    }
}

async fn enviar(anon: Anon, Path((cadena, sede)): Path<(String, String)>, headers: HeaderMap, body: Body) -> Response {
    match recibir(&anon, cadena, &sede, &headers, body).await {
        Ok(response) => response,
        Err(problem) => falla(problem),
    }
}

async fn recibir(anon: &Anon, cadena: String, nombre: &str, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let form = leer(headers, body).await?;
    let (tenant, _, sede) = libro(anon, cadena, nombre).await?;
    let presentada = match form.leer() {
        Ok(presentada) => presentada,
        Err(faltas) => return Ok(pagina(StatusCode::UNPROCESSABLE_ENTITY, html::formulario(&sede, &form, &faltas))),
    };
    let mut tx = anon.begin_in(tenant, &[sede.id]).await?;
    let enlace = presentar(&mut tx, &sede, &form, &presentada).await?;
    tx.commit().await?;
    let to = HeaderValue::try_from(ruta(&enlace)).map_err(Problem::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response())
}

async fn leer(headers: &HeaderMap, body: Body) -> Result<Formulario, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Problem::new(kinds::MEDIA_TYPE));
    }
    let bytes = read(body).await?;
    serde_urlencoded::from_bytes(&bytes).map_err(|_| Problem::new(kinds::MALFORMED))
}

/// The sheet behind a consumer's link.
async fn hoja(anon: Anon, Path(enlace): Path<String>) -> Response {
    match abrir(&anon, &enlace).await {
        Ok(reclamo) => imprimir(&reclamo),
        Err(problem) => falla(problem),
    }
}

async fn abrir(anon: &Anon, enlace: &str) -> Result<Reclamo, Problem> {
    let (tenant, resumen) = token::read(ENLACE, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let (id, sede) = store::de_enlace(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &[sede]).await?;
    store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)
}
