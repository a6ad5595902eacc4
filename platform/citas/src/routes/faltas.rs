//! Owners who do not come, and how the chain keeps its agenda.
use crate::{
    model::{AjustesCitas, CambioAjustesCitas, Falta},
    store,
};
use jiff::Timestamp;
use kernel::{
    Change, Ctx, IfMatch, Json, Page, Path, Problem, Query, Versioned,
    ids::TutorId,
    page::Pagina,
    permission::{ConfigurarCadena, VerCitas},
};
use uuid::Uuid;

/// Citas que un tutor perdió en la cadena: no asistió o las anuló tarde. Las últimas primero.
#[utoipa::path(get, path = "/tutores/{id}/faltas", tag = "citas", params(("id" = TutorId, Path), Pagina), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Page<Falta>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Path(id): Path<TutorId>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Falta>>, Problem> {
    let (after, limit) = pagina.read::<(Timestamp, Uuid)>()?;
    let mut tx = ctx.begin_read().await?;
    if !store::hay_tutor(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let rows = store::faltas(&mut tx, id, after, limit + 1).await?;
    ctx.read_audit("tutor", [id.into()]);
    let Page { items, siguiente } = Page::from_rows(rows, limit as usize, |(clave, falta)| (falta.en, *clave));
    Ok(Json(Page { items: items.into_iter().map(|(_, falta)| falta).collect(), siguiente }))
}

/// Devuelve cómo lleva la cadena su agenda: aviso para anular, faltas y pago previo.
#[utoipa::path(get, path = "/ajustes/citas", tag = "agenda", extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = AjustesCitas), (status = "4XX", body = Problem)))]
pub async fn ver_ajustes(ctx: Ctx<VerCitas>) -> Result<Versioned<AjustesCitas>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(store::ajustes(&mut tx).await?))
}

/// Cambia cómo lleva la cadena su agenda. Las faltas ya anotadas quedan.
#[utoipa::path(put, path = "/ajustes/citas", tag = "agenda", extensions(("x-permiso" = json!("cadena.configurar"))),
    request_body = CambioAjustesCitas, responses((status = 200, body = AjustesCitas), (status = "4XX", body = Problem)))]
pub async fn cambiar_ajustes(
    ctx: Ctx<ConfigurarCadena>,
    if_match: IfMatch,
    Json(cambio): Json<CambioAjustesCitas>,
) -> Result<Versioned<AjustesCitas>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold_ajustes(&mut tx).await?;
    let antes = store::ajustes(&mut tx).await?;
    if_match.check(antes.version)?;
    store::put_ajustes(&mut tx, &cambio).await?;
    let despues = store::ajustes(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_citas", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
