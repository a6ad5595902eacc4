//! The photo of a pet: the file goes to the store first, then the record points to it.
use super::{mascotas::lock, registro::pet};
use crate::{
    model::{self, Mascota, problemas::FOTO_INVALIDA},
    store::{
        self,
        historial::{Hecho, note},
    },
};
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{
    Change, Ctx, IfMatch, Path, Problem, Versioned,
    ids::MascotaId,
    permission::{EditarPacientes, VerPacientes},
    problem::kinds,
};
use serde_json::json;
use uuid::Uuid;

/// Devuelve la foto de una mascota.
#[utoipa::path(
    get, path = "/pacientes/{id}/foto", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))), params(("id" = MascotaId, Path)),
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<VerPacientes>, Path(id): Path<MascotaId>) -> Result<Response, Problem> {
    let mut tx = ctx.begin_read().await?;
    let photo = store::mascotas::photo(&mut tx, id).await?;
    drop(tx);
    let key = photo.and_then(|(_, key)| key).ok_or_else(Problem::not_found)?;
    let (tipo, body) = ctx.app().files().get(&key).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("mascota", [id.into()]);
    Ok(([(header::CONTENT_TYPE, tipo.as_str()), (header::CACHE_CONTROL, "private, max-age=300")], body).into_response())
}

/// Pone la foto de una mascota: JPEG, PNG o WebP de hasta 5 MB.
#[utoipa::path(
    put, path = "/pacientes/{id}/foto", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path), ("If-Match" = String, Header)),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn poner(
    ctx: Ctx<EditarPacientes>,
    Path(id): Path<MascotaId>,
    version: IfMatch,
    body: Body,
) -> Result<Versioned<Mascota>, Problem> {
    let bytes = axum::body::to_bytes(body, model::FOTO_MAX).await.map_err(|_| Problem::new(kinds::TOO_LARGE).detail("Hasta 5 MB."))?;
    let tipo = model::foto_tipo(&bytes).ok_or_else(|| Problem::new(FOTO_INVALIDA))?;
    // Looked at twice: before, so that nothing is uploaded for a pet that is not there; after, under its lock.
    let mut tx = ctx.begin_read().await?;
    let (current, _) = store::mascotas::photo(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(current)?;
    drop(tx);
    let key = format!("{}/fotos/{id}/{}", ctx.tenant, Uuid::new_v4());
    ctx.app().files().put(&key, tipo, bytes).await?;
    match point_to(&ctx, id, version, &key).await {
        Ok((mascota, old)) => {
            forget(&ctx, old.as_deref()).await;
            Ok(Versioned(mascota))
        }
        Err(problem) => {
            forget(&ctx, Some(&key)).await;
            Err(problem)
        }
    }
}

async fn point_to(ctx: &Ctx<EditarPacientes>, id: MascotaId, version: IfMatch, key: &str) -> Result<(Mascota, Option<String>), Problem> {
    let mut tx = ctx.begin().await?;
    let antes = lock(&mut tx, id, version).await?;
    store::mascotas::set_photo(&mut tx, id, key).await?;
    note(&mut tx, id, &Hecho::Foto).await?;
    tx.audit(Change::new("cambiar_foto", "mascota", id).antes(json!({ "foto": antes.foto })).despues(json!({ "foto": key })));
    let mascota = pet(&mut tx, id).await?;
    tx.commit().await?;
    Ok((mascota, antes.foto))
}

/// A file that nothing points to any more costs a little space; it is no reason to fail.
async fn forget(ctx: &Ctx<EditarPacientes>, key: Option<&str>) {
    if let Some(key) = key
        && let Err(error) = ctx.app().files().delete(key).await
    {
        tracing::warn!(%error, "a photo that nothing points to stays in the store");
    }
}
