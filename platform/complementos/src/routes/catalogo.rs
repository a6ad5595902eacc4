//! What there is to install, one of it, and the contract that plugins are written against.
use crate::{
    model::{Complemento, ComplementoDetalle, mundo},
    ver,
};
use kernel::{App, Ctx, FieldError, Json, Page, Path, Problem, Query, Versioned, page, permission::VerComplementos};
use plugin_manifest::{CONTRACT, World};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_complementos)).routes(routes!(ver_contrato)).routes(routes!(ver_complemento))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroCatalogo {
    /// `payment`, `fiscal`, `delivery`, `notification` o `alerts`.
    mundo: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los complementos que se pueden instalar, en su versión más nueva, y los que la cadena tiene.
#[utoipa::path(get, path = "/complementos", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver"))),
    params(FiltroCatalogo), responses((status = 200, body = Page<Complemento>), (status = "4XX", body = Problem)))]
async fn listar_complementos(ctx: Ctx<VerComplementos>, Query(filtro): Query<FiltroCatalogo>) -> Result<Json<Page<Complemento>>, Problem> {
    let (after, limit) = page::read::<String>(filtro.cursor.as_deref(), filtro.limite)?;
    if filtro.mundo.as_deref().is_some_and(|name| mundo(name).is_none()) {
        return Err(Problem::invalid(vec![FieldError::new("?mundo", "no es un mundo")]));
    }
    let mut tx = ctx.begin_read().await?;
    let all = ver::catalogo(&mut tx, filtro.mundo.as_deref()).await?;
    let rows = all.into_iter().filter(|one| after.as_ref().is_none_or(|after| one.complemento > *after)).take(limit as usize + 1);
    Ok(Json(Page::from_rows(rows.collect(), limit as usize, |one: &Complemento| one.complemento.clone())))
}

/// Un complemento: lo que pide y para qué, sus límites, el esquema de su configuración, y cómo lo tiene la cadena.
#[utoipa::path(get, path = "/complementos/{id}", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver"))),
    params(("id" = String, Path, description = "Identificador, como `pe.niubiz.payments`")),
    responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn ver_complemento(ctx: Ctx<VerComplementos>, Path(id): Path<String>) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin_read().await?;
    ver::detalle(&mut tx, &id).await?.map(Versioned).ok_or_else(Problem::not_found)
}

/// Las versiones del contrato de complementos que esta instalación cumple.
#[derive(Debug, Serialize, ToSchema)]
struct Contrato {
    /// La más antigua.
    #[schema(example = "0.1.0")]
    desde: String,
    /// La más nueva.
    #[schema(example = "0.1.0")]
    hasta: String,
    mundos: Vec<&'static str>,
}

/// El contrato que esta instalación cumple, para quien escribe complementos.
#[utoipa::path(get, path = "/complementos/contrato", tag = "complementos", security(()), responses((status = 200, body = Contrato)))]
async fn ver_contrato() -> Json<Contrato> {
    let oldest = plugin_manifest::oldest_contract();
    Json(Contrato { desde: oldest.to_string(), hasta: CONTRACT.to_string(), mundos: World::ALL.map(World::name).to_vec() })
}
