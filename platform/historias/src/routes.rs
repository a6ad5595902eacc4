//! The timeline over HTTP.
use crate::model::{EntradaHistorial, merge};
use jiff::Timestamp;
use kernel::{Ctx, Cursor, Json, Page, Path, Problem, Query, ids::MascotaId, page, permission::VerHistorial};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub fn router() -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new().routes(routes!(historial))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pagina {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Historial de una mascota, lo más reciente primero.
///
/// Reúne su ficha, sus tutores, sus pesos y sus citas en las sedes que usted ve.
#[utoipa::path(
    get, path = "/pacientes/{id}/historial", tag = "historias", extensions(("x-permiso" = json!("historial.ver"))),
    params(("id" = MascotaId, Path), Pagina), responses((status = 200, body = Page<EntradaHistorial>), (status = "4XX", body = Problem))
)]
async fn historial(
    ctx: Ctx<VerHistorial>,
    Path(id): Path<MascotaId>,
    Query(pagina): Query<Pagina>,
) -> Result<Json<Page<EntradaHistorial>>, Problem> {
    let limit = page::limit(pagina.limite)?;
    let before = Cursor::decode::<(Timestamp, Uuid)>(pagina.cursor.as_deref())?;
    let mut tx = ctx.begin_read().await?;
    if !pacientes::existe_mascota(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let hechos = pacientes::historial(&mut tx, id, before, limit + 1).await?;
    let visitas = citas::historial(&mut tx, id, before, limit + 1).await?;
    let lists = vec![hechos.into_iter().map(Into::into).collect(), visitas.into_iter().map(Into::into).collect()];
    let page = Page::from_rows(merge(lists, limit as usize + 1), limit as usize, EntradaHistorial::place);
    ctx.read_audit("mascota", [id.into()]);
    ctx.read_audit("tutor", page.items.iter().filter_map(EntradaHistorial::tutor).map(Into::into));
    ctx.read_audit("cita", page.items.iter().filter_map(EntradaHistorial::cita).map(Into::into));
    Ok(Json(page))
}
