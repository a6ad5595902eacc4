//! Weights.
use crate::{
    model::{self, CurvaDePeso, NuevoPeso, Peso, hoy, problemas::PESO_ANULADO},
    store::{self, pesos::Pesaje},
};
use axum::{http::StatusCode, response::Response};
use jiff::Timestamp;
use kernel::{
    Begun, Change, Ctx, Event, FieldError, Json, Once, Page, Path, Problem, Query,
    ids::{MascotaId, PesoId},
    page::Pagina,
    permission::{RegistrarPesos, VerPacientes},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// A curve of more points than a pet is weighed.
const PUNTOS: i64 = 1_000;

/// Pesos de una mascota, el más reciente primero. Los anulados solo se ven en el historial.
#[utoipa::path(
    get, path = "/pacientes/{id}/pesos", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path), Pagina), responses((status = 200, body = Page<Peso>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<VerPacientes>, Path(id): Path<MascotaId>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Peso>>, Problem> {
    let (before, limit) = pagina.read::<(Timestamp, PesoId)>()?;
    let mut tx = ctx.begin_read().await?;
    if !store::mascotas::exists(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let rows = store::pesos::list(&mut tx, id, before, limit + 1).await?;
    ctx.read_audit("mascota", [id.into()]);
    Ok(Json(Page::from_rows(rows, limit as usize, |peso| (peso.pesado_en, peso.id))))
}

/// La curva de peso de una mascota: sus últimos mil pesos con la edad de entonces y cuánto cambió cada vez.
#[utoipa::path(
    get, path = "/pacientes/{id}/pesos/curva", tag = "pacientes", operation_id = "curva_de_peso", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path)), responses((status = 200, body = CurvaDePeso), (status = "4XX", body = Problem))
)]
pub async fn curva(ctx: Ctx<VerPacientes>, Path(id): Path<MascotaId>) -> Result<Json<CurvaDePeso>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let mascota = store::mascotas::brief(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let pesos = store::pesos::list(&mut tx, id, None, PUNTOS).await?;
    ctx.read_audit("mascota", [id.into()]);
    Ok(Json(CurvaDePeso::new(mascota, pesos)))
}

/// Anota el peso de una mascota.
///
/// Uno que no es de su especie, o que cambia mucho desde el anterior, responde 409 `peso-por-confirmar` con los `motivos`.
#[utoipa::path(
    post, path = "/pacientes/{id}/pesos", tag = "pacientes", extensions(("x-permiso" = json!("peso.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoPeso,
    responses((status = 201, body = Peso), (status = "4XX", body = Problem))
)]
pub async fn anotar(ctx: Ctx<RegistrarPesos>, Path(id): Path<MascotaId>, once: Once<NuevoPeso>) -> Result<Response, Problem> {
    let nuevo = &once.body;
    nuevo.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let mascota = store::mascotas::hold(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let en = nuevo.pesado_en.unwrap_or(ctx.now);
    let mut errors = nuevo.check(ctx.now);
    let imposible = mascota.imposible(hoy(en), hoy(ctx.now)).filter(|_| errors.is_empty());
    errors.extend(imposible.map(|detail| FieldError::new("/pesado_en", detail)));
    Problem::check(errors)?;
    let anterior = store::pesos::list(&mut tx, id, Some((en, PesoId(uuid::Uuid::max()))), 1).await?.pop().map(|peso| peso.kg);
    nuevo.unless_odd(&mascota, hoy(en), anterior)?;
    let pesaje = Pesaje { gramos: model::grams(nuevo.kg), sede: nuevo.sede_id, condicion: nuevo.condicion, confirmado: nuevo.confirmar };
    let peso = store::pesos::insert(&mut tx, id, en, pesaje).await?;
    let change = Change::new("pesar", "mascota", id).despues(json!({ "kg": peso.kg, "pesado_en": peso.pesado_en }));
    tx.audit(nuevo.sede_id.into_iter().fold(change, Change::sede));
    tx.publish(Event::new("mascota.pesada", json!({ "mascota_id": id, "peso_id": peso.id })));
    tx.commit_created(&peso).await
}

/// Por qué se anula.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Anulacion {
    #[param(min_length = 1, max_length = 500)]
    motivo: String,
}

/// Anula un peso que se anotó mal: queda en el historial con su motivo y ya no cuenta.
#[utoipa::path(
    delete, path = "/pacientes/{id}/pesos/{peso}", tag = "pacientes", operation_id = "anular_peso", extensions(("x-permiso" = json!("peso.registrar"))),
    params(("id" = MascotaId, Path), ("peso" = PesoId, Path), Anulacion), responses((status = 204), (status = "4XX", body = Problem))
)]
pub async fn anular(
    ctx: Ctx<RegistrarPesos>,
    Path((id, peso)): Path<(MascotaId, PesoId)>,
    Query(anulacion): Query<Anulacion>,
) -> Result<StatusCode, Problem> {
    let motivo = kernel::text::reason(&anulacion.motivo).ok_or_else(|| Problem::field("?motivo", "debe tener de 1 a 500 caracteres"))?;
    let mut tx = ctx.begin().await?;
    store::mascotas::hold(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let (antes, anulado) = store::pesos::lock(&mut tx, id, peso).await?.ok_or_else(Problem::not_found)?;
    if anulado {
        return Err(Problem::new(PESO_ANULADO));
    }
    antes.sede_id.map_or(Ok(()), |sede| ctx.in_sede(sede))?;
    store::pesos::annul(&mut tx, peso, &motivo).await?;
    let change = Change::new("anular_peso", "mascota", id);
    tx.audit(change.antes(json!({ "kg": antes.kg, "pesado_en": antes.pesado_en })).despues(json!({ "motivo": motivo })));
    tx.publish(Event::new("mascota.peso_anulado", json!({ "mascota_id": id, "peso_id": peso })));
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
