//! Identifiers of a pet: microchip, tags, registers.
use super::registro::pet;
use crate::{
    model::{Identificador, IdentificadorTipo, Mascota},
    store::{
        self,
        historial::{Accion, Hecho, note},
    },
};
use axum::response::Response;
use kernel::{Begun, Change, Ctx, Once, Path, Problem, Versioned, ids::MascotaId, permission::EditarPacientes, text};
use serde_json::json;

/// Agrega un identificador.
#[utoipa::path(
    post, path = "/pacientes/{id}/identificadores", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path)), request_body = Identificador,
    responses((status = 201, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn agregar(ctx: Ctx<EditarPacientes>, Path(id): Path<MascotaId>, once: Once<Identificador>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    store::mascotas::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut errors = Vec::new();
    once.body.check("", &mut errors);
    Problem::check(errors)?;
    let Identificador { tipo, valor } = once.body.clone();
    store::identificadores::insert(&mut tx, id, &[once.body]).await?;
    store::mascotas::touch(&mut tx, id).await?;
    tx.audit(Change::new("identificar", "mascota", id).despues(json!({ "tipo": tipo, "valor": valor })));
    note(&mut tx, id, &Hecho::Identificador { accion: Accion::Agregado, identificador: tipo, valor }).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit_created(&mascota).await
}

/// Retira un identificador que se registró por error o se perdió.
#[utoipa::path(
    delete, path = "/pacientes/{id}/identificadores/{tipo}/{valor}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path), ("tipo" = IdentificadorTipo, Path), ("valor" = String, Path)),
    responses((status = 200, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn retirar(
    ctx: Ctx<EditarPacientes>,
    Path((id, tipo, valor)): Path<(MascotaId, IdentificadorTipo, String)>,
) -> Result<Versioned<Mascota>, Problem> {
    let mut tx = ctx.begin().await?;
    store::mascotas::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let normal = text::identifier(&valor);
    let valor = store::identificadores::delete(&mut tx, id, tipo, &normal).await?.ok_or_else(Problem::not_found)?;
    store::mascotas::touch(&mut tx, id).await?;
    tx.audit(Change::new("desidentificar", "mascota", id).antes(json!({ "tipo": tipo, "valor": valor })));
    note(&mut tx, id, &Hecho::Identificador { accion: Accion::Retirado, identificador: tipo, valor }).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Versioned(mascota))
}
