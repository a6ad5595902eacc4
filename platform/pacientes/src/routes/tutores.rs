//! Owners.
use super::{Confirmacion, busqueda::typed, registro::owner, unless_alike};
use crate::{
    duplicados, listar,
    model::{ConConducta, DatosTutor, FichaTutor, MascotaDeTutor, Tutor, TutorDeLista},
    store,
};
use axum::{Extension, response::Response};
use kernel::{
    Begun, Change, Ctx, Event, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned,
    ids::{SedeId, TutorId},
    page,
    permission::{EditarPacientes, RegistrarPacientes, VerPacientes},
    ports::AgendaDeMascotas,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Tutores {
    /// Nombre, documento, teléfono o correo, de 2 a 100 caracteres. Ausente: todos.
    #[param(min_length = 2, max_length = 100)]
    buscar: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los tutores que usted puede ver, los últimos registrados primero.
///
/// Se buscan como en `/pacientes`: por palabras de su nombre, sin importar tildes, la última quizá incompleta; por documento o
/// correo, exactos; y por teléfono, completo o sus seis últimos dígitos. Los que se fusionaron con otro o se anonimizaron no están.
#[utoipa::path(
    get, path = "/tutores", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))), params(Tutores),
    responses((status = 200, body = Page<TutorDeLista>), (status = "4XX", body = Problem))
)]
pub async fn listar(ctx: Ctx<VerPacientes>, Query(pedido): Query<Tutores>) -> Result<Json<Page<TutorDeLista>>, Problem> {
    let buscado = pedido.buscar.as_deref().map(typed).transpose().map_err(|error| Problem::invalid(vec![error]))?;
    let (cursor, limit) = page::read::<TutorId>(pedido.cursor.as_deref(), pedido.limite)?;
    let mut tx = ctx.begin_read().await?;
    let rows = listar::tutores(&mut tx, buscado.as_ref(), cursor, limit + 1).await?;
    let page = Page::from_rows(rows, limit as usize, |tutor| tutor.id);
    ctx.read_audit("tutor", page.items.iter().map(|tutor| tutor.id.into()));
    Ok(Json(page))
}

/// Registra un tutor sin mascota todavía.
///
/// Si otro tutor tiene su teléfono o su correo responde 409 `posible-duplicado` con los `candidatos`.
#[utoipa::path(
    post, path = "/tutores", tag = "pacientes", extensions(("x-permiso" = json!("paciente.registrar"))), params(Confirmacion), request_body = DatosTutor,
    responses((status = 201, body = Tutor), (status = "4XX", body = Problem))
)]
pub async fn crear(
    ctx: Ctx<RegistrarPacientes>,
    Query(confirmacion): Query<Confirmacion>,
    once: Once<DatosTutor>,
) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    let ficha = checked(once.body)?;
    unless_known(&mut tx, &ctx, &confirmacion, &ficha).await?;
    let id = register(&mut tx, &ficha, None).await?;
    store::palabras::reindexar_tutores(&mut tx, &[id]).await?;
    let tutor = owner(&mut tx, id).await?;
    tx.commit_created(&tutor).await
}

fn checked(datos: DatosTutor) -> Result<FichaTutor, Problem> {
    let mut errors = Vec::new();
    let ficha = datos.check("", &mut errors);
    Problem::check(errors)?;
    Ok(ficha)
}

/// 409 if somebody has this document, or if this may be somebody known.
pub(super) async fn unless_known(
    tx: &mut Tx,
    ctx: &Ctx<RegistrarPacientes>,
    confirmacion: &Confirmacion,
    ficha: &FichaTutor,
) -> Result<(), Problem> {
    if let Some(taken) = store::tutores::taken(tx, ficha.documento.as_ref(), None).await? {
        return Err(taken);
    }
    let candidatos = duplicados::tutores(tx, ficha).await?;
    unless_alike(ctx, confirmacion, candidatos)
}

