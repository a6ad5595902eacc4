//! The register of security incidents.
use crate::{
    model::incidente::{Cierre, DatosIncidente, EstadoIncidente, Incidente, Notificacion},
    store::incidentes as store,
};
use axum::response::Response;
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned, page,
    permission::{AtenderDerechos, RegistrarDerechos},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

/// Avisa de un incidente de seguridad con datos personales. Desde que se supo corren 48 horas para avisar a la autoridad.
#[utoipa::path(
    post, path = "/incidentes-datos", tag = "privacidad", extensions(("x-permiso" = json!("derecho.registrar"))), request_body = DatosIncidente,
    responses((status = 201, body = Incidente), (status = "4XX", body = Problem))
)]
pub async fn anotar(ctx: Ctx<RegistrarDerechos>, once: Once<DatosIncidente>) -> Result<Response, Problem> {
    Problem::check(once.body.check(ctx.now))?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let incidente = Incidente::nuevo(store::next_number(&mut tx).await?, once.body).al(ctx.now);
    store::insert(&mut tx, &incidente).await?;
    let Incidente { id, numero, vence_en, .. } = &incidente;
    tx.audit(Change::new("registrar", "incidente_datos", *id).despues(&incidente));
    tx.publish(Event::new("incidente.registrado", json!({ "incidente_id": id, "numero": numero, "vence_en": vence_en })));
    tx.commit_created(&incidente).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListaIncidentes {
    estado: Option<EstadoIncidente>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los incidentes de seguridad, los últimos primero.
#[utoipa::path(
    get, path = "/incidentes-datos", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))), params(ListaIncidentes),
    responses((status = 200, body = Page<Incidente>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<AtenderDerechos>, Query(lista): Query<ListaIncidentes>) -> Result<Json<Page<Incidente>>, Problem> {
    let (before, limit) = page::read(lista.cursor.as_deref(), lista.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = store::list(&mut tx, None, lista.estado, before, limit + 1).await?;
    let rows = rows.into_iter().map(|incidente| incidente.al(ctx.now)).collect();
    Ok(Json(Page::from_rows(rows, limit as usize, |incidente| incidente.numero)))
}

async fn get(tx: &mut Tx, id: Uuid) -> Result<Incidente, Problem> {
    let now = tx.now();
    Ok(store::find(tx, id).await?.ok_or_else(Problem::not_found)?.al(now))
}

/// Devuelve un incidente de seguridad.
#[utoipa::path(
    get, path = "/incidentes-datos/{id}", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Incidente), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<AtenderDerechos>, Path(id): Path<Uuid>) -> Result<Versioned<Incidente>, Problem> {
    let mut tx = ctx.begin_read().await?;
    Ok(Versioned(get(&mut tx, id).await?))
}

async fn step(
    ctx: &Ctx<AtenderDerechos>,
    id: Uuid,
    version: IfMatch,
    accion: &'static str,
    rule: impl FnOnce(&mut Incidente) -> Result<(), Problem>,
) -> Result<Versioned<Incidente>, Problem> {
    let mut tx = ctx.begin().await?;
    store::hold(&mut tx, id).await?;
    let antes = get(&mut tx, id).await?;
    version.check(antes.version)?;
    let mut incidente = antes.clone();
    rule(&mut incidente)?;
    store::save(&mut tx, &incidente).await?;
    let incidente = get(&mut tx, id).await?;
    tx.audit(Change::new(accion, "incidente_datos", id).antes(&antes).despues(&incidente));
    if incidente.estado != antes.estado {
        let Incidente { numero, estado, .. } = &incidente;
        tx.publish(Event::new("incidente.cambiado", json!({ "incidente_id": id, "numero": numero, "estado": estado })));
    }
    tx.commit().await?;
    Ok(Versioned(incidente))
}

/// Cambia lo que se sabe de un incidente que sigue abierto o notificado.
#[utoipa::path(
    put, path = "/incidentes-datos/{id}", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = DatosIncidente,
    responses((status = 200, body = Incidente), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(datos): Json<DatosIncidente>,
) -> Result<Versioned<Incidente>, Problem> {
    let now = ctx.now;
    step(&ctx, id, version, "cambiar", |incidente| incidente.cambiar(datos, now)).await
}

/// Anota que se avisó a la Autoridad Nacional de Protección de Datos Personales.
#[utoipa::path(
    put, path = "/incidentes-datos/{id}/notificacion", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Notificacion,
    responses((status = 200, body = Incidente), (status = "4XX", body = Problem))
)]
pub async fn notificar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(aviso): Json<Notificacion>,
) -> Result<Versioned<Incidente>, Problem> {
    let now = ctx.now;
    step(&ctx, id, version, "notificar", |incidente| incidente.notificar(aviso, now)).await
}

/// Cierra un incidente.
#[utoipa::path(
    put, path = "/incidentes-datos/{id}/cierre", tag = "privacidad", extensions(("x-permiso" = json!("derecho.atender"))),
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = Cierre,
    responses((status = 200, body = Incidente), (status = "4XX", body = Problem))
)]
pub async fn cerrar(
    ctx: Ctx<AtenderDerechos>,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(cierre): Json<Cierre>,
) -> Result<Versioned<Incidente>, Problem> {
    let now = ctx.now;
    step(&ctx, id, version, "cerrar", |incidente| incidente.cerrar(cierre, now)).await
}
