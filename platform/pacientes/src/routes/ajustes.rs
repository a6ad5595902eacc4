//! How a chain keeps its owners and pets.
use crate::{
    model::{Ajustes, CambioAjustes},
    store::ajustes as store,
};
use kernel::{
    Change, Ctx, IfMatch, Json, Problem, Versioned,
    permission::{ConfigurarCadena, VerPacientes},
};

/// Devuelve los ajustes de pacientes de la cadena.
#[utoipa::path(
    get, path = "/ajustes/pacientes", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    responses((status = 200, body = Ajustes), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<VerPacientes>) -> Result<Versioned<Ajustes>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(store::get(&mut tx).await?))
}

/// Cambia los ajustes de pacientes de la cadena.
#[utoipa::path(
    put, path = "/ajustes/pacientes", tag = "pacientes", extensions(("x-permiso" = json!("cadena.configurar"))),
    params(("If-Match" = String, Header)), request_body = CambioAjustes, responses((status = 200, body = Ajustes), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<ConfigurarCadena>,
    version: IfMatch,
    Json(cambio): Json<CambioAjustes>,
) -> Result<Versioned<Ajustes>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx).await?;
    let antes = store::get(&mut tx).await?;
    version.check(antes.version)?;
    store::put(&mut tx, &cambio).await?;
    let despues = store::get(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_pacientes", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
