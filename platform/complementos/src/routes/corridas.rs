//! Runs of a chain's plugins.
use crate::{
    model::{CorridaBreve, CorridaEntera},
    store::corridas::{self as store, Filtro},
};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{
    App, Ctx, Json, Page, Path, Problem, Query,
    ids::CorridaId,
    page,
    permission::{AdministrarComplementos, VerComplementos},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_corridas)).routes(routes!(ver_corrida)).routes(routes!(descargar_corrida))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroCorridas {
    /// Identificador del complemento.
    complemento: Option<String>,
    /// Como `ok`, `rejected`, `trap` o `timeout`.
    resultado: Option<String>,
    /// Como `evaluate`, `create` o `check`.
    operacion: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las llamadas a complementos de los últimos 14 días, de la más reciente a la más antigua.
#[utoipa::path(get, path = "/complementos/corridas", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver"))),
    params(FiltroCorridas), responses((status = 200, body = Page<CorridaBreve>), (status = "4XX", body = Problem)))]
async fn listar_corridas(ctx: Ctx<VerComplementos>, Query(filtro): Query<FiltroCorridas>) -> Result<Json<Page<CorridaBreve>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let FiltroCorridas { complemento, resultado, operacion, .. } = filtro;
    let rows = store::list(&mut tx, &Filtro { complemento, resultado, operacion, after }, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |corrida: &CorridaBreve| (corrida.inicio, corrida.id))))
}

/// Una llamada entera. Puede tratar de un paciente de cualquier sede: es de quien administra los complementos de la cadena.
#[utoipa::path(get, path = "/complementos/corridas/{id}", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = CorridaId, Path)), responses((status = 200, body = CorridaEntera), (status = "4XX", body = Problem)))]
async fn ver_corrida(ctx: Ctx<AdministrarComplementos>, Path(id): Path<CorridaId>) -> Result<Json<CorridaEntera>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let corrida = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("corrida_complemento", [id.0]);
    Ok(Json(corrida))
}

/// El archivo con que `huella-plugin replay` repite una llamada.
#[utoipa::path(get, path = "/complementos/corridas/{id}/repeticion", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = CorridaId, Path)), responses((status = 200, content_type = "application/json", body = Object), (status = "4XX", body = Problem)))]
async fn descargar_corrida(ctx: Ctx<AdministrarComplementos>, Path(id): Path<CorridaId>) -> Result<Response, Problem> {
    let mut tx = ctx.begin_read().await?;
    let corrida = store::get(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("corrida_complemento", [id.0]);
    let name = format!("attachment; filename=\"corrida-{id}.json\"");
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(corrida.documento)).into_response())
}
