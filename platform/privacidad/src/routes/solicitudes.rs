//! Requests about personal data, from the desk to the answer.
use crate::{
    model::{
        derecho::Derecho,
        plazo::hoy,
        solicitud::{Ampliacion, Efecto, EstadoSolicitud, NuevaSolicitud, Observacion, Respuesta, Solicitud, Subsanacion},
    },
    problemas::SIN_EXPEDIENTE,
    store::solicitudes::{self as store, Filtro},
};
use axum::{Extension, response::Response};
use jiff::civil::Date;
use kernel::{
    Begun, Change, Ctx, Event, FieldError, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::TutorId,
    page,
    permission::{AtenderDerechos, RegistrarDerechos},
    ports::AgendaDeMascotas,
};
use pacientes::NuevoConsentimiento;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use utoipa::IntoParams;
use uuid::Uuid;

/// Anota una solicitud sobre datos personales. Su plazo, en días hábiles, corre desde el día siguiente al que llegó.
///
/// Si no se comprobó la identidad queda observada y el plazo no corre.
#[utoipa::path(
    post, path = "/solicitudes-datos", tag = "privacidad", extensions(("x-permiso" = json!("derecho.registrar"))), request_body = NuevaSolicitud,
    responses((status = 201, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn anotar(ctx: Ctx<RegistrarDerechos>, once: Once<NuevaSolicitud>) -> Result<Response, Problem> {
    Problem::check(once.body.check(hoy(ctx.now)))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let solicitud = abrir(&mut tx, once.body).await?;
    tx.commit_created(&solicitud).await
}

/// Takes a request in: it gets its number, and its term begins if it is known who asks.
pub async fn abrir(tx: &mut Tx, nueva: NuevaSolicitud) -> Result<Solicitud, Problem> {
    require_owner(tx, nueva.tutor_id).await?;
    let hoy = hoy(tx.now());
    let feriados = store::feriados(tx, nueva.recibida_el.unwrap_or(hoy)).await?;
    let solicitud = nueva.abrir(store::next_number(tx).await?, hoy, &feriados);
    store::insert(tx, &solicitud).await?;
    note(tx, "registrar", &solicitud);
    let Solicitud { id, numero, derecho, vence_el, .. } = &solicitud;
    tx.publish(Event::new("derecho.solicitado", json!({ "solicitud_id": id, "numero": numero, "derecho": derecho, "vence_el": vence_el })));
    Ok(solicitud)
}

async fn require_owner(tx: &mut Tx, tutor: Option<TutorId>) -> Result<(), Problem> {
    let Some(tutor) = tutor else { return Ok(()) };
    if pacientes::existe_tutor(tx, tutor).await? {
        return Ok(());
    }
    Err(Problem::invalid(vec![FieldError::new("/tutor_id", "no existe")]))
}

/// The audit tells of the step and of nothing that was written in it.
fn note(tx: &mut Tx, accion: &'static str, solicitud: &Solicitud) {
    let Solicitud { id, numero, derecho, estado, vence_el, .. } = solicitud;
    let said = json!({ "numero": numero, "derecho": derecho, "estado": estado, "vence_el": vence_el });
    tx.audit(Change::new(accion, "solicitud_datos", *id).despues(said));
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListaSolicitudes {
    estado: Option<EstadoSolicitud>,
    derecho: Option<Derecho>,
    /// Solo las que siguen sin respuesta y vencen ese día a más tardar.
    vence_hasta: Option<Date>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Las solicitudes sobre datos personales, las últimas primero.
#[utoipa::path(
    get, path = "/solicitudes-datos", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))), params(ListaSolicitudes),
    responses((status = 200, body = Page<Solicitud>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<AtenderDerechos>, Query(lista): Query<ListaSolicitudes>) -> Result<Json<Page<Solicitud>>, Problem> {
    let (desde, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let ListaSolicitudes { estado, derecho, vence_hasta, .. } = lista;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, &Filtro { id: None, estado, derecho, vence_hasta, desde }, limit + 1).await?;
    ctx.read_audit("solicitud_datos", rows.iter().map(|solicitud| solicitud.id));
    let rows = rows.into_iter().map(|solicitud| solicitud.al(hoy(ctx.now))).collect();
    Ok(Json(Page::from_rows(rows, limit as usize, |solicitud| solicitud.numero)))
}

async fn get(tx: &mut Tx, id: Uuid) -> Result<Solicitud, Problem> {
    let hoy = hoy(tx.now());
    Ok(store::find(tx, id).await?.ok_or_else(Problem::not_found)?.al(hoy))
}

/// Devuelve una solicitud sobre datos personales.
#[utoipa::path(
    get, path = "/solicitudes-datos/{id}", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<AtenderDerechos>, Path(id): Path<Uuid>) -> Result<Versioned<Solicitud>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let solicitud = get(&mut tx, id).await?;
    ctx.read_audit("solicitud_datos", [id]);
    Ok(Versioned(solicitud))
}

/// Holds the request, if it is still as the client read it.
async fn lock(tx: &mut Tx, id: Uuid, version: IfMatch) -> Result<Solicitud, Problem> {
    store::hold(tx, id).await?;
    let solicitud = get(tx, id).await?;
    version.check(solicitud.version)?;
    Ok(solicitud)
}

/// A step that moves the clock or ends it.
async fn step(
    ctx: &Ctx<AtenderDerechos>,
    id: Uuid,
    version: IfMatch,
    accion: &'static str,
    rule: impl FnOnce(&mut Solicitud, Date, &BTreeSet<Date>) -> Result<(), Problem>,
) -> Result<Versioned<Solicitud>, Problem> {
    let mut tx = ctx.begin().await?;
    let mut solicitud = lock(&mut tx, id, version).await?;
    let feriados = store::feriados(&mut tx, solicitud.recibida_el).await?;
    rule(&mut solicitud, hoy(ctx.now), &feriados)?;
    require_owner(&mut tx, solicitud.tutor_id).await?;
    store::save(&mut tx, &solicitud).await?;
    note(&mut tx, accion, &solicitud);
    let solicitud = get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Versioned(solicitud))
}

