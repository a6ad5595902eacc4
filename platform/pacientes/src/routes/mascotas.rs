//! Pets.
use super::registro::pet;
use crate::{
    model::{self, ConConducta, DatosMascota, FichaMascota, Mascota, Relacion},
    store::{
        self,
        historial::{Hecho, note},
        mascotas::Actual,
    },
};
use axum::Extension;
use kernel::{
    Change, Ctx, Event, IfMatch, Json, Path, Problem, Tx, Versioned,
    crypto::PersonKey,
    ids::{MascotaId, TutorId},
    permission::{EditarPacientes, VerPacientes},
    ports::AgendaDeMascotas,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The owner whose key hides what a pet's notes may say of people.
pub(super) struct Titular {
    pub id: TutorId,
    pub key: Option<PersonKey>,
}

/// Under the owner's key; without one it is not kept at all.
pub(super) fn sealed(titular: Option<&Titular>, field: &str, text: &str) -> String {
    let key = titular.and_then(|titular| titular.key.as_ref());
    key.map_or_else(|| "[cifrado]".to_owned(), |key| key.seal_text(field, text))
}

/// Names of pets are no personal data; notes may be.
pub(super) fn audited(ficha: &FichaMascota, titular: Option<&Titular>) -> Value {
    json!({
        "nombre": ficha.nombre,
        "especie_id": ficha.especie_id,
        "raza_id": ficha.raza_id,
        "sexo": ficha.sexo,
        "esterilizado": ficha.esterilizado,
        "nacimiento": ficha.nacimiento,
        "nacimiento_estimado": ficha.nacimiento_estimado,
        "color": ficha.color,
        "notas": ficha.notas.as_deref().map(|notas| sealed(titular, "notas", notas)),
        "tutor_id": titular.map(|titular| titular.id),
    })
}

/// Devuelve una mascota con sus tutores vigentes, y cómo cumplió sus citas el propietario.
#[utoipa::path(
    get, path = "/pacientes/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path)), responses((status = 200, body = ConConducta<Mascota>), (status = "4XX", body = Problem))
)]
pub async fn ver(
    ctx: Ctx<VerPacientes>,
    Path(id): Path<MascotaId>,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
) -> Result<Versioned<ConConducta<Mascota>>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let ficha = pet(&mut tx, id).await?;
    let conducta = match ficha.tutores.iter().find(|vinculo| vinculo.relacion == Relacion::Propietario) {
        Some(propietario) => Some(agenda.conducta(&mut tx, propietario.tutor.id).await?),
        None => None,
    };
    ctx.read_audit("mascota", [id.into()]);
    ctx.read_audit("tutor", ficha.tutores.iter().map(|vinculo| vinculo.tutor.id.into()));
    Ok(Versioned(ConConducta { ficha, conducta }))
}

/// Cambia la ficha de una mascota. Lo que falta queda vacío.
#[utoipa::path(
    put, path = "/pacientes/{id}", tag = "pacientes", extensions(("x-permiso" = json!("paciente.editar"))),
    params(("id" = MascotaId, Path), ("If-Match" = String, Header)), request_body = DatosMascota,
    responses((status = 200, body = Mascota), (status = "4XX", body = Problem))
)]
pub async fn cambiar(
    ctx: Ctx<EditarPacientes>,
    Path(id): Path<MascotaId>,
    version: IfMatch,
    Json(datos): Json<DatosMascota>,
) -> Result<Versioned<Mascota>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = lock(&mut tx, id, version).await?;
    let referencias = store::especies::referencias(&mut tx, datos.especie_id, datos.especie.as_deref(), datos.raza_id, None).await?;
    let mut errors = Vec::new();
    let ficha = datos.check("", referencias, model::hoy(ctx.now), &mut errors);
    Problem::check(errors)?;
    save(&mut tx, id, &antes.ficha, &ficha).await?;
    let mascota = pet(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Versioned(mascota))
}

/// The pet as it is, locked, if it is still the version that the client read.
pub(super) async fn lock(tx: &mut Tx, id: MascotaId, version: IfMatch) -> Result<Actual, Problem> {
    let actual = store::mascotas::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    version.check(actual.version)?;
    Ok(actual)
}

pub(super) async fn titular(tx: &mut Tx, id: MascotaId) -> Result<Option<Titular>, Problem> {
    let present = store::vinculos::present(tx, id).await?;
    let Some(id) = present.iter().find(|vigente| vigente.relacion == Relacion::Propietario).map(|vigente| vigente.tutor_id) else {
        return Ok(None);
    };
    Ok(Some(Titular { id, key: tx.person_key(id).await? }))
}

async fn save(tx: &mut Tx, id: MascotaId, antes: &FichaMascota, ficha: &FichaMascota) -> Result<(), Problem> {
    store::mascotas::update(tx, id, ficha).await?;
    if antes.nombre != ficha.nombre {
        store::palabras::reindexar(tx, &[id]).await?;
    }
    let campos = antes.differing(ficha);
    if !campos.is_empty() {
        note(tx, id, &Hecho::Cambio { campos: campos.into_iter().map(str::to_owned).collect() }).await?;
    }
    let titular = titular(tx, id).await?;
    tx.audit(Change::new("cambiar", "mascota", id).antes(audited(antes, titular.as_ref())).despues(audited(ficha, titular.as_ref())));
    tx.publish(Event::new("mascota.cambiada", json!({ "mascota_id": id })));
    Ok(())
}
