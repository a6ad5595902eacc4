//! What rules say, and which of them did not run.
use crate::{
    medicas::sin_guardar,
    model::{
        medicas::{Alerta, AlertaDeLista, AlertasDeMascota, CierreMotivo, Detenida, EstadoAlertas},
        problemas::{ALERTA_CERRADA, ALERTA_NO_DESCARTADA},
    },
    puertos::{DeReglas, Gravedad},
    store::medicas::{alertas as store, asentar, detenidas, pasadas},
};
use axum::Extension;
use jiff::civil::Date;
use kernel::{
    Change, Ctx, Event, FieldError, Json, Page, Path, Problem, Query, Tx,
    ids::{AlertaId, MascotaId, SedeId},
    page,
    permission::{DescartarAlertas, VerAlertas},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeMascota {
    /// `true`: también las cerradas, hasta 200, la última primero.
    cerradas: Option<bool>,
}

/// Las alertas médicas de una mascota: qué regla las dio, por qué, con qué hechos y para cuándo.
///
/// `reglas_que_no_corrieron` dice de qué reglas no se sabe qué dirían: muéstrelas siempre, también si no hay alertas.
#[utoipa::path(get, path = "/pacientes/{id}/alertas", tag = "alertas", operation_id = "alertas_de_mascota", extensions(("x-permiso" = json!("alerta.ver")), ("x-lista" = json!("/alertas"))),
    params(("id" = MascotaId, Path), DeMascota), responses((status = 200, body = AlertasDeMascota), (status = "4XX", body = Problem)))]
pub async fn de_mascota(
    ctx: Ctx<VerAlertas>,
    Path(id): Path<MascotaId>,
    Query(filtro): Query<DeMascota>,
    Extension(reglas): Extension<DeReglas>,
) -> Result<Json<AlertasDeMascota>, Problem> {
    let unsaved = sin_guardar(&reglas, ctx.tenant, ctx.now).await;
    let mut tx = ctx.begin_read().await?;
    let registros = pacientes::con_las_fusionadas(&mut tx, id).await?;
    if !registros.contains(&id) {
        return Err(pacientes::mascota_ausente(&mut tx, id).await?);
    }
    let mut alertas = store::abiertas(&mut tx, id).await?;
    if filtro.cerradas == Some(true) {
        alertas.extend(store::cerradas(&mut tx, &registros).await?);
    }
    let reglas_que_no_corrieron = juntas(detenidas::de_personas(&mut tx, Some(&[id])).await?, unsaved);
    ctx.read_audit("mascota", [id.into()]);
    Ok(Json(AlertasDeMascota { alertas, reglas_que_no_corrieron }))
}

/// What is kept knows since when.
fn juntas(mut kept: Vec<Detenida>, unsaved: Vec<Detenida>) -> Vec<Detenida> {
    kept.retain(|one| one.mascotas.is_none() || unsaved.iter().all(|new| new.complemento != one.complemento));
    let new = unsaved.into_iter().filter(|new| kept.iter().all(|one| one.complemento != new.complemento)).collect::<Vec<_>>();
    kept.extend(new);
    kept
}

/// Qué reglas no corrieron y desde cuándo, y cuánto lleva el recorrido de la noche. Si la lista está vacía, corrieron todas.
#[utoipa::path(get, path = "/alertas/estado", tag = "alertas", operation_id = "estado_de_alertas", extensions(("x-permiso" = json!("alerta.ver"))),
    responses((status = 200, body = EstadoAlertas), (status = "4XX", body = Problem)))]
