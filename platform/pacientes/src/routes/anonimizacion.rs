//! Forgetting an owner: the key goes, and with it all that was written under it, in the audit too.
use super::registro::owner;
use crate::{
    model::{Anonimizacion, Tutor, problemas::ANONIMIZACION_IMPOSIBLE},
    store::{self, anonimizacion, palabras},
};
use axum::{Extension, response::Response};
use kernel::{Begun, Change, Ctx, Event, Once, Path, Problem, Tx, ids::TutorId, permission::AnonimizarPersonas, ports::AgendaDeMascotas};
use serde_json::json;
use std::sync::Arc;

/// Anonimiza a un tutor y los registros que se fusionaron con él. No se puede deshacer.
///
/// Se borra la clave con que están cifrados sus datos, también en la auditoría, y se quitan nombres, contactos y notas.
/// Sus mascotas y lo que se les hizo quedan. Si tienen citas por venir responde 409 con las citas en `impedimentos`.
#[utoipa::path(
    post, path = "/tutores/{id}/anonimizacion", tag = "pacientes", extensions(("x-permiso" = json!("persona.anonimizar"))),
    params(("id" = TutorId, Path)), request_body = Anonimizacion, responses((status = 201, body = Tutor), (status = "4XX", body = Problem))
)]
pub async fn anonimizar(
    ctx: Ctx<AnonimizarPersonas>,
    Path(id): Path<TutorId>,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
    once: Once<Anonimizacion>,
) -> Result<Response, Problem> {
    // Somebody may be writing of one of their appointments, who then asks for the owner: one of the two gives way.
    for last in [false, false, true] {
        let mut tx = match ctx.begin_once(&once).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        match olvidar(&mut tx, id, &once.body.motivo, &*agenda).await {
            Err(problem) if problem.is_lost_race() && !last => {}
            Err(problem) => return Err(problem),
            Ok(()) => {
                let tutor = owner(&mut tx, id).await?;
                return tx.commit_created(&tutor).await;
            }
        }
    }
    unreachable!("the last attempt answers")
}

/// Forgets an owner and the records that were merged into them, or says why that cannot be now.
pub async fn olvidar(tx: &mut Tx, id: TutorId, motivo: &str, agenda: &dyn AgendaDeMascotas) -> Result<(), Problem> {
    store::tutores::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    refuse(tx, id, agenda).await?;
    forget(tx, id, motivo).await
}

async fn refuse(tx: &mut Tx, id: TutorId, agenda: &dyn AgendaDeMascotas) -> Result<(), Problem> {
    if tx.person_key(id).await?.is_none() {
        return Err(Problem::new(ANONIMIZACION_IMPOSIBLE).detail("Ya se anonimizó."));
    }
    let pets = palabras::pets_of(tx, id).await?;
    let ahead = agenda.por_venir(tx, &pets).await?;
    if ahead.is_empty() {
        return Ok(());
    }
    Err(Problem::new(ANONIMIZACION_IMPOSIBLE).detail("Sus mascotas tienen citas por venir: anúlelas primero.").with("impedimentos", ahead))
}

async fn forget(tx: &mut Tx, id: TutorId, motivo: &str) -> Result<(), Problem> {
    for persona in anonimizacion::group(tx, id).await? {
        tx.forget_person(persona).await?;
        anonimizacion::blank(tx, persona).await?;
        tx.audit(Change::new("anonimizar", "tutor", persona).despues(json!({ "motivo": motivo })));
        tx.publish(Event::new("tutor.anonimizado", json!({ "tutor_id": persona })));
    }
    let pets = palabras::pets_of(tx, id).await?;
    palabras::reindexar(tx, &pets).await?;
    palabras::reindexar_tutores(tx, &[id]).await
}
