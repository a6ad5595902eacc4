//! The page on which owners book: service, day and time without any script; code, hold and confirmation with a small one
//! that talks to the public API like everybody else. Nothing is decided here.
mod html;
mod vista;

use crate::{
    autoreservar::{self, Busca},
    gestionar,
    model::{HuecoPublico, SedePublica},
    store::{self, publica::Contacto},
};
use axum::{
    Extension, Router,
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use html::Pagina;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{Anon, App, Problem, Tx, ids::TenantId, ports::DeTelefonos, token};
use serde::Deserialize;
use vista::{Elegido, Vista, slug};

const CSS: &str = include_str!("reserva.css");
const JS: &str = include_str!("reserva.js");
/// Days that one sees at once.
const DIAS: i64 = 14;
/// How far one looks for the first free time.
const LEJOS: i64 = 60;
const HORAS_MAX: usize = 100;

/// Paths relative to the root. They are for people, and stand in no document.
pub fn public_router() -> Router<App> {
    Router::new()
        .route("/reservar/-/reserva.css", get(|| async { recurso("text/css; charset=utf-8", CSS) }))
        .route("/reservar/-/reserva.js", get(|| async { recurso("text/javascript; charset=utf-8", JS) }))
        .route("/reservar/-/{enlace}/cita.ics", get(calendario))
        .route("/reservar/{cadena}", get(sedes))
        .route("/reservar/{cadena}/{sede}", get(reservar))
}

/// Named with what is in it, so that a browser may keep it.
fn recurso(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], text).into_response()
}

/// What a browser may do with the page: its own script and style, and ask this very server.
const POLITICA: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                        form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn pagina(status: StatusCode, html: String) -> Response {
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLITICA));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Problems as people read them.
fn falla(problem: &Problem) -> Response {
    let (titulo, texto) = match problem.status() {
        StatusCode::NOT_FOUND => ("No encontramos esa página", "Revise la dirección, o llame a su clínica."),
        StatusCode::FORBIDDEN => ("Aquí no se reserva por ahora", "Llame a su clínica."),
        StatusCode::UNPROCESSABLE_ENTITY => ("Eso no se puede reservar", "Vuelva atrás y elija otra vez."),
        _ => ("No se pudo mostrar la página", "Inténtelo otra vez en un momento."),
    };
    pagina(problem.status(), html::aviso(titulo, texto))
}

/// A chain as it offers itself to everybody.
struct Oferta {
    tenant: TenantId,
    cadena: String,
    clave: String,
    sedes: Vec<SedePublica>,
    contactos: Vec<Contacto>,
}

async fn ofrece(anon: &Anon, clave: String) -> Result<Oferta, Problem> {
    let tenant = anon.tenant(&clave).await?.ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let sedes = store::sedes_con_autoreserva(&mut tx).await?;
    drop(tx);
    if sedes.is_empty() {
        return Err(Problem::not_found());
    }
    let mut tx = anon.begin_in(tenant, &sedes).await?;
    let cadena = store::nombre_de_cadena(&mut tx).await?;
    let contactos = store::publica::contactos(&mut tx, &sedes).await?;
    Ok(Oferta { tenant, cadena, clave, sedes: store::sedes_publicas(&mut tx).await?, contactos })
}

async fn sedes(anon: Anon, Path(cadena): Path<String>) -> Response {
    match ofrece(&anon, cadena).await {
        Ok(oferta) => pagina(StatusCode::OK, html::sedes(&oferta.cadena, &oferta.clave, &oferta.sedes)),
        Err(problem) => falla(&problem),
    }
}

/// What was chosen so far; all of it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
struct Eleccion {
    servicio: Option<String>,
    medico: Option<String>,
    dia: Option<String>,
    hora: Option<String>,
}

async fn reservar(
    anon: Anon,
    Extension(telefonos): Extension<DeTelefonos>,
    Path((cadena, sede)): Path<(String, String)>,
    Query(eleccion): Query<Eleccion>,
) -> Response {
    match mirar(&anon, &telefonos, cadena, &sede, &eleccion).await {
        Ok(html) => pagina(StatusCode::OK, html),
        Err(problem) => falla(&problem),
    }
}

