//! The timeline over HTTP.
use crate::{
    model::{EntradaHistorial, Filtro, merge},
    store,
};
use jiff::Timestamp;
use kernel::{Ctx, Json, Page, Path, Problem, Query, Tx, ids::MascotaId, page, permission::VerHistorial};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Qué parte del historial.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Busqueda {
    /// Solo entradas de estas clases, separadas por comas: `ficha`, `peso`, `cita`, `antecedente`, `vacuna`,
    /// `desparasitacion`, `problema`, `alergia`, `tratamiento`.
    tipos: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Historial de una mascota, lo más reciente primero.
///
/// Reúne su ficha, sus tutores, sus pesos, sus citas en las sedes que usted ve, sus vacunas, desparasitaciones, problemas,
/// alergias y tratamientos, y las visitas anteriores que contó otro sistema. Lo que se anuló sigue aquí, con su motivo.
#[utoipa::path(
    get, path = "/pacientes/{id}/historial", tag = "historias", extensions(("x-permiso" = json!("historial.ver"))),
    params(("id" = MascotaId, Path), Busqueda), responses((status = 200, body = Page<EntradaHistorial>), (status = "4XX", body = Problem))
)]
pub async fn historial(
    ctx: Ctx<VerHistorial>,
    Path(id): Path<MascotaId>,
    Query(busqueda): Query<Busqueda>,
) -> Result<Json<Page<EntradaHistorial>>, Problem> {
    let filtro = Filtro::read(busqueda.tipos.as_deref())?;
    let (before, limit) = page::read::<(Timestamp, Uuid)>(busqueda.cursor.as_deref(), busqueda.limite)?;
    let mut tx = ctx.begin_read().await?;
    let registros = pacientes::con_las_fusionadas(&mut tx, id).await?;
    if !registros.contains(&id) {
        return Err(pacientes::mascota_ausente(&mut tx, id).await?);
    }
    let lists = read(&mut tx, (id, &registros), &filtro, before, limit + 1).await?;
    let page = Page::from_rows(merge(lists, limit as usize + 1), limit as usize, EntradaHistorial::place);
    ctx.read_audit("mascota", [id.into()]);
    ctx.read_audit("tutor", page.items.iter().filter_map(EntradaHistorial::tutor).map(Into::into));
    ctx.read_audit("cita", page.items.iter().filter_map(EntradaHistorial::cita).map(Into::into));
    Ok(Json(page))
}

/// One statement for each source that is asked for.
async fn read(
    tx: &mut Tx,
    (id, registros): (MascotaId, &[MascotaId]),
    filtro: &Filtro,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Vec<EntradaHistorial>>, Problem> {
    let mut lists: Vec<Vec<EntradaHistorial>> = Vec::with_capacity(4);
    if let Some(parte) = filtro.paciente {
        lists.push(pacientes::historial(tx, id, parte, before, limit).await?.into_iter().map(Into::into).collect());
    }
    if filtro.citas {
        lists.push(citas::historial(tx, id, before, limit).await?.into_iter().map(Into::into).collect());
    }
    if filtro.antecedentes {
        lists.push(store::historial::antecedentes(tx, registros, before, limit).await?.into_iter().map(Into::into).collect());
    }
    if !filtro.clinicos.is_empty() {
        lists.push(store::clinicos::list(tx, registros, &filtro.clinicos, before, limit).await?.into_iter().map(Into::into).collect());
    }
    Ok(lists)
}
