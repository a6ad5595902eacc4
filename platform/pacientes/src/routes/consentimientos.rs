//! What owners consent to.
use crate::{
    model::{Consentimiento, Consentimientos, NuevoConsentimiento},
    propio::consentir,
    store::{self, consentimientos},
};
use axum::response::Response;
use kernel::{
    Begun, Ctx, Json, Once, Path, Problem,
    ids::TutorId,
    permission::{RegistrarConsentimientos, VerPacientes},
};

/// Los consentimientos de un tutor: los de hoy por finalidad, y todo lo que dijo.
#[utoipa::path(
    get, path = "/tutores/{id}/consentimientos", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver")), ("x-lista" = json!("/registro"))),
    params(("id" = TutorId, Path)), responses((status = 200, body = Consentimientos), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<VerPacientes>, Path(id): Path<TutorId>) -> Result<Json<Consentimientos>, Problem> {
    let mut tx = ctx.begin_read().await?;
    if !store::tutores::exists(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let ledger = consentimientos::of(&mut tx, id).await?;
    ctx.read_audit("tutor", [id.into()]);
    Ok(Json(Consentimientos::from_ledger(ledger)))
}

/// Anota lo que un tutor consiente o deja de consentir. Lo anotado no se cambia ni se borra.
#[utoipa::path(
    post, path = "/tutores/{id}/consentimientos", tag = "pacientes", extensions(("x-permiso" = json!("consentimiento.registrar"))),
    params(("id" = TutorId, Path)), request_body = NuevoConsentimiento,
    responses((status = 201, body = Consentimiento), (status = "4XX", body = Problem))
)]
pub async fn anotar(
    ctx: Ctx<RegistrarConsentimientos>,
    Path(id): Path<TutorId>,
    once: Once<NuevoConsentimiento>,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let line = consentir(&mut tx, id, &once.body).await?;
    tx.commit_created(&line).await
}