async fn mirar(anon: &Anon, telefonos: &DeTelefonos, clave: String, nombre: &str, eleccion: &Eleccion) -> Result<String, Problem> {
    let Oferta { tenant, cadena, clave, sedes, contactos } = ofrece(anon, clave).await?;
    let celular = eleccion.hora.is_some() && telefonos.0.hay(tenant).await?;
    let sede = sedes.into_iter().find(|sede| slug(&sede.nombre) == nombre || sede.sede_id.to_string() == nombre);
    let sede = sede.ok_or_else(Problem::not_found)?;
    let contacto = contactos.into_iter().find(|contacto| contacto.sede_id == sede.sede_id);
    let zona = TimeZone::get(&sede.zona_horaria).map_err(Problem::internal)?;
    let elegido = Elegido::read(&sede, eleccion.servicio.as_deref(), eleccion.medico.as_deref());
    let (dias, horas) = (Vec::new(), Vec::new());
    let mut vista = Vista { cadena, clave, sede, contacto, zona, elegido, dias, dia: None, horas, hora: None, celular };
    if vista.elegido.servicio.is_none() {
        return Ok(Pagina(&vista).render());
    }
    let mut tx = anon.begin_in(tenant, &[vista.sede.sede_id]).await?;
    let hoy = vista.zona.to_datetime(anon.now).date();
    let dia = match eleccion.dia.as_deref().and_then(|text| text.parse::<Date>().ok()) {
        Some(dia) => Some(dia.max(hoy)),
        None => primero(&mut tx, &vista, anon.now).await?,
    };
    let Some(dia) = dia else { return Ok(Pagina(&vista).render()) };
    let desde = dia.to_zoned(vista.zona.clone()).map_err(|_| Problem::field("?dia", "está fuera del calendario"))?.timestamp();
    let found = huecos(&mut tx, &vista, desde.max(anon.now), 2, HORAS_MAX).await?;
    vista.horas = found.into_iter().filter(|hueco| vista.zona.to_datetime(hueco.inicio).date() == dia).collect();
    vista.dias = dia.saturating_sub((dia.weekday().to_monday_one_offset() - 1).days()).series(1.day()).take(DIAS as usize).collect();
    vista.dias.retain(|one| *one >= hoy);
    vista.dia = Some(dia);
    let wanted = eleccion.hora.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    vista.hora = wanted.and_then(|hora| vista.horas.iter().find(|hueco| hueco.inicio == hora).cloned());
    let gone = wanted.is_some() && vista.hora.is_none();
    Ok(if gone { Pagina(&vista).with_notice("Esa hora ya no está disponible: elija otra.") } else { Pagina(&vista).render() })
}

/// The day of the first free time.
async fn primero(tx: &mut Tx, vista: &Vista, now: Timestamp) -> Result<Option<Date>, Problem> {
    let found = huecos(tx, vista, now, LEJOS, 1).await?;
    Ok(found.first().map(|hueco| vista.zona.to_datetime(hueco.inicio).date()))
}

async fn huecos(tx: &mut Tx, vista: &Vista, desde: Timestamp, dias: i64, limite: usize) -> Result<Vec<HuecoPublico>, Problem> {
    let Some(servicio) = &vista.elegido.servicio else { return Ok(Vec::new()) };
    let ofrece = autoreservar::ofrecida(tx, vista.sede.sede_id).await?;
    let medico = vista.elegido.medico.as_ref().map(|medico| medico.id);
    let busca = Busca { sede: vista.sede.sede_id, servicio: servicio.id, medico, desde, dias, limite };
    let found = autoreservar::huecos(tx, &ofrece, &busca, "?").await?;
    let mut shown = autoreservar::publicos(&ofrece, found, limite);
    // Whoever does not mind with whom is shown each time once.
    shown.dedup_by_key(|hueco| hueco.inicio);
    Ok(shown)
}

/// The appointment for the owner's own calendar.
async fn calendario(anon: Anon, Path(enlace): Path<String>) -> Response {
    match invitacion(&anon, &enlace).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"cita.ics\""),
            ];
            (headers, text).into_response()
        }
        Err(problem) => falla(&problem),
    }
}

async fn invitacion(anon: &Anon, enlace: &str) -> Result<String, Problem> {
    let (tenant, resumen) = token::read(autoreservar::ENLACE, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let (cita, sede) = store::autoreserva_de_enlace(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let mut tx = anon.begin_in(tenant, &[sede]).await?;
    gestionar::en_calendario(&mut tx, cita, &autoreservar::ruta_de(enlace)).await?.ok_or_else(Problem::not_found)
}
