//! Versions of a publisher's chain; for the platform, of all.
use crate::{
    model::{EstadoVersion, VersionVista},
    publicar,
    store::{self, versiones as store_versiones, versiones::Filtro},
};
use axum::{
    extract::Request,
    http::{StatusCode, header},
    response::Response,
};
use kernel::{
    App, Begun, Ctx, Json, Once, Page, Path, Problem, Query, Versioned, page,
    permission::{PublicarComplementos, VerComplementos},
    problem::kinds,
};
use plugin_manifest::Digest;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_versiones, subir_version)).routes(routes!(ver_version))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroVersiones {
    #[param(inline)]
    estado: Option<EstadoVersion>,
    /// Identificador del complemento.
    complemento: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Sube una versión de un complemento propio: un componente WebAssembly con su manifiesto adentro, firmado con una clave de su editor.
///
/// Se examina aparte: importaciones, límites, compilación y conformidad. Vea en la versión cómo le fue; el examen nombra todo lo que está mal.
/// En una cadena de pruebas no hace falta la firma.
#[utoipa::path(post, path = "/complementos/versiones", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 202, body = VersionVista), (status = "4XX", body = Problem)))]
async fn subir_version(ctx: Ctx<PublicarComplementos>, request: Request) -> Result<Response, Problem> {
    exigir_wasm(&request)?;
    let once = Once::bytes(request).await?;
    let (digest, paquete) = publicar::leer(&once.body)?;
    let mut tx = ctx.begin().await?;
    let leida = publicar::comprobar(&mut tx, digest, paquete, once.body.clone()).await?;
    drop(tx);
    publicar::guardar(ctx.app(), &leida).await?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let version = publicar::anotar(&mut tx, &leida).await?;
    tx.commit_answer(StatusCode::ACCEPTED, None, &version).await
}

fn exigir_wasm(request: &Request) -> Result<(), Problem> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.eq_ignore_ascii_case("application/wasm") {
        Ok(())
    } else {
        Err(Problem::new(kinds::MEDIA_TYPE).detail("Envíe application/wasm."))
    }
}

/// Las versiones propias, de la más nueva a la más antigua; para la plataforma, las de todos.
#[utoipa::path(get, path = "/complementos/versiones", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(FiltroVersiones), responses((status = 200, body = Page<VersionVista>), (status = "4XX", body = Problem)))]
async fn listar_versiones(
    ctx: Ctx<PublicarComplementos>,
    Query(filtro): Query<FiltroVersiones>,
) -> Result<Json<Page<VersionVista>>, Problem> {
    let (despues_de, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let propias = !store::cadena(&mut tx).await?.plataforma;
    let filtro = Filtro { complemento: filtro.complemento, estado: filtro.estado, propias, despues_de, digests: None };
    let rows = store_versiones::list(&mut tx, &filtro, limit + 1).await?;
    let rows = rows.into_iter().map(VersionVista::from).collect();
    Ok(Json(Page::from_rows(rows, limit as usize, |version: &VersionVista| (version.subida_en, version.digest.clone()))))
}

/// Muestra una versión: aprobada, o propia en cualquier estado.
#[utoipa::path(get, path = "/complementos/versiones/{digest}", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver"))),
    params(("digest" = String, Path)), responses((status = 200, body = VersionVista), (status = "4XX", body = Problem)))]
async fn ver_version(ctx: Ctx<VerComplementos>, Path(digest): Path<Digest>) -> Result<Versioned<VersionVista>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let version = store_versiones::get(&mut tx, &digest.to_string()).await?.ok_or_else(Problem::not_found)?;
    Ok(Versioned(version.into()))
}
