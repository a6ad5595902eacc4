//! The way of a vet from one sede to another.
use crate::{
    model::{CambioTraslado, Traslado},
    store,
};
use kernel::{
    Change, Ctx, IfMatch, Json, Path, Problem, Versioned,
    ids::SedeId,
    permission::{ConfigurarAgenda, VerCitas},
};

/// Minutos de camino entre cada par de sedes: los fijados, o los estimados por su ubicación.
///
/// Un médico con citas en dos sedes necesita ese tiempo entre una y otra.
#[utoipa::path(get, path = "/traslados", tag = "agenda", extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<Traslado>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>) -> Result<Json<Vec<Traslado>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Json(store::traslados(&mut tx).await?))
}

/// Fija los minutos de camino entre dos sedes, en ambos sentidos. Las citas ya reservadas quedan.
#[utoipa::path(put, path = "/traslados/{sede_a}/{sede_b}", tag = "agenda", params(("sede_a" = SedeId, Path), ("sede_b" = SedeId, Path)),
    extensions(("x-permiso" = json!("agenda.configurar"))), request_body = CambioTraslado,
    responses((status = 200, body = Traslado), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarAgenda>,
    Path((a, b)): Path<(SedeId, SedeId)>,
    if_match: IfMatch,
    Json(cambio): Json<CambioTraslado>,
) -> Result<Versioned<Traslado>, Problem> {
    ctx.in_sede(a)?;
    ctx.in_sede(b)?;
    let mut tx = ctx.begin().await?;
    // An estimate has no row to lock.
    store::bloquear(&mut tx, &[a.min(b).into(), b.max(a).into()]).await?;
    let antes = store::traslado(&mut tx, a, b).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let traslado = Traslado { minutos: cambio.minutos, estimado: false, version: antes.version + 1, ..antes };
    store::guardar_traslado(&mut tx, &traslado).await?;
    tx.audit(Change::new("cambiar", "traslado", traslado.sede_a).antes(&antes).despues(&traslado));
    tx.commit().await?;
    Ok(Versioned(traslado))
}
