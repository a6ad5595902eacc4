//! The search box of the portal: one request, everything that a name or a number may mean.
use crate::{
    model::{DE_CADA, Hallazgos},
    store::paleta as store,
};
use jiff::SignedDuration;
use kernel::{
    Ctx, Json, Problem, Query,
    ids::CitaId,
    permission::{VerCitas, VerPacientes, holds},
};
use pacientes::Buscado;
use serde::Deserialize;
use utoipa::IntoParams;

/// Some of what is found turns out to be the same owner's, or of a sede whose agenda one does not see.
const DE_MAS: i64 = 18;
const POR_VENIR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Whoever came this morning is still of today, in whatever zone.
const RECIEN: SignedDuration = SignedDuration::from_hours(12);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Caja {
    /// Lo que se busca, de 2 a 100 caracteres: nombres aunque tengan un error, documento, teléfono o sus seis últimos dígitos, correo,
    /// microchip, o el identificador de un registro.
    #[param(min_length = 2, max_length = 100)]
    q: String,
}

/// Busca en una sola solicitud mascotas, tutores y sus citas, hasta seis de cada uno.
#[utoipa::path(get, path = "/buscar", tag = "pacientes", operation_id = "buscar_todo", extensions(("x-permiso" = json!("paciente.ver"))), params(Caja),
    responses((status = 200, body = Hallazgos), (status = "4XX", body = Problem)))]
pub async fn buscar(ctx: Ctx<VerPacientes>, Query(Caja { q }): Query<Caja>) -> Result<Json<Hallazgos>, Problem> {
    if !(2..=100).contains(&q.trim().chars().count()) {
        return Err(Problem::field("?q", "debe tener de 2 a 100 caracteres"));
    }
    let buscado = Buscado::read(&q);
    let mut tx = ctx.begin_read().await?;
    let encontrados = pacientes::buscar(&mut tx, &buscado, DE_MAS).await?;
    let mut all = Hallazgos::de(&buscado, encontrados);
    let visibles = all.visibles();
    all.citas = match buscado.id {
        Some(id) if visibles.is_empty() => store::por_id(&mut tx, CitaId(id)).await?,
        _ if visibles.is_empty() => Vec::new(),
        _ => store::de_mascotas(&mut tx, &visibles, ctx.now - RECIEN, ctx.now + POR_VENIR, DE_MAS).await?,
    };
    all.citas.retain(|cita| holds::<VerCitas>(ctx.access(), cita.sede_id));
    all.citas.truncate(DE_CADA);
    let mascotas = all.mascotas.iter().map(|one| one.mascota.id).chain(all.citas.iter().map(|cita| cita.mascota_id));
    ctx.read_audit("mascota", mascotas.map(Into::into));
    let shown_with_pets = all.mascotas.iter().filter_map(|one| one.tutor.as_ref()).map(|tutor| tutor.id);
    ctx.read_audit("tutor", all.tutores.iter().map(|one| one.tutor.id).chain(shown_with_pets).map(Into::into));
    Ok(Json(all))
}
