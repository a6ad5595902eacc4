//! A chain's own words.
use crate::{
    model::{DatosPlantilla, Partes, PlantillaDeTipo, Tipo, escribir, problemas::SIN_PLANTILLA_PROPIA, revisar},
    store::plantillas as store,
};
use axum::http::StatusCode;
use kernel::{Change, Ctx, IfMatch, Json, Path, Problem, Tx, Versioned, ids::TenantId, permission::ConfigurarMensajes};

/// Las clases de correo, cada una con su plantilla en vigor y lo que puede decir.
#[utoipa::path(get, path = "/plantillas-correo", tag = "correos", operation_id = "listar_plantillas_correo",
    extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 200, body = [PlantillaDeTipo]), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<ConfigurarMensajes>) -> Result<Json<Vec<PlantillaDeTipo>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::all(&mut tx).await.map(Json)
}

/// La plantilla en vigor de una clase de correo.
#[utoipa::path(get, path = "/plantillas-correo/{tipo}", tag = "correos", operation_id = "ver_plantilla_correo", params(("tipo" = Tipo, Path)),
    extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 200, body = PlantillaDeTipo), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<ConfigurarMensajes>, Path(tipo): Path<Tipo>) -> Result<Versioned<PlantillaDeTipo>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::get(&mut tx, tipo).await.map(Versioned)
}

/// Escribe la plantilla propia de la cadena. Si no se puede leer o dice lo que ese correo no tiene, 422 con la línea de cada error.
#[utoipa::path(put, path = "/plantillas-correo/{tipo}", tag = "correos", operation_id = "cambiar_plantilla_correo",
    params(("tipo" = Tipo, Path)), extensions(("x-permiso" = json!("mensaje.configurar"))), request_body = DatosPlantilla,
    responses((status = 200, body = PlantillaDeTipo), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarMensajes>,
    Path(tipo): Path<Tipo>,
    version: IfMatch,
    Json(datos): Json<DatosPlantilla>,
) -> Result<Versioned<PlantillaDeTipo>, Problem> {
    let partes = Partes::from(datos);
    Problem::check(revisar(tipo, &partes))?;
    let mut tx = ctx.begin().await?;
    let antes = store::hold(&mut tx, tipo).await?;
    version.check(antes.version)?;
    let despues = escribir_en(&mut tx, ctx.tenant, &antes, Some(&partes)).await?;
    tx.commit().await?;
    Ok(Versioned(despues))
}

/// Vuelve a la plantilla de la plataforma.
#[utoipa::path(delete, path = "/plantillas-correo/{tipo}", tag = "correos", operation_id = "restaurar_plantilla_correo",
    params(("tipo" = Tipo, Path)), extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn restaurar(ctx: Ctx<ConfigurarMensajes>, Path(tipo): Path<Tipo>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::hold(&mut tx, tipo).await?;
    if !antes.propia {
        return Err(Problem::new(SIN_PLANTILLA_PROPIA));
    }
    escribir_en(&mut tx, ctx.tenant, &antes, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn escribir_en(tx: &mut Tx, tenant: TenantId, antes: &PlantillaDeTipo, partes: Option<&Partes>) -> Result<PlantillaDeTipo, Problem> {
    store::put(tx, antes.tipo, partes).await?;
    let despues = store::get(tx, antes.tipo).await?;
    let said =
        |plantilla: &PlantillaDeTipo| serde_json::json!({ "tipo": plantilla.tipo, "propia": plantilla.propia, "partes": plantilla.partes });
    tx.audit(Change::new("cambiar", "plantilla_correo", tenant).antes(said(antes)).despues(said(&despues)));
    Ok(despues)
}

/// Escribe un correo con datos de ejemplo, sin guardar la plantilla ni enviar nada.
#[utoipa::path(post, path = "/plantillas-correo/{tipo}/vista-previa", tag = "correos", operation_id = "previsualizar_plantilla_correo",
    params(("tipo" = Tipo, Path)), extensions(("x-permiso" = json!("mensaje.configurar"))), request_body = DatosPlantilla,
    responses((status = 200, body = Partes), (status = "4XX", body = Problem)))]
pub async fn previsualizar(
    _: Ctx<ConfigurarMensajes>,
    Path(tipo): Path<Tipo>,
    Json(datos): Json<DatosPlantilla>,
) -> Result<Json<Partes>, Problem> {
    let partes = Partes::from(datos);
    Problem::check(revisar(tipo, &partes))?;
    escribir(&partes, &tipo.ejemplo()).map(Json).map_err(Problem::internal)
}
