//! Owners of a pet: who, since when, and passing it on.
use super::registro::pet;
use crate::{
    model::{self, Mascota, NuevoVinculo, Relacion, Transferencia, Vinculo, problemas::VINCULO_IMPOSIBLE},
    store::{
        self,
        historial::{Accion, Hecho, note},
        vinculos::Vigente,
    },
};
use axum::response::Response;
use jiff::civil::Date;
use kernel::{
    Begun, Change, Ctx, Event, FieldError, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{MascotaId, TutorId},
    page::Pagina,
    permission::{EditarPacientes, VerPacientes},
};
use serde_json::json;
use uuid::Uuid;

/// Tutores de una mascota, también los pasados.
#[utoipa::path(
    get, path = "/pacientes/{id}/tutores", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path), Pagina), responses((status = 200, body = Page<Vinculo>), (status = "4XX", body = Problem))
)]
pub async fn listar(
    ctx: Ctx<VerPacientes>,
    Path(id): Path<MascotaId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<Vinculo>>, Problem> {
    let (before, limit) = pagina.read::<(Date, Uuid)>()?;
    let mut tx = ctx.begin_read().await?;
    if !store::mascotas::exists(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let rows = store::vinculos::of_pet(&mut tx, id, false, before, limit + 1).await?;
    ctx.read_audit("tutor", rows.iter().map(|vinculo| vinculo.tutor.id.into()));
    Ok(Json(Page::from_rows(rows, limit as usize, |vinculo| (vinculo.desde, vinculo.id))))
}

/// Agrega un copropietario o un cuidador; o un propietario, si no lo hay.
#[utoipa::path(
    post, path = "/pacientes/{id}/tutores", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoVinculo,
    responses((status = 201, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn agregar(ctx: Ctx<EditarPacientes>, Path(id): Path<MascotaId>, once: Once<NuevoVinculo>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (nuevo, hoy) = (&once.body, model::hoy(ctx.now));
    let present = lock(&mut tx, id, nuevo.tutor_id, nuevo.check(hoy)).await?;
    model::may_link(nuevo, present.iter().map(|vigente| (vigente.tutor_id, vigente.relacion)))?;
    link(&mut tx, id, nuevo.tutor_id, nuevo.relacion, nuevo.desde.unwrap_or(hoy)).await?;
    finish(&mut tx, id, "vincular", json!({ "tutor_id": nuevo.tutor_id, "relacion": nuevo.relacion })).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit_created(&mascota).await
}

/// Termina hoy el vínculo con un copropietario o un cuidador.
#[utoipa::path(
    delete, path = "/pacientes/{id}/tutores/{vinculo}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path), ("vinculo" = Uuid, Path)), responses((status = 200, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn terminar(ctx: Ctx<EditarPacientes>, Path((id, vinculo)): Path<(MascotaId, Uuid)>) -> Result<Versioned<Mascota>, Problem> {
    let mut tx = ctx.begin().await?;
    store::mascotas::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let present = store::vinculos::present(&mut tx, id).await?;
    let ended = present.iter().find(|vigente| vigente.id == vinculo).ok_or_else(Problem::not_found)?;
    if ended.relacion == Relacion::Propietario {
        return Err(Problem::new(VINCULO_IMPOSIBLE).detail("Una mascota no queda sin propietario: transfiérala."));
    }
    unlink(&mut tx, id, ended, model::hoy(ctx.now)).await?;
    finish(&mut tx, id, "desvincular", json!({ "tutor_id": ended.tutor_id, "relacion": ended.relacion })).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Versioned(mascota))
}

/// Transfiere la mascota a otro propietario. El anterior queda en su historia.
#[utoipa::path(
    post, path = "/pacientes/{id}/transferencia", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path)), request_body = Transferencia,
    responses((status = 201, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn transferir(ctx: Ctx<EditarPacientes>, Path(id): Path<MascotaId>, once: Once<Transferencia>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let present = lock(&mut tx, id, once.body.tutor_id, once.body.check()).await?;
    transfer(&mut tx, id, &once.body, present).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit_created(&mascota).await
}

async fn transfer(tx: &mut Tx, id: MascotaId, cambio: &Transferencia, present: Vec<Vigente>) -> Result<(), Problem> {
    let hoy = model::hoy(tx.now());
    let anterior = present.iter().find(|vigente| vigente.relacion == Relacion::Propietario).map(|vigente| vigente.tutor_id);
    if anterior == Some(cambio.tutor_id) {
        return Err(Problem::new(VINCULO_IMPOSIBLE).detail("Ese tutor ya es el propietario."));
    }
    for ended in present.iter().filter(|vigente| vigente.relacion == Relacion::Propietario || vigente.tutor_id == cambio.tutor_id) {
        unlink(tx, id, ended, hoy).await?;
    }
    link(tx, id, cambio.tutor_id, Relacion::Propietario, hoy).await?;
    if let (Some(anterior), Some(relacion)) = (anterior, cambio.anterior_queda_como) {
        link(tx, id, anterior, relacion, hoy).await?;
    }
    finish(tx, id, "transferir", json!({ "tutor_id": cambio.tutor_id, "anterior_id": anterior })).await?;
    tx.publish(Event::new("mascota.transferida", json!({ "mascota_id": id, "de": anterior, "a": cambio.tutor_id })));
    Ok(())
}

/// The present owners, with the pet locked; 422 with all that is wrong.
async fn lock(tx: &mut Tx, id: MascotaId, tutor: TutorId, mut errors: Vec<FieldError>) -> Result<Vec<Vigente>, Problem> {
    let owners: Vec<TutorId> = store::vinculos::present(tx, id).await?.iter().map(|vigente| vigente.tutor_id).chain([tutor]).collect();
    store::tutores::hold(tx, &owners).await?;
    store::mascotas::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    if !store::tutores::accepts(tx, tutor).await? {
        errors.push(FieldError::new("/tutor_id", "no es un tutor de esta cadena"));
    }
    Problem::check(errors)?;
    store::vinculos::present(tx, id).await
}

async fn link(tx: &mut Tx, id: MascotaId, tutor_id: TutorId, relacion: Relacion, desde: Date) -> Result<(), Problem> {
    store::vinculos::insert(tx, id, tutor_id, relacion, desde).await?;
    note(tx, id, &Hecho::Tutor { accion: Accion::Agregado, relacion, tutor_id, tutor: None }).await
}

async fn unlink(tx: &mut Tx, id: MascotaId, ended: &Vigente, hoy: Date) -> Result<(), Problem> {
    store::vinculos::end(tx, ended.id, hoy).await?;
    note(tx, id, &Hecho::Tutor { accion: Accion::Retirado, relacion: ended.relacion, tutor_id: ended.tutor_id, tutor: None }).await
}

async fn finish(tx: &mut Tx, id: MascotaId, accion: &'static str, despues: serde_json::Value) -> Result<(), Problem> {
    store::mascotas::touch(tx, id).await?;
    store::palabras::reindexar_con_tutores(tx, &[id]).await?;
    tx.audit(Change::new(accion, "mascota", id).despues(despues));
    Ok(())
}
