//! The chains that the platform serves, for those who run it.
use crate::{
    estructura::{exigir_plataforma, model::CadenaServida, store::cadena as store},
    identidad::Identidad,
};
use kernel::{App, Ctx, Json, Page, Problem, Query, page::Pagina, permission::VerCadenas};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_cadenas))
}

/// Cadenas a las que sirve la plataforma, por su clave. Solo para la plataforma.
#[utoipa::path(get, path = "/cadenas", tag = "estructura", extensions(("x-permiso" = json!("cadena.ver"))),
    params(Pagina),
    responses((status = 200, body = Page<CadenaServida>), (status = "4XX", body = Problem)))]
async fn listar_cadenas(
    ctx: Ctx<VerCadenas>,
    identidad: Identidad,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<CadenaServida>>, Problem> {
    let (after, limit) = pagina.read::<String>()?;
    exigir_plataforma(&mut ctx.begin_read().await?).await?;
    // The one list that looks past the asker's chain: with a role that sees chains and counts.
    let mut operador = identidad.system().begin_operador().await?;
    let rows = store::servidas(&mut operador, after.as_deref(), limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |cadena| cadena.clave.clone())))
}
