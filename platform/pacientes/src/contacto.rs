//! How an owner is reached, for whoever has something to tell them.
use crate::{model::full_name, store::contactos as store};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};

/// An owner and their address; no address of somebody without one, or forgotten.
#[derive(Debug, Clone)]
pub struct Contacto {
    pub tutor: TutorId,
    pub nombre: String,
    pub correo: Option<String>,
}

/// Of an owner; of one who was merged, of the record that went on.
pub async fn contacto(tx: &mut Tx, tutor: TutorId) -> Result<Option<Contacto>, Problem> {
    let fila = store::of(tx, tutor).await?;
    abrir(tx, fila).await
}

/// Of the owner that a pet has now.
pub async fn contacto_de_mascota(tx: &mut Tx, mascota: MascotaId) -> Result<Option<Contacto>, Problem> {
    let fila = store::of_pet(tx, mascota).await?;
    abrir(tx, fila).await
}

async fn abrir(tx: &mut Tx, fila: Option<store::Fila>) -> Result<Option<Contacto>, Problem> {
    let Some(fila) = fila else { return Ok(None) };
    let correo = match fila.correo_cifrado {
        Some(sealed) => tx.person_key(fila.id).await?.map(|key| key.open("correo", &sealed)).transpose()?,
        None => None,
    };
    Ok(Some(Contacto { tutor: fila.id, nombre: full_name(&fila.nombres, &fila.apellidos), correo }))
}
