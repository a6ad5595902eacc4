//! One appointment.
use super::Reintentos;
use crate::{
    cambiar as cambios,
    facultad::Facultad,
    model::{Alcance, AnuladaPor, CambioCita, Cita, Estado, NuevaCita},
    primero, reservar as reserva,
    serie::{self, Baja},
    store,
};
use axum::response::Response;
use kernel::{
    Begun, Ctx, IfMatch, Json, Once, Path, Problem, Query, Versioned,
    ids::CitaId,
    permission::{self, AnularCitas, AtenderCitas, MoverCitas, ReservarCitas, VerCitas},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Reserva una cita.
///
/// Toma médico (o cualquiera), ambiente y equipo según el servicio. Si algo está ocupado responde 409 con
/// todos los conflictos; si la agenda no admite la hora, 422 con todos los impedimentos y conflictos. En ambos,
/// `autorizable` dice si con un sobrecupo se podría.
#[utoipa::path(post, path = "/citas/reservar", tag = "citas", extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = NuevaCita, responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn reservar(ctx: Ctx<ReservarCitas>, nueva: Once<NuevaCita>) -> Result<Response, Problem> {
    ctx.in_sede(nueva.body.sede_id)?;
    if nueva.body.sobrecupo {
        Facultad::from(&ctx).autorizar(nueva.body.sede_id)?;
    }
    let _primero = primero::pedir(ctx.app(), ctx.tenant, nueva.body.medico_id, nueva.body.inicio).await;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&nueva).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        // After the look for an earlier answer: a repetition may come when the time itself has passed.
        nueva.body.check(ctx.now)?;
        match reserva::reservar(&mut tx, nueva.body.clone()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => return tx.commit_created(&cita).await,
        }
    }
}

/// Devuelve una cita.
#[utoipa::path(get, path = "/citas/{id}", tag = "citas", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Cita), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<CitaId>) -> Result<Versioned<Cita>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let cita = store::find(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.note_sede(cita.sede_id);
    ctx.read_audit("cita", [id.into()]);
    Ok(Versioned(cita))
}

/// A qué citas alcanza.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlcanceCambio {
    /// Si la cita es de una serie: `esta` (por defecto), `siguientes` o `todas` las que todavía no empiezan.
    #[param(inline)]
    pub alcance: Option<Alcance>,
}

/// Mueve o cambia una cita, o con ella su serie. Las de otros médicos requieren además el permiso cita.ajenas.
///
/// Las demás de la serie pasan al mismo médico, servicio y motivo y se corren lo mismo, en la hora de la sede; su estado
/// queda. O se cambian todas, o ninguna: 409 con las que no se pueden cambiar.
#[utoipa::path(put, path = "/citas/{id}", tag = "citas", params(("id" = CitaId, Path), AlcanceCambio), extensions(("x-permiso" = json!("cita.mover"))),
    request_body = CambioCita, responses((status = 200, body = Cita), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<MoverCitas>,
    Path(id): Path<CitaId>,
    Query(AlcanceCambio { alcance }): Query<AlcanceCambio>,
    if_match: IfMatch,
    Json(cambio): Json<CambioCita>,
) -> Result<Versioned<Cita>, Problem> {
    ctx.in_sede(cambio.sede_id)?;
    if cambio.estado.is_some() && !permission::holds::<AtenderCitas>(ctx.access(), cambio.sede_id) {
        return Err(Problem::forbidden().detail("Cambiar el estado requiere el permiso cita.atender."));
    }
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = ctx.begin().await?;
        let done = match alcance.unwrap_or_default() {
            Alcance::Esta => cambios::cambiar(&mut tx, id, if_match, &cambio, (&ctx).into()).await,
            alcance => serie::cambiar(&mut tx, id, if_match, &cambio, (&ctx).into(), alcance).await,
        };
        match done {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => return tx.commit().await.map(|()| Versioned(cita)),
        }
    }
}

/// Un cambio de estado.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioEstado {
    pub estado: Estado,
}

/// Pasa una cita a otro estado: llegada, consulta, cobro. Las de otros médicos requieren además el permiso cita.ajenas.
#[utoipa::path(put, path = "/citas/{id}/estado", tag = "citas", params(("id" = CitaId, Path)), extensions(("x-permiso" = json!("cita.atender"))),
    request_body = CambioEstado, responses((status = 200, body = Cita), (status = "4XX", body = Problem)))]
pub async fn cambiar_estado(
    ctx: Ctx<AtenderCitas>,
    Path(id): Path<CitaId>,
    if_match: IfMatch,
    Json(cambio): Json<CambioEstado>,
) -> Result<Versioned<Cita>, Problem> {
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = ctx.begin().await?;
        match cambios::pasar_a(&mut tx, id, if_match, cambio.estado, (&ctx).into()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => {
                ctx.note_sede(cita.sede_id);
                return tx.commit().await.map(|()| Versioned(cita));
            }
        }
    }
}

/// Por qué se anula.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Anulacion {
    /// Motivo, de 1 a 500 caracteres.
    #[param(min_length = 1, max_length = 500)]
    pub motivo: String,
    /// Quién la anula: `tutor` o `clinica` (por defecto). La anulación tardía de un tutor cuenta como falta suya.
    #[param(inline)]
    pub por: Option<AnuladaPor>,
    /// Si la cita es de una serie: `esta` (por defecto), `siguientes` o `todas` las que todavía no empiezan.
    #[param(inline)]
    pub alcance: Option<Alcance>,
}

/// Anula una cita, o con ella su serie, y libera su horario. Las de otros médicos requieren además el permiso cita.ajenas.
#[utoipa::path(delete, path = "/citas/{id}", tag = "citas", params(("id" = CitaId, Path), Anulacion), extensions(("x-permiso" = json!("cita.anular"))),
    responses((status = 200, body = Cita), (status = "4XX", body = Problem)))]
pub async fn anular(ctx: Ctx<AnularCitas>, Path(id): Path<CitaId>, Query(anulacion): Query<Anulacion>) -> Result<Versioned<Cita>, Problem> {
    let alcance = anulacion.alcance.unwrap_or_default();
    let por = anulacion.por.unwrap_or_default();
    let motivo = motivo(&anulacion.motivo)?;
    let baja = Baja { motivo: &motivo, por };
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = ctx.begin().await?;
        match serie::anular(&mut tx, id, &baja, alcance, (&ctx).into()).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => {
                ctx.note_sede(cita.sede_id);
                return tx.commit().await.map(|()| Versioned(cita));
            }
        }
    }
}

/// A reason in the query, where no schema looks at it.
pub(super) fn motivo(motivo: &str) -> Result<String, Problem> {
    kernel::text::reason(motivo).ok_or_else(|| Problem::field("?motivo", "debe tener de 1 a 500 caracteres"))
}
