//! The audit of the chain, and the history of one record.
use super::{
    model::{Hecho, Integridad},
    store::{self, Filter},
};
use jiff::Timestamp;
use kernel::{
    App, Ctx, Json, Page, Path, Problem, Query, Sedes, Tx,
    crypto::PersonKey,
    page::{self, Pagina},
    permission::VerAuditoria,
};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_auditoria)).routes(routes!(ver_historia)).routes(routes!(ver_integridad))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroAuditoria {
    /// Qué clase de registro, como `cita`.
    entidad: Option<String>,
    entidad_id: Option<Uuid>,
    /// Quién: la persona o la clave de integración.
    actor: Option<Uuid>,
    /// Qué se hizo, como `anular`.
    accion: Option<String>,
    /// Desde este momento.
    desde: Option<Timestamp>,
    /// Hasta antes de este momento.
    hasta: Option<Timestamp>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Lo que se hizo y se vio en sus sedes, de lo más reciente a lo más antiguo.
#[utoipa::path(get, path = "/auditoria", tag = "auditoria", extensions(("x-permiso" = json!("auditoria.ver"))),
    params(FiltroAuditoria),
    responses((status = 200, body = Page<Hecho>), (status = "4XX", body = Problem)))]
async fn listar_auditoria(ctx: Ctx<VerAuditoria>, Query(filtro): Query<FiltroAuditoria>) -> Result<Json<Page<Hecho>>, Problem> {
    let (before, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let FiltroAuditoria { entidad, entidad_id, actor, accion, desde, hasta, .. } = filtro;
    let filter = Filter { entidad, entidad_id, actor, accion, desde, hasta, de_cadena: ctx.sedes == Sedes::Cadena };
    show(&ctx, &filter, before, limit).await.map(Json)
}

/// La última revisión de la cadena de sellos: cuándo, hasta dónde y si está íntegra. Se revisa cada día.
#[utoipa::path(get, path = "/auditoria/integridad", tag = "auditoria", extensions(("x-permiso" = json!("auditoria.ver"))),
    responses((status = 200, body = Integridad), (status = "4XX", body = Problem)))]
async fn ver_integridad(ctx: Ctx<VerAuditoria>) -> Result<Json<Integridad>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Json(Integridad { revision: store::revision(&mut tx).await? }))
}

/// La historia de un registro: quién lo creó, cambió y vio.
#[utoipa::path(get, path = "/auditoria/{entidad}/{id}", tag = "auditoria", extensions(("x-permiso" = json!("auditoria.ver"))),
    params(("entidad" = String, Path, description = "Como `cita` o `mascota`"), ("id" = Uuid, Path), Pagina),
    responses((status = 200, body = Page<Hecho>), (status = "4XX", body = Problem)))]
async fn ver_historia(
    ctx: Ctx<VerAuditoria>,
    Path((entidad, id)): Path<(String, Uuid)>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<Hecho>>, Problem> {
    let (before, limit) = pagina.read()?;
    let de_cadena = ctx.sedes == Sedes::Cadena;
    let filter = Filter { entidad: Some(entidad), entidad_id: Some(id), de_cadena, ..Filter::default() };
    show(&ctx, &filter, before, limit).await.map(Json)
}

async fn show(ctx: &Ctx<VerAuditoria>, filter: &Filter, before: Option<Uuid>, limit: i64) -> Result<Page<Hecho>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, filter, before, limit).await?;
    let mut page = Page::from_rows(rows, limit as usize, |hecho| hecho.id);
    let keys = keys(&mut tx, &page.items).await?;
    let mut seen = Vec::new();
    for hecho in &mut page.items {
        let readable = hecho.readable_by(ctx.access());
        if hecho.reveal(&keys, readable) {
            seen.push(hecho.id);
        }
    }
    ctx.read_audit("auditoria", seen);
    Ok(page)
}

async fn keys(tx: &mut Tx, hechos: &[Hecho]) -> Result<HashMap<Uuid, PersonKey>, Problem> {
    let people: BTreeSet<Uuid> = hechos.iter().flat_map(Hecho::people).collect();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let people: Vec<Uuid> = people.into_iter().collect();
    Ok(tx.person_keys(&people).await?.into_iter().collect())
}
