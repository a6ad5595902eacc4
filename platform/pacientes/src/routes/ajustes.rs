//! How a chain keeps its owners and pets.
use crate::{
    model::{Ajustes, AjustesVisibilidad, CambioAjustes, CambioVisibilidad},
    store::{ajustes as store, visibilidad},
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

/// Devuelve quién ve a qué pacientes en la cadena.
#[utoipa::path(
    get, path = "/ajustes/visibilidad", tag = "privacidad", extensions(("x-permiso" = json!("paciente.ver"))),
    responses((status = 200, body = AjustesVisibilidad), (status = "4XX", body = Problem))
)]
pub async fn ver_visibilidad(ctx: Ctx<VerPacientes>) -> Result<Versioned<AjustesVisibilidad>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(visibilidad::get(&mut tx).await?))
}

/// Cambia quién ve a qué pacientes: todos los de la cadena, o los de sus sedes y los que abra por emergencia.
///
/// Rige a los cinco segundos a más tardar, también para quien ya inició sesión. Quien tiene un permiso en toda la cadena ve con él a todos.
#[utoipa::path(
    put, path = "/ajustes/visibilidad", tag = "privacidad", extensions(("x-permiso" = json!("cadena.configurar"))),
    params(("If-Match" = String, Header)), request_body = CambioVisibilidad, responses((status = 200, body = AjustesVisibilidad), (status = "4XX", body = Problem))
)]
pub async fn cambiar_visibilidad(
    ctx: Ctx<ConfigurarCadena>,
    version: IfMatch,
    Json(cambio): Json<CambioVisibilidad>,
) -> Result<Versioned<AjustesVisibilidad>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx).await?;
    let antes = visibilidad::get(&mut tx).await?;
    version.check(antes.version)?;
    visibilidad::put(&mut tx, &cambio).await?;
    let despues = visibilidad::get(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_pacientes", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
