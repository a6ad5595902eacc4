//! Making, seeing and revoking API keys.
use super::{
    model::{ClaveApi, ClaveCreada, NuevaClave},
    store,
};
use crate::identidad::{Identidad, token};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{
    App, Begun, Change, Ctx, FieldError, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{ClaveApiId, SedeId},
    page::Pagina,
    permission::AdministrarClavesApi,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_claves, crear_clave)).routes(routes!(revocar_clave))
}

/// Las claves de integración, de la más reciente a la más antigua, también las vencidas y revocadas.
#[utoipa::path(get, path = "/claves-api", tag = "identidad", extensions(("x-permiso" = json!("integracion.administrar"))),
    params(Pagina), responses((status = 200, body = Page<ClaveApi>), (status = "4XX", body = Problem)))]
async fn listar_claves(ctx: Ctx<AdministrarClavesApi>, Query(pagina): Query<Pagina>) -> Result<Json<Page<ClaveApi>>, Problem> {
    let (after, limit) = pagina.read::<ClaveApiId>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, after, limit).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |clave| clave.id)))
}

/// Crea una clave de integración. Los secretos se muestran esta única vez.
#[utoipa::path(post, path = "/claves-api", tag = "identidad", extensions(("x-permiso" = json!("integracion.administrar"))),
    request_body = NuevaClave, responses((status = 201, body = ClaveCreada), (status = "4XX", body = Problem)))]
async fn crear_clave(ctx: Ctx<AdministrarClavesApi>, once: Once<NuevaClave>) -> Result<Response, Problem> {
    let creada_por = ctx.usuario()?;
    once.body.check(ctx.access(), ctx.now)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    exigir_sedes(&mut tx, once.body.sedes.as_deref()).await?;
    let secreta = token::ClaveApi::new(ctx.tenant, ClaveApiId::new());
    let NuevaClave { nombre, permisos, sedes, expira_en } = once.body;
    let datos = ClaveApi { id: secreta.id, nombre, permisos, sedes, creada_por, creada_en: ctx.now, expira_en, revocada_en: None };
    store::insert(&mut tx, &datos, &secreta.resumen()).await?;
    tx.audit(Change::new("crear", "clave_api", datos.id).despues(&datos));
    entregar(tx, datos, &secreta).await
}

/// What is kept for repetitions of the request has no secret in it.
async fn entregar(tx: Tx, datos: ClaveApi, secreta: &token::ClaveApi) -> Result<Response, Problem> {
    let mut creada = ClaveCreada { datos, clave: None, client_id: secreta.cliente(), client_secret: None };
    tx.commit_created(&creada).await?;
    creada.clave = Some(secreta.text());
    creada.client_secret = Some(secreta.secreto());
    Ok((StatusCode::CREATED, Versioned(creada)).into_response())
}

async fn exigir_sedes(tx: &mut Tx, sedes: Option<&[SedeId]>) -> Result<(), Problem> {
    let unknown = store::sedes_desconocidas(tx, sedes.unwrap_or_default()).await?;
    Problem::check(unknown.iter().map(|position| FieldError::new(format!("/sedes/{position}"), "no existe en la cadena")).collect())
}

/// Revoca una clave: deja de servir en segundos y para siempre.
#[utoipa::path(delete, path = "/claves-api/{id}", tag = "identidad", extensions(("x-permiso" = json!("integracion.administrar"))),
    params(("id" = ClaveApiId, Path)), responses((status = 204), (status = "4XX", body = Problem)))]
async fn revocar_clave(ctx: Ctx<AdministrarClavesApi>, identidad: Identidad, Path(id): Path<ClaveApiId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    if !store::revocar(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    tx.audit(Change::new("revocar", "clave_api", id));
    tx.commit().await?;
    identidad.cambio(ctx.app(), ctx.tenant).await;
    Ok(StatusCode::NO_CONTENT)
}
