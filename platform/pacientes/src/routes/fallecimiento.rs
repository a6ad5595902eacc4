//! The death of a pet: what lay ahead of it is cancelled in the same transaction.
use super::mascotas::titular;
use crate::{
    model::{self, Fallecimiento, NuevoFallecimiento, problemas::YA_FALLECIDA},
    store::{
        self, fallecimientos,
        historial::{Hecho, note},
    },
};
use axum::{Extension, response::Response};
use kernel::{
    Begun, Change, Ctx, Event, Once, Path, Problem, Query, Tx, Versioned,
    ids::MascotaId,
    permission::{CorregirFallecimientos, RegistrarFallecimientos, VerPacientes},
    ports::AgendaDeMascotas,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::IntoParams;

/// Devuelve el fallecimiento de una mascota, con las citas que se anularon.
#[utoipa::path(
    get, path = "/pacientes/{id}/fallecimiento", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))),
    params(("id" = MascotaId, Path)), responses((status = 200, body = Fallecimiento), (status = "4XX", body = Problem))
)]
pub async fn ver(ctx: Ctx<VerPacientes>, Path(id): Path<MascotaId>) -> Result<Versioned<Fallecimiento>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let fallecimiento = fallecimientos::current(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("mascota", [id.into()]);
    Ok(Versioned(fallecimiento.seen_from(&ctx.sedes)))
}

/// Registra el fallecimiento de una mascota y anula todas sus citas futuras, en toda la cadena.
#[utoipa::path(
    post, path = "/pacientes/{id}/fallecimiento", tag = "pacientes", extensions(("x-permiso" = json!("fallecimiento.registrar"))),
    params(("id" = MascotaId, Path)), request_body = NuevoFallecimiento,
    responses((status = 201, body = Fallecimiento), (status = "4XX", body = Problem))
)]
pub async fn registrar(
    ctx: Ctx<RegistrarFallecimientos>,
    Path(id): Path<MascotaId>,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
    once: Once<NuevoFallecimiento>,
) -> Result<Response, Problem> {
    // Somebody may be changing one of its appointments, who then asks whether the pet lives: one of the two gives way.
    for last in [false, false, true] {
        let mut tx = match ctx.begin_once(&once).await? {
            Begun::Fresh(tx) => tx,
            Begun::Replay(answer) => return Ok(answer),
        };
        match record(&mut tx, id, once.body.clone(), &*agenda).await {
            Err(problem) if problem.is_lost_race() && !last => {}
            Err(problem) => return Err(problem),
            Ok(fallecimiento) => return tx.commit_created(&fallecimiento.seen_from(&ctx.sedes)).await,
        }
    }
    unreachable!("the last attempt answers")
}

async fn record(tx: &mut Tx, id: MascotaId, nuevo: NuevoFallecimiento, agenda: &dyn AgendaDeMascotas) -> Result<Fallecimiento, Problem> {
    let actual = store::mascotas::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    if let Some(known) = fallecimientos::current(tx, id).await? {
        return Err(Problem::new(YA_FALLECIDA).with("fecha", known.fecha));
    }
    let nacimiento = actual.ficha.nacimiento.filter(|_| !actual.ficha.nacimiento_estimado);
    let nuevo = nuevo.check(nacimiento, model::hoy(tx.now())).map_err(Problem::invalid)?;
    fallecimientos::mark(tx, id, &nuevo).await?;
    let anuladas = agenda.anular_de_fallecida(tx, id).await?;
    fallecimientos::insert(tx, id, &nuevo, &anuladas).await?;
    note(tx, id, &Hecho::Fallecimiento { fecha: nuevo.fecha, causa: nuevo.causa.clone() }).await?;
    let despues = audited(tx, id, &nuevo).await?;
    tx.audit(Change::new("registrar_fallecimiento", "mascota", id).despues(despues));
    tx.publish(Event::new("mascota.fallecida", json!({ "mascota_id": id, "fecha": nuevo.fecha })));
    fallecimientos::current(tx, id).await?.ok_or_else(Problem::not_found)
}

/// What the note may say of people is sealed for the owner.
async fn audited(tx: &mut Tx, id: MascotaId, nuevo: &NuevoFallecimiento) -> Result<Value, Problem> {
    let titular = titular(tx, id).await?;
    let nota = nuevo.nota.as_deref().map(|nota| super::mascotas::sealed(titular.as_ref(), "nota", nota));
    Ok(json!({ "fecha": nuevo.fecha, "causa": nuevo.causa, "nota": nota, "tutor_id": titular.map(|titular| titular.id) }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Correccion {
    /// Por qué, de 1 a 500 caracteres.
    #[param(min_length = 1, max_length = 500)]
    motivo: String,
}

/// Corrige un fallecimiento que se registró por error. Las citas anuladas no vuelven: la respuesta dice cuáles eran.
#[utoipa::path(
    delete, path = "/pacientes/{id}/fallecimiento", tag = "pacientes", extensions(("x-permiso" = json!("fallecimiento.corregir"))),
    params(("id" = MascotaId, Path), Correccion), responses((status = 200, body = Fallecimiento), (status = "4XX", body = Problem))
)]
pub async fn corregir(
    ctx: Ctx<CorregirFallecimientos>,
    Path(id): Path<MascotaId>,
    Query(correccion): Query<Correccion>,
) -> Result<Versioned<Fallecimiento>, Problem> {
    let motivo = correccion.motivo()?;
    let mut tx = ctx.begin().await?;
    store::mascotas::lock(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let fallecimiento = fallecimientos::current(&mut tx, id).await?.ok_or_else(Problem::not_found)?;
    let corrected = undo(&mut tx, fallecimiento, motivo).await?;
    tx.commit().await?;
    Ok(Versioned(corrected.seen_from(&ctx.sedes)))
}

async fn undo(tx: &mut Tx, fallecimiento: Fallecimiento, motivo: String) -> Result<Fallecimiento, Problem> {
    let id = fallecimiento.mascota_id;
    fallecimientos::correct(tx, fallecimiento.id, &motivo).await?;
    fallecimientos::unmark(tx, id).await?;
    note(tx, id, &Hecho::FallecimientoCorregido { motivo: motivo.clone() }).await?;
    let antes = json!({ "fecha": fallecimiento.fecha, "causa": fallecimiento.causa });
    tx.audit(Change::new("corregir_fallecimiento", "mascota", id).antes(antes).despues(json!({ "motivo": motivo })));
    tx.publish(Event::new("mascota.fallecimiento_corregido", json!({ "mascota_id": id })));
    Ok(Fallecimiento { corregido_en: Some(tx.now()), corregido_motivo: Some(motivo), ..fallecimiento })
}

impl Correccion {
    fn motivo(self) -> Result<String, Problem> {
        let motivo = self.motivo.trim();
        if motivo.is_empty() || motivo.chars().count() > 500 {
            return Err(Problem::field("?motivo", "debe tener de 1 a 500 caracteres"));
        }
        Ok(motivo.to_owned())
    }
}
