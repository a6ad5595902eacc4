//! `/servicios` over HTTP.
use crate::{
    model::{DatosServicio, Servicio},
    store,
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Soles, Tx, Versioned,
    ids::ServicioId,
    page,
    permission::{self, AdministrarServicios, CambiarPrecios, VerServicios},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new().routes(routes!(listar, crear)).routes(routes!(ver, cambiar))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filtro {
    /// También los servicios que ya no se dan.
    #[serde(default)]
    inactivos: bool,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Servicios de la cadena, por código.
#[utoipa::path(
    get, path = "/servicios", tag = "catalogo", extensions(("x-permiso" = json!("servicio.ver"))), params(Filtro),
    responses((status = 200, body = Page<Servicio>), (status = "4XX", body = Problem))
)]
async fn listar(ctx: Ctx<VerServicios>, Query(filtro): Query<Filtro>) -> Result<Json<Page<Servicio>>, Problem> {
    let (after, limit) = page::read::<String>(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, !filtro.inactivos, after.as_deref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |servicio| servicio.codigo.clone())))
}

/// 403 to whoever puts another price without the permission to.
fn may_price(ctx: &Ctx<AdministrarServicios>, antes: Option<Soles>, despues: Option<Soles>) -> Result<(), Problem> {
    if antes == despues || permission::holds_somewhere::<CambiarPrecios>(ctx.access()) {
        return Ok(());
    }
    Err(Problem::forbidden().detail("Poner o cambiar un precio requiere el permiso servicio.precio."))
}

/// Crea un servicio. Ponerle precio requiere además el permiso servicio.precio.
#[utoipa::path(
    post, path = "/servicios", tag = "catalogo", extensions(("x-permiso" = json!("servicio.administrar"))), request_body = DatosServicio,
    responses((status = 201, body = Servicio), (status = "4XX", body = Problem))
)]
async fn crear(ctx: Ctx<AdministrarServicios>, once: Once<DatosServicio>) -> Result<Response, Problem> {
    may_price(&ctx, None, once.body.precio)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let medicos = store::medicos(&mut tx, &once.body.medicos).await?;
    Problem::check(once.body.check(&medicos, None))?;
    let id = store::insert(&mut tx, &once.body).await?;
    let servicio = find(&mut tx, id).await?;
    tx.audit(Change::new("crear", "servicio", id).despues(&servicio));
    tx.commit_created(&servicio).await
}

async fn find(tx: &mut Tx, id: ServicioId) -> Result<Servicio, Problem> {
    store::find(tx, id).await?.ok_or_else(Problem::not_found)
}

/// Devuelve un servicio.
#[utoipa::path(
    get, path = "/servicios/{id}", tag = "catalogo", extensions(("x-permiso" = json!("servicio.ver"))),
    params(("id" = ServicioId, Path)), responses((status = 200, body = Servicio), (status = "4XX", body = Problem))
)]
async fn ver(ctx: Ctx<VerServicios>, Path(id): Path<ServicioId>) -> Result<Versioned<Servicio>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(find(&mut tx, id).await?))
}

/// Cambia un servicio. Las citas ya reservadas conservan su horario. Cambiarle el precio requiere además el permiso servicio.precio.
#[utoipa::path(
    put, path = "/servicios/{id}", tag = "catalogo", extensions(("x-permiso" = json!("servicio.administrar"))),
    params(("id" = ServicioId, Path), ("If-Match" = String, Header)), request_body = DatosServicio,
    responses((status = 200, body = Servicio), (status = "4XX", body = Problem))
)]
async fn cambiar(
    ctx: Ctx<AdministrarServicios>,
    Path(id): Path<ServicioId>,
    version: IfMatch,
    Json(datos): Json<DatosServicio>,
) -> Result<Versioned<Servicio>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(antes.version)?;
    may_price(&ctx, antes.precio, datos.precio)?;
    let medicos = store::medicos(&mut tx, &datos.medicos).await?;
    Problem::check(datos.check(&medicos, Some(&antes.codigo)))?;
    store::update(&mut tx, id, &datos).await?;
    let despues = find(&mut tx, id).await?;
    tx.audit(Change::new("cambiar", "servicio", id).antes(&antes).despues(&despues));
    tx.publish(Event::new("servicio.cambiado", json!({ "servicio_id": id })));
    tx.commit().await?;
    Ok(Versioned(despues))
}
