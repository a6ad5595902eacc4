//! Owners who come by themselves, without the desk: known by their address, or registered as they say. Whether somebody
//! new was known under other data is reception's to find out.
use crate::{
    model::{self, DatosTutor, MascotaNueva, NuevoConsentimiento, SolicitudRegistro, problemas::PERSONA_OLVIDADA},
    routes,
    store::{self, consentimientos, propios},
};
use kernel::{
    Change, Event, Problem, Tx,
    ids::{MascotaId, SedeId, TutorId},
};
use serde_json::json;

pub use propios::Propia;

/// The owners with this address, the oldest first.
pub async fn de_correo(tx: &mut Tx, correo: &str) -> Result<Vec<TutorId>, Problem> {
    let index = tx.blind_index("correo", &kernel::text::email(correo));
    propios::with_mail(tx, &index).await
}

/// Their living pets.
pub async fn mascotas_de(tx: &mut Tx, tutores: &[TutorId]) -> Result<Vec<Propia>, Problem> {
    propios::pets(tx, tutores).await
}

/// Registers a pet, of an owner who is known or of a new one, and marks whose idea it was.
pub async fn registrar_propio(
    tx: &mut Tx,
    tutor: Result<TutorId, DatosTutor>,
    mascota: MascotaNueva,
    sede: SedeId,
) -> Result<(TutorId, MascotaId), Problem> {
    let (known, new) = match tutor {
        Ok(id) => (Some(id), None),
        Err(datos) => (None, Some(datos)),
    };
    let referencias = store::especies::referencias(tx, None, mascota.especie.as_deref(), None, known).await?;
    let solicitud = SolicitudRegistro { tutor_id: known, tutor: new, mascota, sede_id: Some(sede) };
    let registrable = solicitud.check(referencias, model::hoy(tx.now())).map_err(Problem::invalid)?;
    let registro = routes::save(tx, registrable, Some(sede)).await?;
    let tutor = known.or(registro.tutor.map(|tutor| tutor.id)).ok_or_else(Problem::not_found)?;
    propios::mark(tx, registro.mascota.id, known.is_none().then_some(tutor)).await?;
    Ok((tutor, registro.mascota.id))
}

/// Writes down what an owner consents to, or not any more.
pub async fn consentir(tx: &mut Tx, tutor: TutorId, nuevo: &NuevoConsentimiento) -> Result<model::Consentimiento, Problem> {
    // Held: of two lines at once, the later one is the one that holds.
    store::tutores::lock(tx, tutor).await?.ok_or_else(Problem::not_found)?;
    let key = tx.person_key(tutor).await?.ok_or_else(|| Problem::new(PERSONA_OLVIDADA))?;
    let line = consentimientos::insert(tx, tutor, &key, nuevo).await?;
    let said = json!({ "finalidad": line.finalidad, "otorgado": line.otorgado, "medio": line.medio, "canal": line.canal, "texto_version": line.texto_version });
    tx.audit(Change::new("consentir", "tutor", tutor).despues(&said));
    let tema = if line.otorgado { "consentimiento.otorgado" } else { "consentimiento.retirado" };
    tx.publish(Event::new(tema, json!({ "tutor_id": tutor, "finalidad": line.finalidad })));
    Ok(line)
}
