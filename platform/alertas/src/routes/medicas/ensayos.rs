//! Trying out rules before anybody is written to because of them.
use crate::{
    medicas::ENSAYAR,
    model::{
        medicas::{CambioEnsayo, CambioTipo, Ensayo, NuevoEnsayo},
        problemas::ENSAYOS_EN_CURSO,
    },
    puertos::DeReglas,
    store::medicas::{asentar, ensayos as store},
};
use axum::{Extension, http::StatusCode, response::Response};
use jiff::Timestamp;
use kernel::{
    Begun, Change, Ctx, Job, Json, Once, Page, Path, Problem, Query,
    ids::EnsayoId,
    page::{self, Pagina},
    permission::EnsayarReglas,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

/// Rehearsals of a chain that may be under way: each is hours of CPU at worst.
const A_LA_VEZ: i64 = 3;

/// Ensaya un complemento de reglas con otra versión, otra configuración u otros días, sobre todas las mascotas.
///
/// No escribe ninguna alerta. Corre aparte: siga su avance, y lea en `/alertas/ensayos/{id}/cambios` qué alertas habría de más, de menos o
/// distintas que hoy. Se guarda siete días.
#[utoipa::path(post, path = "/alertas/ensayos", tag = "alertas", operation_id = "ensayar_reglas", extensions(("x-permiso" = json!("alerta.ensayar"))),
    request_body = NuevoEnsayo, responses((status = 202, body = Ensayo), (status = "4XX", body = Problem)))]
pub async fn ensayar(
    ctx: Ctx<EnsayarReglas>,
    Extension(reglas): Extension<DeReglas>,
    once: Once<NuevoEnsayo>,
) -> Result<Response, Problem> {
    let nuevo = &once.body;
    reglas.0.borrador(ctx.tenant, &nuevo.complemento, nuevo.digest.clone(), nuevo.configuracion.clone()).await?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (id, hoy) = (EnsayoId::new(), asentar::zona(&mut tx).await?.to_datetime(ctx.now).date());
    let pedido = nuevo.clone().revisar(hoy).map_err(Problem::invalid)?;
    if store::en_curso(&mut tx).await? >= A_LA_VEZ {
        return Err(Problem::new(ENSAYOS_EN_CURSO));
    }
    store::insert(&mut tx, id, &pedido).await?;
    tx.enqueue(Job::new(ENSAYAR, json!({ "ensayo": id }))).await?;
    tx.audit(Change::new("ensayar", "regla", id).despues(json!({ "complemento": nuevo.complemento, "digest": nuevo.digest })));
    let found = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.commit_answer(StatusCode::ACCEPTED, None, &found.ensayo).await
}

/// Los ensayos de los últimos siete días, el último primero.
#[utoipa::path(get, path = "/alertas/ensayos", tag = "alertas", operation_id = "listar_ensayos", extensions(("x-permiso" = json!("alerta.ensayar"))),
    params(Pagina), responses((status = 200, body = Page<Ensayo>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<EnsayarReglas>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Ensayo>>, Problem> {
    let (before, limit) = pagina.read::<(Timestamp, Uuid)>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, before, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |ensayo| (ensayo.creado_en, ensayo.id))))
}

/// Muestra un ensayo: cuánto lleva, y lo que salió de cada regla.
#[utoipa::path(get, path = "/alertas/ensayos/{id}", tag = "alertas", operation_id = "ver_ensayo", extensions(("x-permiso" = json!("alerta.ensayar"))),
    params(("id" = EnsayoId, Path)), responses((status = 200, body = Ensayo), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<EnsayarReglas>, Path(id): Path<EnsayoId>) -> Result<Json<Ensayo>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id).await?.map(|one| Json(one.ensayo)).ok_or_else(Problem::not_found)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroCambios {
    #[param(inline)]
    cambio: Option<CambioTipo>,
    /// Solo los de esta regla.
    regla: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Qué alertas habría de más, de menos o distintas que hoy, mascota por mascota, y desde cuándo se escribiría por ellas.
#[utoipa::path(get, path = "/alertas/ensayos/{id}/cambios", tag = "alertas", operation_id = "cambios_de_ensayo", extensions(("x-permiso" = json!("alerta.ensayar"))),
    params(("id" = EnsayoId, Path), FiltroCambios), responses((status = 200, body = Page<CambioEnsayo>), (status = "4XX", body = Problem)))]
pub async fn cambios(
    ctx: Ctx<EnsayarReglas>,
    Path(id): Path<EnsayoId>,
    Query(filtro): Query<FiltroCambios>,
) -> Result<Json<Page<CambioEnsayo>>, Problem> {
    let (after, limit) = page::read::<(Uuid, String)>(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let filtro = store::Filtro { cambio: filtro.cambio, regla: filtro.regla, after };
    let rows = store::cambios(&mut tx, id, filtro, limit + 1).await?;
    ctx.read_audit("mascota", rows.iter().map(|one| one.mascota_id.into()));
    Ok(Json(Page::from_rows(rows, limit as usize, |one| (one.mascota_id, one.clave.clone()))))
}
