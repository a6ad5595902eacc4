//! What alert rules read, for people.
use crate::{
    lector::Lector,
    model::{self, Hechos},
};
use kernel::{Ctx, Json, Path, Problem, ids::MascotaId, permission::VerHistorial};
use serde_json::Value;

/// Los hechos de una mascota, como los leen las reglas de alerta: `hechos/v1`.
///
/// Con lo que se anotó en los registros que se fusionaron con este; sin lo que se anuló.
#[utoipa::path(
    get, path = "/pacientes/{id}/hechos", tag = "historias", operation_id = "hechos_de_mascota", extensions(("x-permiso" = json!("historial.ver"))),
    params(("id" = MascotaId, Path)), responses((status = 200, body = Hechos), (status = "4XX", body = Problem))
)]
pub async fn de_mascota(ctx: Ctx<VerHistorial>, Path(id): Path<MascotaId>) -> Result<Json<Hechos>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let hechos = Lector::new(&mut tx).await?.una(&mut tx, id).await?;
    let Some(hechos) = hechos else { return Err(pacientes::mascota_ausente(&mut tx, id).await?) };
    ctx.read_audit("mascota", [id.into()]);
    Ok(Json(hechos))
}

/// El esquema JSON de `hechos/v1`. Solo crece, con miembros que pueden faltar.
#[utoipa::path(get, path = "/esquemas/hechos/v1", tag = "historias", operation_id = "esquema_de_hechos", security(()), responses((status = 200, body = Value)))]
pub async fn esquema() -> Json<Value> {
    Json(model::esquema())
}
