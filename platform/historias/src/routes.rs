//! The timeline over HTTP.
use crate::{
    model::{EntradaHistorial, merge},
    store,
};
use jiff::Timestamp;
use kernel::{Ctx, Json, Page, Path, Problem, Query, ids::MascotaId, page::Pagina, permission::VerHistorial};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub fn router() -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new().routes(routes!(historial))
}

/// Historial de una mascota, lo más reciente primero.
///
/// Reúne su ficha, sus tutores, sus pesos, sus citas en las sedes que usted ve, y las vacunas y visitas anteriores que contó otro sistema.
#[utoipa::path(
    get, path = "/pacientes/{id}/historial", tag = "historias", extensions(("x-permiso" = json!("historial.ver"))),
    params(("id" = MascotaId, Path), Pagina), responses((status = 200, body = Page<EntradaHistorial>), (status = "4XX", body = Problem))
)]
async fn historial(
    ctx: Ctx<VerHistorial>,
    Path(id): Path<MascotaId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<EntradaHistorial>>, Problem> {
    let (before, limit) = pagina.read::<(Timestamp, Uuid)>()?;
    let mut tx = ctx.begin_read().await?;
    if !pacientes::existe_mascota(&mut tx, id).await? {
        return Err(pacientes::mascota_ausente(&mut tx, id).await?);
    }
    let hechos = pacientes::historial(&mut tx, id, before, limit + 1).await?;
    let visitas = citas::historial(&mut tx, id, before, limit + 1).await?;
    let registros = pacientes::con_las_fusionadas(&mut tx, id).await?;
    let antes = store::antecedentes(&mut tx, &registros, before, limit + 1).await?;
    let lists = vec![
        hechos.into_iter().map(Into::into).collect(),
        visitas.into_iter().map(Into::into).collect(),
        antes.into_iter().map(Into::into).collect(),
    ];
    let page = Page::from_rows(merge(lists, limit as usize + 1), limit as usize, EntradaHistorial::place);
    ctx.read_audit("mascota", [id.into()]);
    ctx.read_audit("tutor", page.items.iter().filter_map(EntradaHistorial::tutor).map(Into::into));
    ctx.read_audit("cita", page.items.iter().filter_map(EntradaHistorial::cita).map(Into::into));
    Ok(Json(page))
}
