//! The waitlist.
use super::Reintentos;
use crate::{
    auditar::auditar,
    esperar::{self, avisar, hoy, sin_nombres},
    model::{AjustesEspera, CambioAjustesEspera, Cita, Espera, EstadoEspera, NuevaEspera, Ofrecimiento, Preferencia, Prioridad, problemas},
    responder,
    store::{self, FiltroEsperas},
};
use axum::{extract::Request, http::StatusCode, response::Response};
use kernel::{
    Begun, Change, Ctx, Cursor, FieldError, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{EsperaId, MascotaId, SedeId},
    page,
    permission::{ConfigurarCadena, ReservarCitas, VerCitas},
};
use serde::Deserialize;
use utoipa::IntoParams;

async fn require(tx: &mut Tx, mascota: Option<MascotaId>, at: &str, preferencia: &Preferencia) -> Result<(), Problem> {
    let there = store::existen_en_espera(tx, mascota, preferencia).await?;
    let names = ["/mascota_id".to_owned(), format!("{at}/servicio_id"), format!("{at}/medico_id"), format!("{at}/sedes")];
    let missing = names.into_iter().zip(there).filter(|(_, there)| !there);
    Problem::check(missing.map(|(pointer, _)| FieldError::new(pointer, "no existe o ya no está en uso")).collect())
}

/// Anota a una mascota en la lista de espera.
///
/// Cuando una hora que le sirve queda libre, se le ofrece: queda retenida unos minutos y se le escribe a su propietario.
#[utoipa::path(post, path = "/esperas", tag = "citas", extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = NuevaEspera, responses((status = 201, body = Espera), (status = "4XX", body = Problem)))]
pub async fn anotar(ctx: Ctx<ReservarCitas>, nueva: Once<NuevaEspera>) -> Result<Response, Problem> {
    nueva.body.preferencia.sedes.iter().try_for_each(|sede| ctx.in_sede(*sede))?;
    let mut tx = match ctx.begin_once(&nueva).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    Problem::check(nueva.body.preferencia.check("/preferencia", hoy(ctx.now)))?;
    require(&mut tx, Some(nueva.body.mascota_id), "/preferencia", &nueva.body.preferencia).await?;
    let id = store::insert_espera(&mut tx, &nueva.body).await?;
    let espera = store::espera(&mut tx, id, hoy(ctx.now)).await?.ok_or_else(Problem::not_found)?;
    auditar(&mut tx, espera.mascota_id, Change::new("anotar", "espera", id).despues(sin_nombres(&espera))).await?;
    avisar(&mut tx, "espera.anotada", &espera);
    tx.commit_created(&espera).await
}

/// Qué esperas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Consulta {
    pub sede_id: SedeId,
    /// Ausente: en cualquier estado.
    #[param(inline)]
    pub estado: Option<EstadoEspera>,
    /// El valor `siguiente` de la página anterior.
    pub cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    pub limite: Option<i64>,
}

/// La lista de espera de una sede: primero lo más urgente, y de eso quien espera hace más tiempo.
#[utoipa::path(get, path = "/esperas", tag = "citas", params(Consulta), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Page<Espera>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(consulta): Query<Consulta>) -> Result<Json<Page<Espera>>, Problem> {
    ctx.in_sede(consulta.sede_id)?;
    let limite = page::limit(consulta.limite)?;
    let despues_de = Cursor::decode(consulta.cursor.as_deref())?;
    let mut tx = ctx.begin_read().await?;
    let filtro = FiltroEsperas { sede: Some(consulta.sede_id), estado: consulta.estado, despues_de, limite: limite + 1, id: None };
    let filas = store::esperas(&mut tx, &filtro, hoy(ctx.now)).await?;
    ctx.read_audit("mascota", filas.iter().map(|espera| espera.mascota_id.into()));
    Ok(Json(Page::from_rows(filas, limite as usize, |espera| (turno(espera.preferencia.prioridad), espera.creada_en, espera.id))))
}

/// Place of a priority in the list; the store sorts by the same.
fn turno(prioridad: Prioridad) -> i32 {
    match prioridad {
        Prioridad::Urgente => 1,
        Prioridad::Alta => 2,
        Prioridad::Normal => 3,
    }
}

/// Devuelve una espera, con lo que se le ofrece ahora.
#[utoipa::path(get, path = "/esperas/{id}", tag = "citas", params(("id" = EsperaId, Path)), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Espera), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<VerCitas>, Path(id): Path<EsperaId>) -> Result<Versioned<Espera>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let espera = store::espera(&mut tx, id, hoy(ctx.now)).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("mascota", [espera.mascota_id.into()]);
    Ok(Versioned(espera))
}

/// The entry, held, if it still waits.
async fn en_espera(tx: &mut Tx, id: EsperaId) -> Result<Espera, Problem> {
    store::bloquear_lista(tx).await?;
    let now = tx.now();
    let espera = store::lock_espera(tx, id, hoy(now)).await?.ok_or_else(Problem::not_found)?;
    match espera.estado {
        EstadoEspera::Cumplida | EstadoEspera::Retirada => {
            Err(Problem::new(problemas::ESPERA_CERRADA).detail("Esa mascota ya no espera.").with("estado", espera.estado))
        }
        _ => Ok(espera),
    }
}

