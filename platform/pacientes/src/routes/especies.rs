//! Species and breeds.
use crate::{
    model::{Especie, NuevaEspecie, NuevaRaza, Raza},
    store::especies as store,
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, FieldError, IfMatch, Json, Once, Page, Path, Problem, Query, Versioned,
    ids::{EspecieId, RazaId},
    page::Pagina,
    permission::{ConfigurarCatalogo, VerPacientes},
};

/// Especies de la cadena.
#[utoipa::path(
    get, path = "/especies", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))), params(Pagina),
    responses((status = 200, body = Page<Especie>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<VerPacientes>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Especie>>, Problem> {
    let (after, limit) = pagina.read::<(String, EspecieId)>()?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |especie| (especie.nombre.clone(), especie.id))))
}

/// Agrega una especie.
#[utoipa::path(
    post, path = "/especies", tag = "pacientes", extensions(("x-permiso" = json!("catalogo.configurar"))), request_body = NuevaEspecie,
    responses((status = 201, body = Especie), (status = "4XX", body = Problem))
)]
pub async fn crear(ctx: Ctx<ConfigurarCatalogo>, once: Once<NuevaEspecie>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let especie = store::insert(&mut tx, &once.body).await?;
    tx.audit(Change::new("crear", "especie", especie.id).despues(&especie));
    tx.commit_created(&especie).await
}

/// Cambia el nombre de una especie, o la deja de usar.
#[utoipa::path(
    put, path = "/especies/{id}", tag = "pacientes", extensions(("x-permiso" = json!("catalogo.configurar"))),
    params(("id" = EspecieId, Path), ("If-Match" = String, Header)), request_body = NuevaEspecie,
    responses((status = 200, body = Especie), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<ConfigurarCatalogo>,
    Path(id): Path<EspecieId>,
    version: IfMatch,
    Json(datos): Json<NuevaEspecie>,
) -> Result<Versioned<Especie>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(antes.version)?;
    let moved = antes.clave != datos.clave;
    Problem::check(moved.then(|| FieldError::new("/clave", "no puede cambiar")).into_iter().collect())?;
    let especie = store::update(&mut tx, id, &datos.nombre, datos.activa).await?;
    tx.audit(Change::new("cambiar", "especie", id).antes(&antes).despues(&especie));
    tx.commit().await?;
    Ok(Versioned(especie))
}

/// Razas de una especie.
#[utoipa::path(
    get, path = "/especies/{id}/razas", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = EspecieId, Path), Pagina), responses((status = 200, body = Page<Raza>), (status = "4XX", body = Problem))
)]
pub async fn razas(ctx: Ctx<VerPacientes>, Path(id): Path<EspecieId>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Raza>>, Problem> {
    let (after, limit) = pagina.read::<(String, RazaId)>()?;
    let mut tx = ctx.begin_read().await?;
    store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let rows = store::breeds(&mut tx, id, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |raza| (raza.nombre.clone(), raza.id))))
}

/// Agrega una raza a una especie.
#[utoipa::path(
    post, path = "/especies/{id}/razas", tag = "pacientes", extensions(("x-permiso" = json!("catalogo.configurar"))),
    params(("id" = EspecieId, Path)), request_body = NuevaRaza,
    responses((status = 201, body = Raza), (status = "4XX", body = Problem))
)]
pub async fn crear_raza(ctx: Ctx<ConfigurarCatalogo>, Path(id): Path<EspecieId>, once: Once<NuevaRaza>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let raza = store::insert_breed(&mut tx, id, &once.body).await?;
    tx.audit(Change::new("crear", "raza", raza.id).despues(&raza));
    tx.commit_created(&raza).await
}

/// Cambia una raza, o la deja de usar.
#[utoipa::path(
    put, path = "/especies/{id}/razas/{raza}", tag = "pacientes", extensions(("x-permiso" = json!("catalogo.configurar"))),
    params(("id" = EspecieId, Path), ("raza" = RazaId, Path), ("If-Match" = String, Header)), request_body = NuevaRaza,
    responses((status = 200, body = Raza), (status = "4XX", body = Problem))
)]
pub async fn cambiar_raza(
    ctx: Ctx<ConfigurarCatalogo>,
    Path((id, raza)): Path<(EspecieId, RazaId)>,
    version: IfMatch,
    Json(datos): Json<NuevaRaza>,
) -> Result<Versioned<Raza>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store::lock_breed(&mut tx, id, raza).await?.ok_or_else(Problem::not_found)?;
    version.check(antes.version)?;
    let despues = store::update_breed(&mut tx, raza, &datos).await?;
    tx.audit(Change::new("cambiar", "raza", raza).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
