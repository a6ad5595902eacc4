//! Configuration, secrets and keys of what is installed.
use crate::{
    activos::avisar,
    configurar,
    model::{Configuracion, DatosConfiguracion, NuevaClaveDeFirma},
    store::{instalaciones, versiones},
    ver,
};
use kernel::{App, Ctx, IfMatch, Json, Path, Problem, Versioned, permission::AdministrarComplementos};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_configuracion, cambiar_configuracion)).routes(routes!(poner_clave, quitar_clave))
}

/// La configuración de un complemento instalado. De los secretos y claves, solo si están y desde cuándo.
#[utoipa::path(get, path = "/complementos/{id}/configuracion", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = Configuracion), (status = "4XX", body = Problem)))]
async fn ver_configuracion(ctx: Ctx<AdministrarComplementos>, Path(id): Path<String>) -> Result<Versioned<Configuracion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let one = instalaciones::get(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    let version = versiones::get(&mut tx, &one.digest).await?.ok_or_else(Problem::not_found)?;
    ver::configuracion(&mut tx, &one, &version).await.map(Versioned)
}

/// Cambia la configuración, según el esquema del complemento. Los secretos van aparte y no se vuelven a mostrar.
#[utoipa::path(put, path = "/complementos/{id}/configuracion", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), request_body = DatosConfiguracion,
    responses((status = 200, body = Configuracion), (status = "4XX", body = Problem)))]
async fn cambiar_configuracion(
    ctx: Ctx<AdministrarComplementos>,
    Path(id): Path<String>,
    if_match: IfMatch,
    Json(datos): Json<DatosConfiguracion>,
) -> Result<Versioned<Configuracion>, Problem> {
    let mut tx = ctx.begin().await?;
    let saved = configurar::configurar(&mut tx, &id, if_match, datos).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(saved))
}

/// Guarda una clave de firma en su ranura: el complemento firma con ella y no la ve.
#[utoipa::path(put, path = "/complementos/{id}/claves/{ranura}", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path), ("ranura" = String, Path)), request_body = NuevaClaveDeFirma,
    responses((status = 200, body = Configuracion), (status = "4XX", body = Problem)))]
async fn poner_clave(
    ctx: Ctx<AdministrarComplementos>,
    Path((id, ranura)): Path<(String, String)>,
    if_match: IfMatch,
    Json(nueva): Json<NuevaClaveDeFirma>,
) -> Result<Versioned<Configuracion>, Problem> {
    let mut tx = ctx.begin().await?;
    let saved = configurar::poner_clave(&mut tx, &id, &ranura, if_match, &nueva).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(saved))
}

/// Borra una clave de firma.
#[utoipa::path(delete, path = "/complementos/{id}/claves/{ranura}", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path), ("ranura" = String, Path)), responses((status = 200, body = Configuracion), (status = "4XX", body = Problem)))]
async fn quitar_clave(
    ctx: Ctx<AdministrarComplementos>,
    Path((id, ranura)): Path<(String, String)>,
) -> Result<Versioned<Configuracion>, Problem> {
    let mut tx = ctx.begin().await?;
    let saved = configurar::quitar_clave(&mut tx, &id, &ranura).await?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(saved))
}