/// Cambia lo que se espera. Lo que falta queda vacío; una hora ya ofrecida sigue ofrecida.
#[utoipa::path(put, path = "/esperas/{id}", tag = "citas", params(("id" = EsperaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    request_body = Preferencia, responses((status = 200, body = Espera), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ReservarCitas>,
    Path(id): Path<EsperaId>,
    if_match: IfMatch,
    Json(preferencia): Json<Preferencia>,
) -> Result<Versioned<Espera>, Problem> {
    Problem::check(preferencia.check("", hoy(ctx.now)))?;
    let mut tx = ctx.begin().await?;
    let antes = en_espera(&mut tx, id).await?;
    if_match.check(antes.version)?;
    // Those that it had already may be of others.
    preferencia.sedes.iter().filter(|sede| !antes.preferencia.sedes.contains(sede)).try_for_each(|sede| ctx.in_sede(*sede))?;
    require(&mut tx, None, "", &preferencia).await?;
    store::save_preferencia(&mut tx, id, &preferencia).await?;
    let despues = store::espera(&mut tx, id, hoy(ctx.now)).await?.ok_or_else(Problem::not_found)?;
    let line = Change::new("cambiar", "espera", id).antes(sin_nombres(&antes)).despues(sin_nombres(&despues));
    auditar(&mut tx, despues.mascota_id, line).await?;
    avisar(&mut tx, "espera.cambiada", &despues);
    tx.commit().await?;
    Ok(Versioned(despues))
}

/// Por qué ya no espera.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Retiro {
    /// Motivo, de 1 a 500 caracteres.
    #[param(min_length = 1, max_length = 500)]
    pub motivo: String,
}

/// Retira a una mascota de la lista de espera. Si tenía una hora ofrecida, se ofrece a otra.
#[utoipa::path(delete, path = "/esperas/{id}", tag = "citas", params(("id" = EsperaId, Path), Retiro), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 200, body = Espera), (status = "4XX", body = Problem)))]
pub async fn retirar(
    ctx: Ctx<ReservarCitas>,
    Path(id): Path<EsperaId>,
    Query(retiro): Query<Retiro>,
) -> Result<Versioned<Espera>, Problem> {
    let motivo = retiro.motivo.trim();
    if !(1..=500).contains(&motivo.chars().count()) {
        return Err(Problem::field("?motivo", "debe tener de 1 a 500 caracteres"));
    }
    let mut tx = ctx.begin().await?;
    let antes = en_espera(&mut tx, id).await?;
    let despues = esperar::retirar(&mut tx, &antes, motivo).await?;
    tx.commit().await?;
    Ok(Versioned(despues))
}

/// What an entry is offered now.
async fn ofrecida(tx: &mut Tx, id: EsperaId) -> Result<Ofrecimiento, Problem> {
    let now = tx.now();
    let espera = store::espera(tx, id, hoy(now)).await?.ok_or_else(Problem::not_found)?;
    espera.oferta.ok_or_else(|| Problem::new(problemas::OFERTA_CERRADA).detail("No tiene una hora ofrecida."))
}

/// Acepta por el propietario la hora que se le ofrece: pasa a ser una cita.
#[utoipa::path(post, path = "/esperas/{id}/oferta/aceptar", tag = "citas", params(("id" = EsperaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 201, body = Cita), (status = "4XX", body = Problem)))]
pub async fn aceptar_oferta(ctx: Ctx<ReservarCitas>, Path(id): Path<EsperaId>, request: Request) -> Result<Response, Problem> {
    let once = Once::bytes(request).await?;
    let mut reintentos = Reintentos::default();
    loop {
        let mut tx = match ctx.begin_once(&once).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        let oferta = ofrecida(&mut tx, id).await?;
        ctx.in_sede(oferta.sede_id)?;
        match responder::aceptar(&mut tx, oferta.cita_id).await {
            Err(problem) if reintentos.otro(&problem) => {}
            Err(problem) => return Err(problem),
            Ok(cita) => return tx.commit_created(&cita).await,
        }
    }
}

/// Rechaza por el propietario la hora que se le ofrece: sigue en la lista y la hora se ofrece a otro.
#[utoipa::path(post, path = "/esperas/{id}/oferta/rechazar", tag = "citas", params(("id" = EsperaId, Path)), extensions(("x-permiso" = json!("cita.reservar"))),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn rechazar_oferta(ctx: Ctx<ReservarCitas>, Path(id): Path<EsperaId>) -> Result<StatusCode, Problem> {
    let mut tx = ctx.begin().await?;
    let oferta = ofrecida(&mut tx, id).await?;
    ctx.in_sede(oferta.sede_id)?;
    responder::rechazar(&mut tx, oferta.cita_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Devuelve cómo la cadena ofrece las horas que quedan libres.
#[utoipa::path(get, path = "/ajustes/lista-de-espera", tag = "citas", extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = AjustesEspera), (status = "4XX", body = Problem)))]
pub async fn ver_ajustes_espera(ctx: Ctx<VerCitas>) -> Result<Versioned<AjustesEspera>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(store::ajustes_espera(&mut tx).await?))
}

/// Cambia cómo la cadena ofrece las horas que quedan libres.
#[utoipa::path(put, path = "/ajustes/lista-de-espera", tag = "citas", extensions(("x-permiso" = json!("cadena.configurar"))),
    request_body = CambioAjustesEspera, responses((status = 200, body = AjustesEspera), (status = "4XX", body = Problem)))]
pub async fn cambiar_ajustes_espera(
    ctx: Ctx<ConfigurarCadena>,
    if_match: IfMatch,
    Json(cambio): Json<CambioAjustesEspera>,
) -> Result<Versioned<AjustesEspera>, Problem> {
    let mut tx = ctx.begin().await?;
    store::bloquear_lista(&mut tx).await?;
    let antes = store::ajustes_espera(&mut tx).await?;
    if_match.check(antes.version)?;
    store::guardar_ajustes_espera(&mut tx, &cambio).await?;
    let despues = store::ajustes_espera(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_espera", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}
