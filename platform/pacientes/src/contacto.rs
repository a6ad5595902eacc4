//! Whom to write to about a pet.
use crate::{model::Relacion, store};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};

/// A pet's owner, as a letter needs them.
#[derive(Debug, Clone)]
pub struct Contacto {
    pub tutor_id: TutorId,
    pub nombres: String,
    pub correo: Option<String>,
}

/// The present owner of a pet; `None` if it has none.
pub async fn contacto(tx: &mut Tx, mascota: MascotaId) -> Result<Option<Contacto>, Problem> {
    let present = store::vinculos::present(tx, mascota).await?;
    let Some(owner) = present.into_iter().find(|vinculo| vinculo.relacion == Relacion::Propietario) else { return Ok(None) };
    let tutor = store::tutores::find(tx, owner.tutor_id).await?;
    Ok(tutor.map(|tutor| Contacto { tutor_id: tutor.id, nombres: tutor.nombres, correo: tutor.correo }))
}
