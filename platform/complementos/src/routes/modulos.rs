//! Whole modules, on or off for the chain.
use crate::{
    activos::avisar,
    model::{CambioModulos, Modulos},
    store::modulos as store,
};
use kernel::{
    App, Change, Ctx, Event, IfMatch, Json, Problem, Tx, Versioned,
    ids::TenantId,
    permission::{AdministrarComplementos, VerComplementos},
};
use organizacion::identidad::Identidad;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_modulos, cambiar_modulos))
}

/// Los módulos de la plataforma y cuáles usa la cadena.
#[utoipa::path(get, path = "/complementos/modulos", tag = "complementos", extensions(("x-permiso" = json!("complemento.ver")), ("x-lista" = json!("/modulos"))),
    responses((status = 200, body = Modulos), (status = "4XX", body = Problem)))]
async fn ver_modulos(ctx: Ctx<VerComplementos>) -> Result<Versioned<Modulos>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let (apagados, version) = store::get(&mut tx).await?;
    Ok(Versioned(Modulos::of(&apagados, version)))
}

/// Activa y desactiva módulos. Las rutas de uno desactivado responden `modulo-desactivado`, en cinco segundos a más tardar; sus datos quedan.
#[utoipa::path(put, path = "/complementos/modulos", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    request_body = CambioModulos, responses((status = 200, body = Modulos), (status = "4XX", body = Problem)))]
async fn cambiar_modulos(
    ctx: Ctx<AdministrarComplementos>,
    identidad: Identidad,
    if_match: IfMatch,
    Json(cambio): Json<CambioModulos>,
) -> Result<Versioned<Modulos>, Problem> {
    Problem::check(cambio.check())?;
    let mut tx = ctx.begin().await?;
    let modulos = cambiar(&mut tx, ctx.tenant, if_match, &cambio).await?;
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(modulos))
}

async fn cambiar(tx: &mut Tx, tenant: TenantId, if_match: IfMatch, cambio: &CambioModulos) -> Result<Modulos, Problem> {
    store::hold(tx).await?;
    let (mut apagados, version) = store::get(tx).await?;
    if_match.check(version)?;
    let antes = json!({ "apagados": apagados });
    cambio.apply(&mut apagados);
    store::put(tx, &apagados).await?;
    tx.audit(Change::new("cambiar", "modulos", tenant).antes(antes).despues(json!({ "apagados": apagados })));
    tx.publish(Event::new("modulo.cambiado", json!({ "apagados": apagados })));
    let (apagados, version) = store::get(tx).await?;
    Ok(Modulos::of(&apagados, version))
}
