//! A chain's own few words.
use crate::{
    model::{CanalCorto, Corta, PlantillaCorta, Tipo, problemas::SIN_PLANTILLA_PROPIA},
    store::cortas as store,
};
use axum::http::StatusCode;
use kernel::{Change, Ctx, IfMatch, Json, Path, Problem, Tx, Versioned, ids::TenantId, permission::ConfigurarMensajes};

/// Lo que se dice en pocas palabras: cada clase de mensaje por cada canal corto, y lo que puede decir.
#[utoipa::path(get, path = "/plantillas-mensaje", tag = "correos", operation_id = "listar_plantillas_mensaje",
    extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 200, body = [PlantillaCorta]), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<ConfigurarMensajes>) -> Result<Json<Vec<PlantillaCorta>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::all(&mut tx).await.map(Json)
}

/// La plantilla en vigor de una clase de mensaje por un canal corto.
#[utoipa::path(get, path = "/plantillas-mensaje/{tipo}/{canal}", tag = "correos", operation_id = "ver_plantilla_mensaje",
    params(("tipo" = Tipo, Path), ("canal" = inline(CanalCorto), Path)), extensions(("x-permiso" = json!("mensaje.configurar"))),
    responses((status = 200, body = PlantillaCorta), (status = "4XX", body = Problem)))]
pub async fn ver(
    ctx: Ctx<ConfigurarMensajes>,
    Path((tipo, canal)): Path<(Tipo, CanalCorto)>,
) -> Result<Versioned<PlantillaCorta>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::of(&mut tx, tipo, canal).await.map(Versioned)
}

/// Escribe la plantilla propia de la cadena. Si no se puede leer o dice lo que ese mensaje no tiene, 422 con cada error.
#[utoipa::path(put, path = "/plantillas-mensaje/{tipo}/{canal}", tag = "correos", operation_id = "cambiar_plantilla_mensaje",
    params(("tipo" = Tipo, Path), ("canal" = inline(CanalCorto), Path), ("If-Match" = String, Header)),
    extensions(("x-permiso" = json!("mensaje.configurar"))), request_body = Corta,
    responses((status = 200, body = PlantillaCorta), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarMensajes>,
    Path((tipo, canal)): Path<(Tipo, CanalCorto)>,
    version: IfMatch,
    Json(corta): Json<Corta>,
) -> Result<Versioned<PlantillaCorta>, Problem> {
    Problem::check(corta.revisar(tipo))?;
    let mut tx = ctx.begin().await?;
    let antes = store::hold(&mut tx, tipo, canal).await?;
    version.check(antes.version)?;
    let despues = escribir(&mut tx, ctx.tenant, &antes, Some(&corta)).await?;
    tx.commit().await?;
    Ok(Versioned(despues))
}

/// Vuelve a la plantilla de la plataforma.
#[utoipa::path(delete, path = "/plantillas-mensaje/{tipo}/{canal}", tag = "correos", operation_id = "restaurar_plantilla_mensaje",
    params(("tipo" = Tipo, Path), ("canal" = inline(CanalCorto), Path)), extensions(("x-permiso" = json!("mensaje.configurar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn restaurar(ctx: Ctx<ConfigurarMensajes>, Path((tipo, canal)): Path<(Tipo, CanalCorto)>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::hold(&mut tx, tipo, canal).await?;
    if !antes.propia {
        return Err(Problem::new(SIN_PLANTILLA_PROPIA));
    }
    escribir(&mut tx, ctx.tenant, &antes, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn escribir(tx: &mut Tx, tenant: TenantId, antes: &PlantillaCorta, corta: Option<&Corta>) -> Result<PlantillaCorta, Problem> {
    store::put(tx, antes.tipo, antes.canal, corta).await?;
    let despues = store::of(tx, antes.tipo, antes.canal).await?;
    let said = |one: &PlantillaCorta| serde_json::json!({ "tipo": one.tipo, "canal": one.canal, "propia": one.propia, "texto": one.corta });
    tx.audit(Change::new("cambiar", "plantilla_mensaje", tenant).antes(said(antes)).despues(said(&despues)));
    Ok(despues)
}
