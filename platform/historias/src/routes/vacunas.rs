//! The catalogue of antigens and vaccines over HTTP.
use crate::{
    model::{Antigeno, DatosAntigeno, DatosVacuna, Vacuna},
    store::vacunas as store,
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, FieldError, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::VacunaId,
    page::{self, Pagina},
    permission::{ConfigurarCatalogo, VerPacientes},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

async fn especies(tx: &mut Tx) -> Result<Vec<String>, Problem> {
    Ok(pacientes::especies(tx).await?.into_iter().map(|especie| especie.clave).collect())
}

/// The audit knows records by UUID, antigens go by key: the same key is the same record.
fn antigeno_id(clave: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, clave.as_bytes())
}

fn unmoved(antes: &str, despues: &str) -> Result<(), Problem> {
    Problem::check((antes != despues).then(|| FieldError::new("/clave", "no puede cambiar")).into_iter().collect())
}

/// Antígenos que conoce la cadena, por clave.
#[utoipa::path(
    get, path = "/antigenos", tag = "historias", extensions(("x-permiso" = json!("paciente.ver"))), params(Pagina),
    responses((status = 200, body = Page<Antigeno>), (status = "4XX", body = Problem))
)]
pub async fn antigenos(ctx: Ctx<VerPacientes>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Antigeno>>, Problem> {
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::antigenos(&mut tx, after.as_deref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |antigeno| antigeno.clave.clone())))
}

/// Agrega un antígeno.
#[utoipa::path(
    post, path = "/antigenos", tag = "historias", extensions(("x-permiso" = json!("catalogo.configurar"))), request_body = DatosAntigeno,
    responses((status = 201, body = Antigeno), (status = "4XX", body = Problem))
)]
pub async fn crear_antigeno(ctx: Ctx<ConfigurarCatalogo>, once: Once<DatosAntigeno>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    Problem::check(once.body.check(&especies(&mut tx).await?))?;
    let antigeno = store::insert_antigeno(&mut tx, &once.body).await?;
    tx.audit(Change::new("crear", "antigeno", antigeno_id(&antigeno.clave)).despues(&antigeno));
    tx.commit_created(&antigeno).await
}

/// Cambia un antígeno, o lo deja de usar.
#[utoipa::path(
    put, path = "/antigenos/{clave}", tag = "historias", extensions(("x-permiso" = json!("catalogo.configurar"))),
    params(("clave" = String, Path), ("If-Match" = String, Header)), request_body = DatosAntigeno,
    responses((status = 200, body = Antigeno), (status = "4XX", body = Problem))
)]
pub async fn cambiar_antigeno(
    ctx: Ctx<ConfigurarCatalogo>,
    Path(clave): Path<String>,
    version: IfMatch,
    Json(datos): Json<DatosAntigeno>,
) -> Result<Versioned<Antigeno>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock_antigeno(&mut tx, &clave).await?.ok_or_else(Problem::not_found)?;
    version.check(antes.version)?;
    unmoved(&antes.clave, &datos.clave)?;
    Problem::check(datos.check(&especies(&mut tx).await?))?;
    let antigeno = store::update_antigeno(&mut tx, &datos).await?;
    tx.audit(Change::new("cambiar", "antigeno", antigeno_id(&clave)).antes(&antes).despues(&antigeno));
    tx.commit().await?;
    Ok(Versioned(antigeno))
}

/// Cuáles vacunas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Busqueda {
    /// Solo las de esta especie, como `perro`.
    especie: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Vacunas del catálogo de la cadena, por nombre.
#[utoipa::path(
    get, path = "/vacunas", tag = "historias", operation_id = "listar_vacunas", extensions(("x-permiso" = json!("paciente.ver"))), params(Busqueda),
    responses((status = 200, body = Page<Vacuna>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<VerPacientes>, Query(busqueda): Query<Busqueda>) -> Result<Json<Page<Vacuna>>, Problem> {
    let (after, limit) = page::read::<(String, VacunaId)>(busqueda.cursor.as_deref(), busqueda.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, busqueda.especie.as_deref(), after.as_ref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |vacuna| (vacuna.nombre.clone(), vacuna.id))))
}

/// Agrega una vacuna.
#[utoipa::path(
    post, path = "/vacunas", tag = "historias", operation_id = "crear_vacuna", extensions(("x-permiso" = json!("catalogo.configurar"))), request_body = DatosVacuna,
    responses((status = 201, body = Vacuna), (status = "4XX", body = Problem))
)]
pub async fn crear(ctx: Ctx<ConfigurarCatalogo>, once: Once<DatosVacuna>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (especies, catalogo) = (especies(&mut tx).await?, store::catalogo(&mut tx).await?);
    Problem::check(once.body.check(&especies, &catalogo))?;
    let vacuna = store::insert(&mut tx, &once.body).await?;
    tx.audit(Change::new("crear", "vacuna", vacuna.id).despues(&vacuna));
    tx.commit_created(&vacuna).await
}

/// Cambia una vacuna, o la deja de usar. Lo que ya se aplicó conserva los antígenos de ese día.
#[utoipa::path(
    put, path = "/vacunas/{id}", tag = "historias", operation_id = "cambiar_vacuna", extensions(("x-permiso" = json!("catalogo.configurar"))),
    params(("id" = VacunaId, Path), ("If-Match" = String, Header)), request_body = DatosVacuna,
    responses((status = 200, body = Vacuna), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<ConfigurarCatalogo>,
    Path(id): Path<VacunaId>,
    version: IfMatch,
    Json(datos): Json<DatosVacuna>,
) -> Result<Versioned<Vacuna>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(antes.version)?;
    unmoved(&antes.clave, &datos.clave)?;
    let (especies, catalogo) = (especies(&mut tx).await?, store::catalogo(&mut tx).await?);
    Problem::check(datos.check(&especies, &catalogo))?;
    let vacuna = store::update(&mut tx, id, &datos).await?;
    tx.audit(Change::new("cambiar", "vacuna", id).antes(&antes).despues(&vacuna));
    tx.commit().await?;
    Ok(Versioned(vacuna))
}
