//! Registering a pet.
use super::{Confirmacion, mascotas::Titular, unless_alike};
use crate::{
    duplicados,
    model::{self, Mascota, Registrable, Registro, SolicitudRegistro, Tutor},
    store::{
        self,
        historial::{Hecho, note},
        pesos::Pesaje,
    },
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, Event, Once, Problem, Query, Tx,
    ids::{MascotaId, SedeId, TutorId},
    permission::{self, RegistrarPacientes, VerPacientes},
};
use serde_json::json;

/// Registra una mascota con su propietario, nuevo o ya conocido.
///
/// Si otro tutor tiene su teléfono o su correo, o si el propietario ya tiene una mascota de ese nombre y especie,
/// responde 409 `posible-duplicado` con los `candidatos`.
#[utoipa::path(
    post, path = "/pacientes/registro", tag = "pacientes", extensions(("x-permiso" = json!("paciente.registrar"))), params(Confirmacion), request_body = SolicitudRegistro,
    responses((status = 201, body = Registro), (status = "4XX", body = Problem))
)]
pub async fn registrar(
    ctx: Ctx<RegistrarPacientes>,
    Query(confirmacion): Query<Confirmacion>,
    once: Once<SolicitudRegistro>,
) -> Result<Response, Problem> {
    if let Some(sede) = once.body.sede_id {
        ctx.in_sede(sede)?;
    }
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (pet, tutor, sede) = (&once.body.mascota, once.body.tutor_id, once.body.sede_id);
    let referencias = store::especies::referencias(&mut tx, pet.especie_id, pet.especie.as_deref(), pet.raza_id, tutor).await?;
    let registrable = once.body.check(referencias, model::hoy(ctx.now)).map_err(Problem::invalid)?;
    unless_known(&mut tx, &ctx, &confirmacion, &registrable).await?;
    let mut registro = save(&mut tx, registrable, sede).await?;
    // Who may only register must not read known people that way.
    if tutor.is_some() && !permission::holds_somewhere::<VerPacientes>(ctx.access()) {
        registro.tutor = None;
    }
    ctx.read_audit("tutor", tutor.filter(|_| registro.tutor.is_some()).map(Into::into));
    tx.commit_created(&registro).await
}

/// 409 if the owner, or the pet of a known owner, may be in the chain already.
async fn unless_known(tx: &mut Tx, ctx: &Ctx<RegistrarPacientes>, confirmacion: &Confirmacion, nuevo: &Registrable) -> Result<(), Problem> {
    match &nuevo.tutor {
        Ok(known) => unless_alike(ctx, confirmacion, duplicados::mascotas(tx, *known, &nuevo.mascota).await?),
        Err(ficha) => super::tutores::unless_known(tx, ctx, confirmacion, ficha).await,
    }
}

pub(crate) async fn save(tx: &mut Tx, nuevo: Registrable, sede: Option<SedeId>) -> Result<Registro, Problem> {
    let known = nuevo.tutor.is_ok();
    let tutor_id = match nuevo.tutor {
        Ok(known) => known,
        Err(ficha) => super::tutores::register(tx, &ficha, sede).await?,
    };
    let id = MascotaId::new();
    store::mascotas::insert(tx, id, &nuevo.mascota, sede).await?;
    store::identificadores::insert(tx, id, &nuevo.identificadores).await?;
    let hoy = model::hoy(tx.now());
    store::vinculos::insert(tx, id, tutor_id, model::Relacion::Propietario, hoy).await?;
    note(tx, id, &Hecho::Registro { tutor_id, tutor: None }).await?;
    if let Some(gramos) = nuevo.gramos {
        let now = tx.now();
        store::pesos::insert(tx, id, now, Pesaje { gramos, sede, ..Pesaje::default() }).await?;
    }
    store::palabras::reindexar(tx, &[id]).await?;
    if known {
        store::palabras::forget_tutores(tx, &[tutor_id]).await?;
    }
    let titular = Titular { id: tutor_id, key: tx.person_key(tutor_id).await? };
    let change = Change::new("registrar", "mascota", id).despues(super::mascotas::audited(&nuevo.mascota, Some(&titular)));
    tx.audit(match sede {
        Some(sede) => change.sede(sede),
        None => change,
    });
    tx.publish(Event::new("mascota.registrada", json!({ "mascota_id": id, "tutor_id": tutor_id })));
    Ok(Registro { mascota: pet(tx, id).await?, tutor: Some(owner(tx, tutor_id).await?) })
}

pub(super) async fn pet(tx: &mut Tx, id: MascotaId) -> Result<Mascota, Problem> {
    match store::mascotas::find(tx, id).await? {
        Some(mascota) => Ok(mascota),
        None => Err(super::missing(tx, id).await?),
    }
}

pub(super) async fn owner(tx: &mut Tx, id: TutorId) -> Result<Tutor, Problem> {
    store::tutores::find(tx, id).await?.ok_or_else(Problem::not_found)
}
