//! Duplicates become one. What a merge would do is told by doing it and taking it back, so that it is exactly so.
use crate::{
    fusionar,
    model::{Fusion, FusionPrevista, FusionTipo, Fusionado, MascotaPorFusionar, Mudanza, NuevaFusion, Par, TutorPorFusionar},
    store::fusiones as store,
};
use axum::{Extension, response::Response};
use kernel::{
    Begun, Ctx, Json, Once, Path, Problem, Query, Tx, Versioned,
    ids::{MascotaId, TutorId},
    permission::FusionarPacientes,
    ports::AgendaDeMascotas,
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use uuid::Uuid;

type Agenda = Extension<Arc<dyn AgendaDeMascotas>>;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Con {
    /// El registro que dejaría de usarse.
    con: Uuid,
}

async fn pets(tx: &mut Tx, a: MascotaId, de: Uuid) -> Result<Par<MascotaPorFusionar>, Problem> {
    Par::find(store::lock_pets(tx, [a, MascotaId(de)]).await?, a, MascotaId(de), |pet| pet.id)
}

async fn owners(tx: &mut Tx, a: TutorId, de: Uuid) -> Result<Par<TutorPorFusionar>, Problem> {
    Par::find(store::lock_owners(tx, [a, TutorId(de)]).await?, a, TutorId(de), |owner| owner.id)
}

/// Muestra qué pasaría al fusionar otra mascota con esta: cuánto se mueve, o por qué no se puede. No cambia nada.
#[utoipa::path(
    get, path = "/pacientes/{id}/fusion", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = MascotaId, Path), Con), responses((status = 200, body = FusionPrevista), (status = "4XX", body = Problem))
)]
pub async fn prever_mascota(
    ctx: Ctx<FusionarPacientes>,
    Path(id): Path<MascotaId>,
    Query(Con { con }): Query<Con>,
    Extension(agenda): Agenda,
) -> Result<Json<FusionPrevista>, Problem> {
    let mut tx = ctx.begin().await?;
    let par = pets(&mut tx, id, con).await?;
    ctx.read_audit("mascota", [id.into(), con]);
    let (impedimentos, citas_que_chocan) = (par.impedimentos(), agenda.que_chocan(&mut tx, par.cede.id, id).await?);
    let possible = impedimentos.is_empty() && citas_que_chocan.is_empty();
    let mueve = if possible { fusionar::mascotas(&mut tx, &*agenda, &par).await?.mudanza() } else { Mudanza::default() };
    let (queda, deja_de_usarse) = (Fusionado::from(par.queda), Fusionado::from(par.cede));
    Ok(Json(FusionPrevista { tipo: FusionTipo::Mascota, queda, deja_de_usarse, mueve, impedimentos, citas_que_chocan }))
}

/// Muestra qué pasaría al fusionar otro tutor con este. No cambia nada.
#[utoipa::path(
    get, path = "/tutores/{id}/fusion", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = TutorId, Path), Con), responses((status = 200, body = FusionPrevista), (status = "4XX", body = Problem))
)]
pub async fn prever_tutor(
    ctx: Ctx<FusionarPacientes>,
    Path(id): Path<TutorId>,
    Query(Con { con }): Query<Con>,
) -> Result<Json<FusionPrevista>, Problem> {
    let mut tx = ctx.begin().await?;
    let par = owners(&mut tx, id, con).await?;
    ctx.read_audit("tutor", [id.into(), con]);
    let impedimentos = par.impedimentos();
    let mueve = if impedimentos.is_empty() { fusionar::tutores(&mut tx, &par).await?.mudanza() } else { Mudanza::default() };
    let (queda, deja_de_usarse) = (Fusionado::from(par.queda), Fusionado::from(par.cede));
    Ok(Json(FusionPrevista { tipo: FusionTipo::Tutor, queda, deja_de_usarse, mueve, impedimentos, citas_que_chocan: Vec::new() }))
}

/// Fusiona otra mascota con esta: citas de todas las sedes, pesos, identificadores, tutores e historial pasan a esta.
#[utoipa::path(
    post, path = "/pacientes/{id}/fusiones", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = MascotaId, Path)), request_body = NuevaFusion, responses((status = 201, body = Fusion), (status = "4XX", body = Problem))
)]
pub async fn fusionar_mascota(
    ctx: Ctx<FusionarPacientes>,
    Path(id): Path<MascotaId>,
    Extension(agenda): Agenda,
    once: Once<NuevaFusion>,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let par = pets(&mut tx, id, once.body.con).await?;
    let movido = fusionar::mascotas(&mut tx, &*agenda, &par).await?;
    let fusion = fusionar::record(&mut tx, FusionTipo::Mascota, once.body.con, id.into(), &movido).await?;
    tx.commit_created(&fusion).await
}

/// Fusiona otro tutor con este: sus mascotas pasan a este, y los contactos que a este le falten.
#[utoipa::path(
    post, path = "/tutores/{id}/fusiones", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = TutorId, Path)), request_body = NuevaFusion, responses((status = 201, body = Fusion), (status = "4XX", body = Problem))
)]
pub async fn fusionar_tutor(ctx: Ctx<FusionarPacientes>, Path(id): Path<TutorId>, once: Once<NuevaFusion>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let par = owners(&mut tx, id, once.body.con).await?;
    let movido = fusionar::tutores(&mut tx, &par).await?;
    let fusion = fusionar::record(&mut tx, FusionTipo::Tutor, once.body.con, id.into(), &movido).await?;
    tx.commit_created(&fusion).await
}

/// Devuelve una fusión.
#[utoipa::path(
    get, path = "/fusiones/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Fusion), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<FusionarPacientes>, Path(id): Path<Uuid>) -> Result<Versioned<Fusion>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let fusion = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let entidad = match fusion.tipo {
        FusionTipo::Mascota => "mascota",
        FusionTipo::Tutor => "tutor",
    };
    ctx.read_audit(entidad, [fusion.de, fusion.a]);
    Ok(Versioned(fusion))
}

/// Deshace una fusión dentro de su plazo: los dos registros vuelven a ser lo que eran, y lo que se anotó después queda
/// en el que siguió.
#[utoipa::path(
    delete, path = "/fusiones/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.fusionar"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Fusion), (status = "4XX", body = Problem))
)]
pub async fn deshacer(ctx: Ctx<FusionarPacientes>, Path(id): Path<Uuid>, Extension(agenda): Agenda) -> Result<Versioned<Fusion>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx, id).await?;
    let fusion = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    fusionar::deshacer(&mut tx, &*agenda, &fusion).await?;
    let fusion = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(Versioned(fusion))
}
