//! Whether an owner can be told of something without anybody calling: by e-mail, else by phone, over the media by which they
//! agreed to hear of appointments.
use kernel::{Problem, Tx, ids::MascotaId, ports::MediosATelefono};
use pacientes::{Finalidad, Medio};

/// Of the owner of a pet, where the chain reaches phones by these media.
pub async fn avisable(tx: &mut Tx, mascota: MascotaId, medios: MediosATelefono) -> Result<bool, Problem> {
    let Some(contacto) = pacientes::contacto_de_mascota(tx, mascota).await? else { return Ok(false) };
    if contacto.correo.is_some() {
        return Ok(true);
    }
    if contacto.telefono.is_none() {
        return Ok(false);
    }
    let tutor = contacto.tutor;
    let said = pacientes::consentido(tx, &[tutor], Finalidad::Recordatorios).await?.remove(&tutor).unwrap_or_default();
    let yes = |medio: Medio| said.por(medio) == Some(true);
    Ok((medios.sms && yes(Medio::Sms)) || (medios.whatsapp && yes(Medio::Whatsapp)))
}