/// A new owner with a key of their own.
pub(super) async fn register(tx: &mut Tx, ficha: &FichaTutor, sede: Option<SedeId>) -> Result<TutorId, Problem> {
    let id = TutorId::new();
    let key = tx.create_person_key(id).await?;
    store::tutores::insert(tx, id, &key, ficha, sede).await?;
    let change = Change::new("registrar", "tutor", id).despues(store::tutores::audited(&key, ficha));
    tx.audit(match sede {
        Some(sede) => change.sede(sede),
        None => change,
    });
    tx.publish(Event::new("tutor.registrado", json!({ "tutor_id": id })));
    Ok(id)
}

/// Devuelve un tutor, y cómo cumplió sus citas.
#[utoipa::path(
    get, path = "/tutores/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = TutorId, Path)), responses((status = 200, body = ConConducta<Tutor>), (status = "4XX", body = Problem))
)]
pub async fn ver(
    ctx: Ctx<VerPacientes>,
    Path(id): Path<TutorId>,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
) -> Result<Versioned<ConConducta<Tutor>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let ficha = owner(&mut tx, id).await?;
    let conducta = Some(agenda.conducta(&mut tx, id).await?);
    ctx.read_audit("tutor", [id.into()]);
    Ok(Versioned(ConConducta { ficha, conducta }))
}

/// Cambia los datos de un tutor. Lo que falta queda vacío.
#[utoipa::path(
    put, path = "/tutores/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = TutorId, Path), ("If-Match" = String, Header)), request_body = DatosTutor,
    responses((status = 200, body = Tutor), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<EditarPacientes>,
    Path(id): Path<TutorId>,
    version: IfMatch,
    Json(datos): Json<DatosTutor>,
) -> Result<Versioned<Tutor>, Problem> {
    let ficha = checked(datos)?;
    let mut tx = ctx.begin().await?;
    version.check(store::tutores::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?)?;
    save(&mut tx, id, &ficha).await?;
    let tutor = owner(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Versioned(tutor))
}

async fn save(tx: &mut Tx, id: TutorId, ficha: &FichaTutor) -> Result<(), Problem> {
    if let Some(taken) = store::tutores::taken(tx, ficha.documento.as_ref(), Some(id)).await? {
        return Err(taken);
    }
    let key = match tx.person_key(id).await? {
        Some(key) => key,
        // Forgotten once, and here again: a new key, under which the old values stay unreadable.
        None => tx.create_person_key(id).await?,
    };
    let before = FichaTutor::from(owner(tx, id).await?);
    store::tutores::update(tx, id, &key, ficha).await?;
    if before.nombre() != ficha.nombre() {
        let pets = store::palabras::pets_of(tx, id).await?;
        store::palabras::reindexar(tx, &pets).await?;
        store::palabras::reindexar_tutores(tx, &[id]).await?;
    }
    let change = Change::new("cambiar", "tutor", id);
    tx.audit(change.antes(store::tutores::audited(&key, &before)).despues(store::tutores::audited(&key, ficha)));
    tx.publish(Event::new("tutor.cambiado", json!({ "tutor_id": id })));
    Ok(())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filtro {
    /// Incluye las mascotas que ya no son suyas.
    #[serde(default)]
    pasadas: bool,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Mascotas de un tutor.
#[utoipa::path(
    get, path = "/tutores/{id}/mascotas", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = TutorId, Path), Filtro), responses((status = 200, body = Page<MascotaDeTutor>), (status = "4XX", body = Problem))
)]
pub async fn mascotas(
    ctx: Ctx<VerPacientes>,
    Path(id): Path<TutorId>,
    Query(filtro): Query<Filtro>,
) -> Result<Json<Page<MascotaDeTutor>>, Problem> {
    let (after, limit) = page::read::<Uuid>(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    if !store::tutores::exists(&mut tx, id).await? {
        return Err(Problem::not_found());
    }
    let rows = store::vinculos::of_owner(&mut tx, id, filtro.pasadas, after, limit + 1).await?;
    ctx.read_audit("tutor", [id.into()]);
    ctx.read_audit("mascota", rows.iter().map(|(_, mascota)| mascota.id.into()));
    let page = Page::from_rows(rows, limit as usize, |(vinculo, _)| *vinculo);
    let items = page.items.into_iter().map(|(_, mascota)| mascota).collect();
    Ok(Json(Page { items, siguiente: page.siguiente }))
}
