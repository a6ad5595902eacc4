//! On, off, tried out, let out of quarantine, shared with its publisher.
use crate::{
    activos::{avisar, avisar_cuarentena},
    configurar::abrir,
    instalar::{exigir_sedes, note},
    model::{Compartir, ComplementoDetalle, Habilitar, Motores, ResultadoPrueba},
    problemas::SIN_CUARENTENA,
    store::{self, estado, instalaciones, operaciones, secretos},
    ver,
};
use kernel::{App, Change, Ctx, Json, Path, Problem, Tx, Versioned, permission::AdministrarComplementos};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(probar_complemento))
        .routes(routes!(habilitar_complemento))
        .routes(routes!(deshabilitar_complemento))
        .routes(routes!(liberar_complemento))
        .routes(routes!(compartir_fallas))
}

async fn mostrar(ctx: &Ctx<AdministrarComplementos>, mut tx: Tx, id: &str) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let shown = ver::detalle(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    Ok(Versioned(shown))
}

/// Prueba la configuración: el complemento se presenta ante su proveedor con los secretos guardados. También deshabilitado.
#[utoipa::path(post, path = "/complementos/{id}/probar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = ResultadoPrueba), (status = "4XX", body = Problem)))]
async fn probar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    motores: Motores,
    Path(id): Path<String>,
) -> Result<Json<ResultadoPrueba>, Problem> {
    let Some(_turno) = motores.0.turno(ctx.tenant).await else {
        return Ok(Json(ResultadoPrueba::sin_correr("retry_later", "hay demasiadas pruebas en espera".into())));
    };
    let mut tx = ctx.begin().await?;
    instalaciones::get(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("probar", "complemento", crate::model::uuid_de(&id)).despues(json!({ "complemento": id })));
    tx.commit().await?;
    motores.0.probar(ctx.tenant, &id).await.map(Json)
}

/// Habilita un complemento en la cadena o en algunas sedes. Su configuración tiene que estar completa.
///
/// En modo de pruebas llama a los servidores de prueba del proveedor; al pasar de un modo al otro se borra lo que guardaba.
#[utoipa::path(post, path = "/complementos/{id}/habilitar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), request_body = Habilitar, responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn habilitar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    Path(id): Path<String>,
    Json(datos): Json<Habilitar>,
) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    habilitar(&mut tx, &id, datos).await?;
    mostrar(&ctx, tx, &id).await
}

async fn habilitar(tx: &mut Tx, id: &str, datos: Habilitar) -> Result<(), Problem> {
    let (mut one, version) = abrir(tx, id).await?;
    exigir_sedes(tx, datos.sedes.as_deref()).await?;
    let kept = secretos::since(tx, id).await?.into_keys().collect();
    let sandbox = datos.sandbox && store::cadena(tx).await?.sandbox;
    one.habilitable(&version, &kept, sandbox)?;
    if one.sandbox != datos.sandbox {
        // Tokens and references of one environment are nothing in the other.
        estado::clear(tx, id).await?;
        operaciones::clear(tx, id).await?;
    }
    let antes = json!({ "habilitado": one.habilitado, "sedes": one.sedes, "sandbox": one.sandbox });
    (one.habilitado, one.sedes, one.sandbox) = (true, datos.sedes, datos.sandbox);
    instalaciones::save(tx, &one).await?;
    note(tx, "habilitar", id, Some(antes), &json!({ "sedes": one.sedes, "sandbox": one.sandbox })).await?;
    Ok(())
}

/// Deshabilita un complemento. Lo que está en curso termina.
#[utoipa::path(post, path = "/complementos/{id}/deshabilitar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn deshabilitar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    Path(id): Path<String>,
) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    let mut one = instalaciones::lock(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    one.habilitado = false;
    instalaciones::save(&mut tx, &one).await?;
    note(&mut tx, "deshabilitar", &id, None, &json!({ "habilitado": false })).await?;
    mostrar(&ctx, tx, &id).await
}

/// Saca un complemento de la cuarentena en que quedó por errores repetidos.
#[utoipa::path(post, path = "/complementos/{id}/liberar", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn liberar_complemento(
    ctx: Ctx<AdministrarComplementos>,
    motores: Motores,
    Path(id): Path<String>,
) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    let one = instalaciones::lock(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    if !instalaciones::release(&mut tx, &one.digest).await? {
        return Err(Problem::new(SIN_CUARENTENA));
    }
    note(&mut tx, "liberar", &id, Some(json!({ "cuarentena_desde": one.cuarentena_desde })), &json!({ "digest": one.digest })).await?;
    let shown = ver::detalle(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    let digest = one.digest.parse().map_err(Problem::internal)?;
    tx.commit().await?;
    motores.0.liberar(ctx.tenant, digest).await;
    avisar_cuarentena(ctx.app(), ctx.tenant, digest, false).await;
    Ok(Versioned(shown))
}

/// Decide si el editor puede ver lo que llevaban las llamadas que fallan de ahora en adelante. Sin eso, ve cuántas fallan y de qué, y nada más.
#[utoipa::path(post, path = "/complementos/{id}/compartir", tag = "complementos", extensions(("x-permiso" = json!("complemento.administrar"))),
    params(("id" = String, Path)), request_body = Compartir, responses((status = 200, body = ComplementoDetalle), (status = "4XX", body = Problem)))]
async fn compartir_fallas(
    ctx: Ctx<AdministrarComplementos>,
    Path(id): Path<String>,
    Json(datos): Json<Compartir>,
) -> Result<Versioned<ComplementoDetalle>, Problem> {
    let mut tx = ctx.begin().await?;
    let mut one = instalaciones::lock(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    let antes = json!({ "comparte_desde": one.comparte_desde });
    one.comparte_desde = datos.consiente.then(|| one.comparte_desde.unwrap_or(ctx.now));
    instalaciones::save(&mut tx, &one).await?;
    note(&mut tx, "compartir", &id, Some(antes), &json!({ "comparte_desde": one.comparte_desde })).await?;
    mostrar(&ctx, tx, &id).await
}
