//! Weights.
use crate::{
    model::{self, NuevoPeso, Peso},
    store,
};
use axum::response::Response;
use jiff::Timestamp;
use kernel::{
    Begun, Change, Ctx, Event, Json, Once, Page, Path, Problem, Query,
    ids::{MascotaId, PesoId},
    page::Pagina,
    permission::{RegistrarPesos, VerPacientes},
};
use serde_json::json;

/// Pesos de una mascota, el más reciente primero.
#[utoipa::path(
    get, path = "/pacientes/{id}/pesos", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path), Pagina), responses((status = 200, body = Page<Peso>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<VerPacientes>, Path(id): Path<MascotaId>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Peso>>, Problem> {
    let (before, limit) = pagina.read::<(Timestamp, PesoId)>()?;
    let mut tx = ctx.begin_read().await?;
    if !store::mascotas::exists(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let rows = store::pesos::list(&mut tx, id, before, limit + 1).await?;
    ctx.read_audit("mascota", [id.into()]);
    Ok(Json(Page::from_rows(rows, limit as usize, |peso| (peso.pesado_en, peso.id))))
}

/// Anota el peso de una mascota.
#[utoipa::path(
    post, path = "/pacientes/{id}/pesos", tag = "pacientes", extensions(("x-permiso" = json!("peso.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoPeso,
    responses((status = 201, body = Peso), (status = "4XX", body = Problem))
)]
pub async fn anotar(ctx: Ctx<RegistrarPesos>, Path(id): Path<MascotaId>, once: Once<NuevoPeso>) -> Result<Response, Problem> {
    let nuevo = &once.body;
    nuevo.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    if !store::mascotas::hold(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    Problem::check(nuevo.check(ctx.now))?;
    let peso = store::pesos::insert(&mut tx, id, model::grams(nuevo.kg), nuevo.pesado_en.unwrap_or(ctx.now), nuevo.sede_id).await?;
    let change = Change::new("pesar", "mascota", id).despues(json!({ "kg": peso.kg, "pesado_en": peso.pesado_en }));
    tx.audit(nuevo.sede_id.into_iter().fold(change, Change::sede));
    tx.publish(Event::new("mascota.pesada", json!({ "mascota_id": id, "peso_id": peso.id })));
    tx.commit_created(&peso).await
}