pub async fn estado(ctx: Ctx<VerAlertas>, Extension(reglas): Extension<DeReglas>) -> Result<Json<EstadoAlertas>, Problem> {
    let unsaved = sin_guardar(&reglas, ctx.tenant, ctx.now).await;
    let mut tx = ctx.begin_read().await?;
    let reglas_que_no_corrieron = juntas(detenidas::de_personas(&mut tx, None).await?, unsaved);
    let (pasada, proxima) = (pasadas::ultima(&mut tx).await?, pasadas::proxima(&mut tx).await?);
    Ok(Json(EstadoAlertas { reglas_que_no_corrieron, pasada, proxima }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroAlertas {
    #[param(inline)]
    gravedad: Option<Gravedad>,
    /// Solo las de este complemento.
    complemento: Option<String>,
    /// Solo las de esta regla, como `vacunas.rabia`.
    regla: Option<String>,
    /// Solo las de mascotas que se conocen en esta sede.
    sede_id: Option<SedeId>,
    /// Solo las que vencen este día o después.
    vence_desde: Option<Date>,
    /// Solo las que vencen este día o antes.
    vence_hasta: Option<Date>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las alertas abiertas, lo que vence antes primero y lo que no tiene fecha al final. Qué reglas no corrieron lo dice `/alertas/estado`.
#[utoipa::path(get, path = "/alertas", tag = "alertas", operation_id = "listar_alertas", params(FiltroAlertas),
    extensions(("x-permiso" = json!("alerta.ver"))), responses((status = 200, body = Page<AlertaDeLista>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerAlertas>, Query(filtro): Query<FiltroAlertas>) -> Result<Json<Page<AlertaDeLista>>, Problem> {
    let (after, limit) = page::read::<(Date, Uuid)>(filtro.cursor.as_deref(), filtro.limite)?;
    if let Some(sede) = filtro.sede_id {
        ctx.in_sede(sede)?;
    }
    let FiltroAlertas { gravedad, complemento, regla, sede_id: sede, vence_desde, vence_hasta, .. } = filtro;
    let mut tx = ctx.begin_read().await?;
    let filtro = store::Filtro { gravedad, complemento, regla, sede, vence_desde, vence_hasta, after };
    let rows = store::lista(&mut tx, filtro, limit + 1).await?;
    ctx.read_audit("mascota", rows.iter().map(|alerta| alerta.mascota_id.into()));
    Ok(Json(Page::from_rows(rows, limit as usize, |alerta| (alerta.vence.unwrap_or(jiff::civil::date(9999, 12, 31)), alerta.id))))
}

/// Por qué se descarta una alerta, y hasta cuándo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoDescarte {
    #[schema(min_length = 3, max_length = 500, format = "texto")]
    pub motivo: String,
    /// Desde este día vuelve, si la regla la sigue dando; sin él, cuando cambien sus hechos.
    pub hasta: Option<Date>,
}

/// Descarta una alerta abierta. No vuelve hasta ese día, o hasta que cambien los hechos en que se apoya.
#[utoipa::path(post, path = "/alertas/{id}/descartar", tag = "alertas", operation_id = "descartar_alerta", params(("id" = AlertaId, Path)),
    extensions(("x-permiso" = json!("alerta.descartar"))), request_body = NuevoDescarte,
    responses((status = 200, body = Alerta), (status = "4XX", body = Problem)))]
pub async fn descartar(
    ctx: Ctx<DescartarAlertas>,
    Path(id): Path<AlertaId>,
    Json(descarte): Json<NuevoDescarte>,
) -> Result<Json<Alerta>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = held(&mut tx, id).await?;
    if antes.cerrada_en.is_some() {
        return Err(Problem::new(ALERTA_CERRADA));
    }
    let hoy = asentar::zona(&mut tx).await?.to_datetime(ctx.now).date();
    if descarte.hasta.is_some_and(|hasta| hasta <= hoy) {
        return Err(Problem::invalid(vec![FieldError::new("/hasta", "debe ser un día por venir")]));
    }
    store::descartar(&mut tx, id, &descarte.motivo, descarte.hasta).await?;
    changed(tx, "descartar", &antes).await
}

/// Reabre una alerta que se descartó, mientras nada haya cambiado desde entonces.
#[utoipa::path(post, path = "/alertas/{id}/reabrir", tag = "alertas", operation_id = "reabrir_alerta", params(("id" = AlertaId, Path)),
    extensions(("x-permiso" = json!("alerta.descartar"))), responses((status = 200, body = Alerta), (status = "4XX", body = Problem)))]
pub async fn reabrir(ctx: Ctx<DescartarAlertas>, Path(id): Path<AlertaId>) -> Result<Json<Alerta>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = held(&mut tx, id).await?;
    let stands = antes.descarte.as_ref().is_some_and(|descarte| descarte.vigente);
    if antes.cerrada_motivo != Some(CierreMotivo::Descartada) || !stands || store::tiene_otra(&mut tx, &antes).await? {
        return Err(Problem::new(ALERTA_NO_DESCARTADA));
    }
    store::reabrir(&mut tx, id).await?;
    changed(tx, "reabrir", &antes).await
}

/// The alert, which no evaluation changes meanwhile.
async fn held(tx: &mut Tx, id: AlertaId) -> Result<Alerta, Problem> {
    asentar::hold(tx).await?;
    store::una(tx, id).await?.ok_or_else(Problem::not_found)
}

async fn changed(mut tx: Tx, accion: &'static str, antes: &Alerta) -> Result<Json<Alerta>, Problem> {
    let despues = store::una(&mut tx, antes.id).await?.ok_or_else(Problem::not_found)?;
    let told = |alerta: &Alerta| json!({ "mascota_id": alerta.mascota_id, "regla": alerta.regla, "titulo": alerta.titulo, "descarte": alerta.descarte });
    tx.audit(Change::new(accion, "alerta", antes.id).antes(told(antes)).despues(told(&despues)));
    tx.publish(Event::new("alerta.cambiada", json!({ "mascota_id": antes.mascota_id })));
    tx.commit().await?;
    Ok(Json(despues))
}
