//! Holidays: those of everybody, and those that the chain adds for a region or for all of its sedes.
use super::plan::Rango;
use crate::{
    abrir,
    model::{Feriado, NuevoFeriado, problemas},
    store,
};
use axum::{http::StatusCode, response::Response};
use kernel::{
    Begun, Change, Ctx, Json, Once, Path, Problem, Query, Tx,
    ids::FeriadoId,
    permission::{ConfigurarAgenda, VerCitas},
};

/// Feriados nacionales y regionales, y los que agregó la cadena.
#[utoipa::path(get, path = "/feriados", tag = "agenda", operation_id = "ver_feriados", params(Rango), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Vec<Feriado>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(rango): Query<Rango>) -> Result<Json<Vec<Feriado>>, Problem> {
    let (desde, hasta) = rango.ends()?;
    let mut tx = ctx.begin_read().await?;
    Ok(Json(store::feriados(&mut tx, desde, hasta).await?))
}

/// Agrega un feriado de una región o de todas las sedes. Las citas ya reservadas quedan.
///
/// Se necesita el permiso en todas las sedes que están en su ámbito. No cuenta para los plazos de ley: esos siguen a los feriados de la
/// plataforma.
#[utoipa::path(post, path = "/feriados", tag = "agenda", operation_id = "crear_feriado", extensions(("x-permiso" = json!("agenda.configurar"))),
    request_body = NuevoFeriado, responses((status = 201, body = Feriado), (status = "4XX", body = Problem)))]
pub async fn crear(ctx: Ctx<ConfigurarAgenda>, nuevo: Once<NuevoFeriado>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&nuevo).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let (id, nuevo) = (FeriadoId::new(), nuevo.body);
    permitido(&ctx, &mut tx, &nuevo.ambito).await?;
    if let Some(ya) = store::feriado_de_la_plataforma(&mut tx, nuevo.fecha, &nuevo.ambito).await? {
        return Err(Problem::new(problemas::FERIADO_REPETIDO).detail(format!("Ya es {}.", ya.descrito())));
    }
    if !store::insert_feriado(&mut tx, id, &nuevo).await? {
        return Err(Problem::new(problemas::FERIADO_REPETIDO).detail("La cadena ya tiene un feriado ese día ahí."));
    }
    let feriado = nuevo.con(id);
    tx.audit(Change::new("crear", "feriado", id).despues(&feriado));
    abrir::feriado_creado(&mut tx, &feriado);
    tx.commit_created(&feriado).await
}

/// Quita un feriado que agregó la cadena.
#[utoipa::path(delete, path = "/feriados/{id}", tag = "agenda", operation_id = "quitar_feriado", params(("id" = FeriadoId, Path)),
    extensions(("x-permiso" = json!("agenda.configurar"))), responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn quitar(ctx: Ctx<ConfigurarAgenda>, Path(id): Path<FeriadoId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let feriado = store::lock_feriado(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    permitido(&ctx, &mut tx, &feriado.ambito).await?;
    store::delete_feriado(&mut tx, id).await?;
    tx.audit(Change::new("quitar", "feriado", id).antes(&feriado));
    abrir::feriado_quitado(&mut tx, &feriado).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 403 unless the caller administers every sede that lies there; where none does, the whole chain.
async fn permitido(ctx: &Ctx<ConfigurarAgenda>, tx: &mut Tx, ambito: &str) -> Result<(), Problem> {
    let sedes = store::sedes_en(tx, ambito).await?;
    if sedes.is_empty() { ctx.in_cadena() } else { sedes.into_iter().try_for_each(|sede| ctx.in_sede(sede)) }
}
