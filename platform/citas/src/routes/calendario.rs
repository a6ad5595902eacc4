//! Calendars over HTTP: made and ended by staff, read by whoever holds the link.
use crate::{
    model::{Calendario, CalendarioCreado, NuevoCalendario, en_texto},
    store::calendario::{self as store, Alcance},
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Anon, Begun, Change, Ctx, FieldError, Json, Once, Page, Path, Problem, Query, Sedes, Versioned,
    ids::CalendarioId,
    page::Pagina,
    permission::{ConfigurarAgenda, Permission, VerCitas},
    token,
};

const PREFIX: &str = "hi_";
/// What a calendar shows: 30 days back, 180 ahead.
const BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
const AHEAD: SignedDuration = SignedDuration::from_hours(180 * 24);
const USED: SignedDuration = SignedDuration::from_hours(1);

/// One's own, and those of the sedes whose agenda one sets up.
fn alcance(ctx: &Ctx<VerCitas>) -> Result<Alcance, Problem> {
    let propio = ctx.usuario()?;
    Ok(match ConfigurarAgenda::INDEX.and_then(|index| ctx.access().sedes_with(index)) {
        Some(Sedes::Cadena) => Alcance { propio, cadena: true, sedes: Vec::new() },
        Some(Sedes::Lista(sedes)) => Alcance { propio, cadena: false, sedes: sedes.to_vec() },
        None => Alcance { propio, cadena: false, sedes: Vec::new() },
    })
}

/// Calendarios para otros programas: los que usted creó y los de las sedes cuya agenda configura.
#[utoipa::path(get, path = "/calendarios", tag = "agenda", params(Pagina), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Page<Calendario>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Calendario>>, Problem> {
    let (after, limit) = pagina.read::<CalendarioId>()?;
    let alcance = alcance(&ctx)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, &alcance, after, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |calendario| calendario.id)))
}

/// Crea un calendario de solo lectura (iCalendar) para suscribirse desde otro programa.
///
/// Muestra cuándo y dónde hay citas, con la inicial de la mascota; nada del tutor ni de la atención. Muestra lo que puede ver quien lo creó,
/// de 30 días atrás a 180 adelante. El de todas las sedes de un médico lo crea ese médico, o quien ve la agenda de toda la cadena.
#[utoipa::path(post, path = "/calendarios", tag = "agenda", extensions(("x-permiso" = json!("cita.ver"))),
    request_body = NuevoCalendario, responses((status = 201, body = CalendarioCreado), (status = "4XX", body = Problem)))]
pub async fn crear(ctx: Ctx<VerCitas>, nuevo: Once<NuevoCalendario>) -> Result<Response, Problem> {
    let creado_por = ctx.usuario()?;
    Problem::check(nuevo.body.check())?;
    let NuevoCalendario { sede_id, medico_id } = nuevo.body;
    match sede_id {
        Some(sede) => ctx.in_sede(sede)?,
        None if ctx.sedes == Sedes::Cadena || medico_id == Some(creado_por) => {}
        None => return Err(Problem::forbidden().detail("De todas las sedes, solo el calendario propio.")),
    }
    let mut tx = match ctx.begin_once(&nuevo).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (sede, medico) = store::existen(&mut tx, sede_id, medico_id).await?;
    let missing = [(sede, "/sede_id"), (medico, "/medico_id")].into_iter().filter(|(there, _)| !there);
    Problem::check(missing.map(|(_, pointer)| FieldError::new(pointer, "no existe")).collect())?;
    let (enlace, resumen) = token::make(PREFIX, ctx.tenant);
    let calendario =
        Calendario { id: CalendarioId::new(), sede_id, medico_id, creado_por, creado_en: ctx.now, usado_en: None, revocado_en: None };
    store::insert(&mut tx, &calendario, &resumen).await?;
    tx.audit(Change::new("crear", "calendario", calendario.id).despues(&calendario));
    let mut creado = CalendarioCreado { calendario, ruta: None };
    // What is kept for repetitions has no secret in it.
    tx.commit_created(&creado).await?;
    creado.ruta = Some(format!("/api/v1/calendarios/publicos/{enlace}.ics"));
    Ok((StatusCode::CREATED, Versioned(creado)).into_response())
}

/// Revoca un calendario: su dirección deja de servir.
#[utoipa::path(delete, path = "/calendarios/{id}", tag = "agenda", params(("id" = CalendarioId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn revocar(ctx: Ctx<VerCitas>, Path(id): Path<CalendarioId>) -> Result<StatusCode, Problem> {
    let alcance = alcance(&ctx)?;
    let mut tx = ctx.begin().await?;
    let revocado = store::revocar(&mut tx, id, &alcance).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("revocar", "calendario", id).despues(&revocado));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// El calendario mismo, para el programa que se suscribe. No pide iniciar sesión: su dirección es secreta.
#[utoipa::path(get, path = "/calendarios/publicos/{archivo}", tag = "agenda", security(()),
    params(("archivo" = String, Path, description = "Lo que sigue a `publicos/` en la dirección que se recibió al crearlo")),
    responses((status = 200, content_type = "text/calendar", body = String), (status = 304), (status = "4XX", body = Problem)))]
pub async fn leer(anon: Anon, headers: HeaderMap, Path(archivo): Path<String>) -> Result<Response, Problem> {
    let enlace = archivo.strip_suffix(".ics").unwrap_or(&archivo);
    let (tenant, resumen) = token::read(PREFIX, enlace).ok_or_else(Problem::not_found)?;
    let mut tx = anon.begin(tenant).await?;
    let abierto = store::abrir(&mut tx, &resumen).await?.ok_or_else(Problem::not_found)?;
    let citas = store::citas(&mut tx, &resumen, anon.now - BACK, anon.now + AHEAD).await?;
    if stale(abierto.usado_en, anon.now) {
        store::usar(&mut tx, abierto.id).await?;
        tx.commit().await?;
    }
    let nombre = [abierto.medico, abierto.sede].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    Ok(answer(&headers, en_texto(&nombre, &citas)))
}

fn stale(usado_en: Option<Timestamp>, now: Timestamp) -> bool {
    usado_en.is_none_or(|used| now.duration_since(used) >= USED)
}

fn answer(asked: &HeaderMap, text: String) -> Response {
    let tag: String = token::sha256(&text).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let etag = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|tags| tags.contains(&tag));
    let kept = HeaderValue::from_static("private, max-age=300");
    let named = HeaderValue::from_static("inline; filename=\"huella.ics\"");
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    if known {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag), (header::CACHE_CONTROL, kept)]).into_response();
    }
    let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, etag), (header::CACHE_CONTROL, kept), (header::CONTENT_DISPOSITION, named)];
    (headers, text).into_response()
}
