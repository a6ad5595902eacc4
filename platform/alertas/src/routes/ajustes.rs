//! Whether and when a chain writes.
use crate::{
    model::{Ajustes, DatosAjustes},
    store::ajustes as store,
};
use kernel::{Change, Ctx, IfMatch, Json, Problem, Versioned, permission::ConfigurarMensajes};

/// Devuelve qué correos se envían a los tutores, y cuándo.
#[utoipa::path(get, path = "/ajustes/correos", tag = "correos", operation_id = "ver_ajustes_correos",
    extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 200, body = Ajustes), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<ConfigurarMensajes>) -> Result<Versioned<Ajustes>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(store::get(&mut tx).await?))
}

/// Cambia qué correos se envían a los tutores, y cuándo. Mientras nadie lo diga, no se envía ninguno.
#[utoipa::path(put, path = "/ajustes/correos", tag = "correos", operation_id = "cambiar_ajustes_correos",
    extensions(("x-permiso" = json!("mensaje.configurar"))), params(("If-Match" = String, Header)), request_body = DatosAjustes,
    responses((status = 200, body = Ajustes), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarMensajes>,
    version: IfMatch,
    Json(datos): Json<DatosAjustes>,
) -> Result<Versioned<Ajustes>, Problem> {
    let datos = datos.check().map_err(Problem::invalid)?;
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx).await?;
    let antes = store::get(&mut tx).await?;
    version.check(antes.version)?;
    store::put(&mut tx, &datos).await?;
    let despues = store::get(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_correos", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
