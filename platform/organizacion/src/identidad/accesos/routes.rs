//! Reading the log.
use super::{
    model::{Acceso, Filtro},
    store,
};
use kernel::{App, Ctx, Json, Page, Problem, Query, page, permission::VerAccesos};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_accesos))
}

/// Registro de ingresos: cada intento, del más reciente al más antiguo.
///
/// De los intentos frenados por exceso se anota el primero de cada media hora.
#[utoipa::path(get, path = "/accesos", tag = "identidad", extensions(("x-permiso" = json!("acceso.ver"))),
    params(Filtro), responses((status = 200, body = Page<Acceso>), (status = "4XX", body = Problem)))]
async fn listar_accesos(ctx: Ctx<VerAccesos>, Query(filtro): Query<Filtro>) -> Result<Json<Page<Acceso>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, &filtro, after, limit).await?;
    let page = Page::from_rows(rows, limit as usize, |acceso| (acceso.en, acceso.id));
    ctx.read_audit("acceso", page.items.iter().map(|acceso| acceso.id));
    Ok(Json(page))
}