/// Observa una solicitud a la que le falta algo. Su plazo deja de correr.
#[utoipa::path(
    put, path = "/solicitudes-datos/{id}/observacion", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Observacion,
    responses((status = 200, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn observar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(cuerpo): Json<Observacion>,
) -> Result<Versioned<Solicitud>, Problem> {
    step(&ctx, id, version, "observar", |solicitud, _, _| solicitud.observar(cuerpo.observacion)).await
}

/// Anota que llegó lo que faltaba. El plazo se cuenta de nuevo desde hoy.
#[utoipa::path(
    put, path = "/solicitudes-datos/{id}/subsanacion", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Subsanacion,
    responses((status = 200, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn subsanar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(cuerpo): Json<Subsanacion>,
) -> Result<Versioned<Solicitud>, Problem> {
    step(&ctx, id, version, "subsanar", |solicitud, hoy, feriados| solicitud.subsanar(&cuerpo, hoy, feriados)).await
}

/// Amplía el plazo, una sola vez y por otro tanto. El derecho de información no lo admite.
#[utoipa::path(
    put, path = "/solicitudes-datos/{id}/ampliacion", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Ampliacion,
    responses((status = 200, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn ampliar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(cuerpo): Json<Ampliacion>,
) -> Result<Versioned<Solicitud>, Problem> {
    step(&ctx, id, version, "ampliar", |solicitud, hoy, feriados| solicitud.ampliar(cuerpo.motivo, hoy, feriados)).await
}

/// Responde una solicitud, y hace lo que se concede.
///
/// Acceso y portabilidad guardan una copia del expediente para entregarla; la cancelación anonimiza al tutor (409 si le quedan citas por venir);
/// la oposición retira sus consentimientos. Una rectificación se hace antes, en la ficha del tutor.
#[utoipa::path(
    put, path = "/solicitudes-datos/{id}/respuesta", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Respuesta,
    responses((status = 200, body = Solicitud), (status = "4XX", body = Problem))
)]
pub async fn responder(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
    Json(respuesta): Json<Respuesta>,
) -> Result<Versioned<Solicitud>, Problem> {
    // Forgetting somebody may meet who writes of their appointments: one of the two gives way.
    for last in [false, false, true] {
        let mut tx = ctx.begin().await?;
        match answer(&mut tx, &ctx, id, version, &respuesta, &*agenda).await {
            Err(problem) if problem.is_lost_race() && !last => {}
            Err(problem) => return Err(problem),
            Ok(solicitud) => {
                tx.commit().await?;
                return Ok(Versioned(solicitud));
            }
        }
    }
    unreachable!("the last attempt answers")
}

async fn answer(
    tx: &mut Tx,
    ctx: &Ctx<AtenderDerechos>,
    id: Uuid,
    version: IfMatch,
    respuesta: &Respuesta,
    agenda: &dyn AgendaDeMascotas,
) -> Result<Solicitud, Problem> {
    let mut solicitud = lock(tx, id, version).await?;
    let efecto = solicitud.responder(respuesta, ctx.now)?;
    carry_out(tx, ctx, &solicitud, efecto, agenda).await?;
    store::save(tx, &solicitud).await?;
    note(tx, "responder", &solicitud);
    let Solicitud { numero, derecho, estado, .. } = &solicitud;
    tx.publish(Event::new("derecho.respondido", json!({ "solicitud_id": id, "numero": numero, "derecho": derecho, "estado": estado })));
    get(tx, id).await
}

async fn carry_out(
    tx: &mut Tx,
    ctx: &Ctx<AtenderDerechos>,
    solicitud: &Solicitud,
    efecto: Efecto,
    agenda: &dyn AgendaDeMascotas,
) -> Result<(), Problem> {
    match efecto {
        Efecto::Ninguno => Ok(()),
        Efecto::Entregar(tutor) => {
            let expediente = pacientes::expediente(tx, tutor, agenda).await?;
            ctx.read_audit("tutor", [tutor.into()]);
            tx.audit(Change::new("exportar", "tutor", tutor).despues(json!({ "solicitud": solicitud.numero })));
            store::attach(tx, solicitud.id, &serde_json::to_value(&expediente).map_err(Problem::internal)?).await
        }
        Efecto::Olvidar(tutor) => pacientes::olvidar(tx, tutor, &format!("Solicitud {}", solicitud.numero), agenda).await,
        Efecto::Retirar(tutor, finalidades) => {
            for finalidad in finalidades {
                let (canal, texto_version) = (solicitud.canal, format!("solicitud-{}", solicitud.numero));
                let retiro = NuevoConsentimiento { finalidad, otorgado: false, medio: None, canal, texto_version, evidencia: None };
                pacientes::consentir(tx, tutor, &retiro).await?;
            }
            Ok(())
        }
    }
}

/// La copia del expediente que se entregó con la respuesta: para leer y para otro sistema.
#[utoipa::path(
    get, path = "/solicitudes-datos/{id}/expediente", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = pacientes::Expediente), (status = "4XX", body = Problem))
)]
pub async fn expediente(ctx: Ctx<AtenderDerechos>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let expediente = store::attached(&mut tx, id).await?.ok_or_else(Problem::not_found)?.ok_or(Problem::new(SIN_EXPEDIENTE))?;
    ctx.read_audit("solicitud_datos", [id]);
    Ok(Json(expediente))
}
