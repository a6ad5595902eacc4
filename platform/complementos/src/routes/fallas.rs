//! What a publisher learns of how its plugins fail.
use crate::{
    model::{FallaCompartida, Fallas},
    store::{corridas, editores},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{App, Ctx, Json, Path, Problem, Tx, ids::CorridaId, permission::PublicarComplementos};
use utoipa_axum::{router::OpenApiRouter, routes};

/// As long as runs are kept.
const SINCE: SignedDuration = SignedDuration::from_hours(14 * 24);

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_fallas)).routes(routes!(ver_falla))
}

/// One of this chain's, and since when failures are told.
async fn own(tx: &mut Tx, clave: &str) -> Result<Timestamp, Problem> {
    editores::get(tx, clave).await?.filter(|editor| editor.propio).ok_or_else(Problem::not_found)?;
    Ok(tx.now() - SINCE)
}

/// Cómo fallan los complementos de un editor propio en todas las cadenas: cuántas veces y en cuántas, no en cuáles. De las cadenas que consintieron, también
/// las últimas fallas una por una.
#[utoipa::path(get, path = "/complementos/editores/{clave}/fallas", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar")), ("x-lista" = json!("/compartidas"))),
    params(("clave" = String, Path)), responses((status = 200, body = Fallas), (status = "4XX", body = Problem)))]
async fn ver_fallas(ctx: Ctx<PublicarComplementos>, Path(clave): Path<String>) -> Result<Json<Fallas>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let since = own(&mut tx, &clave).await?;
    let resumen = corridas::failures(&mut tx, &clave, since).await?;
    let compartidas = corridas::shared(&mut tx, &clave, since, None).await?;
    let compartidas = compartidas.into_iter().map(|falla| FallaCompartida { documento: None, ..falla }).collect();
    Ok(Json(Fallas { resumen, compartidas }))
}

/// Una falla entera, de una cadena que consintió compartirlas: qué llevaba la llamada, sin lo personal, lo secreto ni la cadena.
#[utoipa::path(get, path = "/complementos/editores/{clave}/fallas/{id}", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(("clave" = String, Path), ("id" = CorridaId, Path)), responses((status = 200, body = FallaCompartida), (status = "4XX", body = Problem)))]
async fn ver_falla(ctx: Ctx<PublicarComplementos>, Path((clave, id)): Path<(String, CorridaId)>) -> Result<Json<FallaCompartida>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let since = own(&mut tx, &clave).await?;
    corridas::shared(&mut tx, &clave, since, Some(id)).await?.pop().map(Json).ok_or_else(Problem::not_found)
}
