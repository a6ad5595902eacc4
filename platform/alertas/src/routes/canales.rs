//! By which channels an owner wants to be reached.
use crate::{
    model::{DatosPreferencia, Preferencia, repetidos},
    store::preferencias as store,
};
use kernel::{
    Change, Ctx, IfMatch, Json, Path, Problem, Tx, Versioned,
    ids::TutorId,
    permission::{EditarPacientes, VerPacientes},
};

/// Por qué canales prefiere un tutor que se le escriba.
#[utoipa::path(get, path = "/tutores/{id}/canales", tag = "correos", operation_id = "ver_canales_de_tutor", params(("id" = TutorId, Path)),
    extensions(("x-permiso" = json!("paciente.ver"))), responses((status = 200, body = Preferencia), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerPacientes>, Path(id): Path<TutorId>) -> Result<Versioned<Preferencia>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let preferencia = leer(&mut tx, id).await?;
    ctx.read_audit("tutor", [id.into()]);
    Ok(Versioned(preferencia))
}

/// Cambia por qué canales y en qué orden se le escribe. Lo que consiente se anota aparte.
#[utoipa::path(put, path = "/tutores/{id}/canales", tag = "correos", operation_id = "cambiar_canales_de_tutor",
    params(("id" = TutorId, Path), ("If-Match" = String, Header)), extensions(("x-permiso" = json!("paciente.editar"))),
    request_body = DatosPreferencia, responses((status = 200, body = Preferencia), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<EditarPacientes>,
    Path(id): Path<TutorId>,
    version: IfMatch,
    Json(datos): Json<DatosPreferencia>,
) -> Result<Versioned<Preferencia>, Problem> {
    Problem::check(datos.canales.as_deref().and_then(|canales| repetidos("/canales", canales)).into_iter().collect())?;
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx, id).await?;
    let antes = leer(&mut tx, id).await?;
    version.check(antes.version)?;
    store::put(&mut tx, id, datos.canales.as_deref()).await?;
    let despues = leer(&mut tx, id).await?;
    tx.audit(Change::new("cambiar_canales", "tutor", id).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}

async fn leer(tx: &mut Tx, id: TutorId) -> Result<Preferencia, Problem> {
    if !pacientes::existe_tutor(tx, id).await? {
        return Err(Problem::not_found());
    }
    Ok(store::find(tx, id).await?.unwrap_or(Preferencia { canales: None, version: 1 }))
}
