//! Letters that were sent, or were to be.
use crate::{
    model::{EstadoMensaje, Mensaje, Tipo},
    store::mensajes as store,
};
use kernel::{
    Ctx, Json, Page, Problem, Query,
    ids::{CitaId, TutorId},
    page,
    permission::VerMensajes,
};
use serde::Deserialize;
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
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los correos a los tutores y cómo les fue, del más reciente al más antiguo. Se recuerdan 180 días; lo que decían no se guarda.
#[utoipa::path(get, path = "/mensajes", tag = "correos", operation_id = "listar_mensajes", params(FiltroMensajes),
    extensions(("x-permiso" = json!("mensaje.ver"))), responses((status = 200, body = Page<Mensaje>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerMensajes>, Query(filtro): Query<FiltroMensajes>) -> Result<Json<Page<Mensaje>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let FiltroMensajes { estado, tipo, cita_id: cita, tutor_id: tutor, .. } = filtro;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, store::Filter { estado, tipo, cita, tutor, after }, limit + 1).await?;
    ctx.read_audit("tutor", rows.iter().filter_map(|mensaje| mensaje.tutor_id).map(Into::into));
    Ok(Json(Page::from_rows(rows, limit as usize, |mensaje| (mensaje.creado_en, mensaje.id))))
}
