//! The book over HTTP, for staff.
use crate::{
    model::{EstadoReclamo, Reclamo, Respuesta, Tipo},
    presentar::comunicar,
    publica,
    store::{self, Filtro},
};
use axum::response::Response;
use jiff::{Timestamp, civil::Date, tz};
use kernel::{
    App, Change, Ctx, Event, IfMatch, Json, Page, Path, Problem, Query, Tx, Versioned,
    ids::SedeId,
    page,
    permission::{ResponderReclamos, VerReclamos},
    text::DocumentoTipo,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar)).routes(routes!(ver)).routes(routes!(hoja)).routes(routes!(responder))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Lista {
    sede_id: Option<SedeId>,
    tipo: Option<Tipo>,
    estado: Option<EstadoReclamo>,
    /// Solo los que siguen sin respuesta y vencen ese día a más tardar.
    vence_hasta: Option<Date>,
    /// Desde este día de la hoja.
    desde: Option<Date>,
    /// Hasta este día de la hoja.
    hasta: Option<Date>,
    /// Número de documento del consumidor, completo.
    documento: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// As they stand now, each by the holidays of its sede.
async fn al_dia(tx: &mut Tx, rows: Vec<Reclamo>) -> Result<Vec<Reclamo>, Problem> {
    let now = tx.now();
    let hoy = now.to_zoned(tz::TimeZone::UTC).date();
    let days = rows.iter().filter(|row| row.estado == EstadoReclamo::Pendiente).flat_map(|row| [row.vence_el, hoy]);
    let (desde, hasta) = days.fold((hoy, hoy), |(from, to), day| (from.min(day), to.max(day)));
    let mut sedes: Vec<SedeId> = rows.iter().map(|row| row.sede_id).collect();
    sedes.sort();
    sedes.dedup();
    let feriados = store::feriados(tx, &sedes, desde.yesterday().unwrap_or(desde), hasta).await?;
    let none = std::collections::BTreeSet::new();
    Ok(rows
        .into_iter()
        .map(|row| {
            let feriados = feriados.get(&row.sede_id).unwrap_or(&none);
            row.al(now, feriados)
        })
        .collect())
}

/// Las hojas del Libro de Reclamaciones de sus sedes, las últimas primero.
#[utoipa::path(
    get, path = "/reclamos", tag = "reclamos", operation_id = "listar_reclamos", extensions(("x-permiso" = json!("reclamo.ver"))), params(Lista),
    responses((status = 200, body = Page<Reclamo>), (status = "4XX", body = Problem))
)]
async fn listar(ctx: Ctx<VerReclamos>, Query(lista): Query<Lista>) -> Result<Json<Page<Reclamo>>, Problem> {
    let (antes, limit) = page::read::<(Timestamp, Uuid)>(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let Lista { sede_id: sede, tipo, estado, vence_hasta, desde, hasta, .. } = lista;
    // Written as a sheet has it; DNI and RUC lose what people put between the digits.
    let documento = lista.documento.map(|text| DocumentoTipo::Dni.normalise(&text).unwrap_or_else(|_| text.trim().to_ascii_uppercase()));
    let documento = documento.map(|text| tx.blind_index("reclamo_documento", &text));
    let filtro = Filtro { id: None, sede, tipo, estado, vence_hasta, desde, hasta, documento, antes };
    let rows = store::list(&mut tx, &filtro, limit + 1).await?;
    let rows = al_dia(&mut tx, rows).await?;
    ctx.read_audit("reclamo", rows.iter().map(|reclamo| reclamo.id));
    Ok(Json(Page::from_rows(rows, limit as usize, |reclamo| (reclamo.presentado_en, reclamo.id))))
}

async fn get(tx: &mut Tx, id: Uuid) -> Result<Reclamo, Problem> {
    let found = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
    al_dia(tx, vec![found]).await?.pop().ok_or_else(Problem::not_found)
}

/// Devuelve una hoja del Libro de Reclamaciones.
#[utoipa::path(
    get, path = "/reclamos/{id}", tag = "reclamos", operation_id = "ver_reclamo", extensions(("x-permiso" = json!("reclamo.ver"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Reclamo), (status = "4XX", body = Problem))
)]
async fn ver(ctx: Ctx<VerReclamos>, Path(id): Path<Uuid>) -> Result<Versioned<Reclamo>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let reclamo = get(&mut tx, id).await?;
    ctx.read_audit("reclamo", [id]);
    Ok(Versioned(reclamo))
}

/// La hoja como página para imprimir, con la respuesta si ya la hay.
#[utoipa::path(
    get, path = "/reclamos/{id}/hoja", tag = "reclamos", operation_id = "imprimir_reclamo", extensions(("x-permiso" = json!("reclamo.ver"))),
    params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = "4XX", body = Problem))
)]
async fn hoja(ctx: Ctx<VerReclamos>, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let mut tx = ctx.begin_read().await?;
    let reclamo = get(&mut tx, id).await?;
    ctx.read_audit("reclamo", [id]);
    Ok(publica::imprimir(&reclamo))
}

/// Responde un reclamo o una queja. La respuesta se envía al correo del consumidor, si lo dejó; después la hoja no se cambia.
#[utoipa::path(
    put, path = "/reclamos/{id}/respuesta", tag = "reclamos", operation_id = "responder_reclamo",
    extensions(("x-permiso" = json!("reclamo.responder"))), params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Respuesta,
    responses((status = 200, body = Reclamo), (status = "4XX", body = Problem))
)]
async fn responder(
    ctx: Ctx<ResponderReclamos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(respuesta): Json<Respuesta>,
) -> Result<Versioned<Reclamo>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx, id).await?;
    let mut reclamo = get(&mut tx, id).await?;
    version.check(reclamo.version)?;
    reclamo.responder(respuesta, ctx.now)?;
    store::responder(&mut tx, id, reclamo.respuesta.as_deref().unwrap_or_default()).await?;
    let reclamo = get(&mut tx, id).await?;
    comunicar(&mut tx, &reclamo).await?;
    let Reclamo { sede_id, codigo, tipo, fuera_de_plazo, .. } = &reclamo;
    let said = json!({ "codigo": codigo, "tipo": tipo, "fuera_de_plazo": fuera_de_plazo });
    tx.audit(Change::new("responder", "reclamo", id).sede(*sede_id).despues(said));
    tx.publish(Event::new("reclamo.respondido", json!({ "reclamo_id": id, "sede_id": sede_id, "codigo": codigo })).sede(*sede_id));
    tx.commit().await?;
    Ok(Versioned(reclamo))
}
