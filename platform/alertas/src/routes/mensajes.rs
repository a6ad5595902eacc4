//! Letters that were sent, or were to be.
use crate::{
    canales::EstadoEntrega,
    enviar,
    model::{
        EstadoMensaje, Mensaje, Reenvio, Tipo,
        problemas::{MENSAJE_EN_CAMINO, MENSAJE_SIN_DATOS},
    },
    store::mensajes as store,
};
use kernel::{
    Change, Ctx, Json, Page, Path, Problem, Query, Tx,
    ids::{CitaId, MensajeId, TutorId},
    page,
    permission::{ReenviarMensajes, VerMensajes},
};
use pacientes::Medio;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroMensajes {
    #[param(inline)]
    estado: Option<EstadoMensaje>,
    #[param(inline)]
    tipo: Option<Tipo>,
    cita_id: Option<CitaId>,
    tutor_id: Option<TutorId>,
    /// El último canal por el que se intentó.
    #[param(inline)]
    canal: Option<Medio>,
    /// Lo último que dijo el proveedor.
    #[param(inline)]
    entrega: Option<EstadoEntrega>,
    /// `true`: solo recordatorios que salieron y tras los que no se reservó ninguna cita.
    sin_cita: Option<bool>,
    /// Si alguien del mostrador se ocupó.
    atendido: Option<bool>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los mensajes a los tutores y cómo les fue, del más reciente al más antiguo. Se recuerdan 180 días; lo que decían no se guarda.
#[utoipa::path(get, path = "/mensajes", tag = "correos", operation_id = "listar_mensajes", params(FiltroMensajes),
    extensions(("x-permiso" = json!("mensaje.ver"))), responses((status = 200, body = Page<Mensaje>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerMensajes>, Query(filtro): Query<FiltroMensajes>) -> Result<Json<Page<Mensaje>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let FiltroMensajes { estado, tipo, cita_id: cita, tutor_id: tutor, canal, entrega, sin_cita, atendido, .. } = filtro;
    let filter = store::Filter { id: None, estado, tipo, cita, tutor, canal, entrega, sin_cita, atendido, after };
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, filter, limit + 1).await?;
    ctx.read_audit("tutor", rows.iter().filter_map(|mensaje| mensaje.tutor_id).map(Into::into));
    Ok(Json(Page::from_rows(rows, limit as usize, |mensaje| (mensaje.creado_en, mensaje.id))))
}

/// Vuelve a enviar un mensaje, por un canal o por los de siempre desde el primero. Lo que decía se escribe de nuevo con lo que sea cierto
/// entonces; lo que ya no haga falta se omite.
#[utoipa::path(post, path = "/mensajes/{id}/reenviar", tag = "correos", operation_id = "reenviar_mensaje", params(("id" = MensajeId, Path)),
    extensions(("x-permiso" = json!("mensaje.reenviar"))), request_body = Reenvio,
    responses((status = 200, body = Mensaje), (status = "4XX", body = Problem)))]
pub async fn reenviar(
    ctx: Ctx<ReenviarMensajes>,
    Path(id): Path<MensajeId>,
    Json(reenvio): Json<Reenvio>,
) -> Result<Json<Mensaje>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = leer(&mut tx, id).await?;
    if antes.estado == EstadoMensaje::Pendiente {
        return Err(Problem::new(MENSAJE_EN_CAMINO));
    }
    if !store::repeatable(&mut tx, id).await? {
        return Err(Problem::new(MENSAJE_SIN_DATOS));
    }
    store::new_round(&mut tx, id).await?;
    enviar::pedir(&mut tx, id, reenvio.canal).await?;
    tx.audit(Change::new("reenviar", "mensaje", id).antes(json!({ "estado": antes.estado })).despues(json!({ "canal": reenvio.canal })));
    let despues = leer(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(despues))
}

/// Alguien del mostrador se ocupó de un mensaje que falló o tras el que nadie reservó. Dos veces lo mismo lo anota una vez.
#[utoipa::path(post, path = "/mensajes/{id}/atender", tag = "correos", operation_id = "atender_mensaje", params(("id" = MensajeId, Path)),
    extensions(("x-permiso" = json!("mensaje.reenviar"))), responses((status = 200, body = Mensaje), (status = "4XX", body = Problem)))]
pub async fn atender(ctx: Ctx<ReenviarMensajes>, Path(id): Path<MensajeId>) -> Result<Json<Mensaje>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = leer(&mut tx, id).await?;
    if antes.atendido_en.is_some() {
        return Ok(Json(antes));
    }
    store::attend(&mut tx, id).await?;
    tx.audit(Change::new("atender", "mensaje", id));
    let despues = leer(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(despues))
}

async fn leer(tx: &mut Tx, id: MensajeId) -> Result<Mensaje, Problem> {
    store::lock(tx, id).await?.ok_or_else(Problem::not_found)
}
