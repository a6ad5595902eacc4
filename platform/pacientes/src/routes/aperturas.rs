//! Opening a patient of another sede in an emergency, and looking afterwards whether it was one.
use crate::{
    model::{Apertura, NuevaApertura, Revision, problemas::PACIENTE_RESTRINGIDO},
    store::{self, aperturas, visibilidad},
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::MascotaId,
    page,
    permission::{AbrirPorEmergencia, RevisarAperturas},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Abre por emergencia la ficha de un paciente de otra sede, por las horas que dice la cadena y solo para quien la abre.
///
/// Queda en la auditoría, en lo que el tutor puede pedir sobre quién vio sus datos, y en la lista que revisa la cadena.
#[utoipa::path(
    post, path = "/pacientes/{id}/aperturas", tag = "privacidad", extensions(("x-permiso" = json!("paciente.abrir"))),
    params(("id" = MascotaId, Path)), request_body = NuevaApertura, responses((status = 201, body = Apertura), (status = "4XX", body = Problem))
)]
pub async fn abrir(ctx: Ctx<AbrirPorEmergencia>, Path(id): Path<MascotaId>, once: Once<NuevaApertura>) -> Result<Response, Problem> {
    ctx.usuario()?;
    ctx.in_sede(once.body.sede_id)?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let apertura = open(&mut tx, id, &once.body).await?;
    tx.commit_created(&apertura).await
}

async fn open(tx: &mut Tx, id: MascotaId, nueva: &NuevaApertura) -> Result<Apertura, Problem> {
    if visibilidad::in_short(tx, &[id]).await?.is_empty() {
        return Err(Problem::not_found());
    }
    let visible = store::mascotas::exists(tx, id).await?;
    let vence_en = visibilidad::get(tx).await?.abrir(visible, tx.now())?;
    let apertura = aperturas::insert(tx, id, nueva, vence_en).await?;
    tx.audit(Change::new("abrir", "mascota", id).sede(nueva.sede_id).despues(json!({ "apertura_id": apertura, "vence_en": vence_en })));
    tx.publish(Event::new("mascota.abierta", json!({ "mascota_id": id, "apertura_id": apertura, "usuario_id": tx.author() })));
    aperturas::find(tx, apertura).await?.ok_or_else(Problem::not_found)
}

/// En qué están las aperturas.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoRevision {
    Pendiente,
    Revisada,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListaAperturas {
    /// Solo las que nadie revisó todavía, o solo las revisadas.
    #[param(inline)]
    revision: Option<EstadoRevision>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las fichas que se abrieron por emergencia, las últimas primero.
#[utoipa::path(
    get, path = "/aperturas", tag = "privacidad", extensions(("x-permiso" = json!("apertura.revisar"))), params(ListaAperturas),
    responses((status = 200, body = Page<Apertura>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<RevisarAperturas>, Query(lista): Query<ListaAperturas>) -> Result<Json<Page<Apertura>>, Problem> {
    let (before, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let revisadas = lista.revision.map(|estado| matches!(estado, EstadoRevision::Revisada));
    let rows = aperturas::list(&mut tx, revisadas, before, limit + 1).await?;
    let page = Page::from_rows(rows, limit as usize, |apertura| apertura.id);
    ctx.read_audit("mascota", page.items.iter().map(|apertura| apertura.mascota_id.into()));
    Ok(Json(page))
}

/// Devuelve una apertura.
#[utoipa::path(
    get, path = "/aperturas/{id}", tag = "privacidad", extensions(("x-permiso" = json!("apertura.revisar"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Apertura), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<RevisarAperturas>, Path(id): Path<Uuid>) -> Result<Versioned<Apertura>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let apertura = aperturas::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("mascota", [apertura.mascota_id.into()]);
    Ok(Versioned(apertura))
}

/// Revisa una apertura de otra persona. Una injustificada se cierra en el acto.
#[utoipa::path(
    put, path = "/aperturas/{id}/revision", tag = "privacidad", extensions(("x-permiso" = json!("apertura.revisar"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Revision,
    responses((status = 200, body = Apertura), (status = "4XX", body = Problem))
)]
pub async fn revisar(
    ctx: Ctx<RevisarAperturas>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(revision): Json<Revision>,
) -> Result<Versioned<Apertura>, Problem> {
    let por = ctx.usuario()?;
    let mut tx = ctx.begin().await?;
    aperturas::hold(&mut tx, id).await?;
    let mut apertura = aperturas::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(apertura.version)?;
    apertura.revisar(revision, por, ctx.now)?;
    aperturas::save_review(&mut tx, &apertura).await?;
    tx.audit(Change::new("revisar", "apertura", id).despues(json!({ "dictamen": apertura.dictamen })));
    let apertura = aperturas::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(Versioned(apertura))
}

/// What to answer about a pet that was not found: that it is another sede's is no secret to who may search.
pub async fn missing(tx: &mut Tx, id: MascotaId) -> Result<Problem, Problem> {
    if !tx.who().is_restricted() || visibilidad::in_short(tx, &[id]).await?.is_empty() {
        return Ok(Problem::not_found());
    }
    Ok(Problem::new(PACIENTE_RESTRINGIDO).detail("Si es una emergencia, ábralo con un motivo."))
}
