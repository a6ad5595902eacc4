//! How an owner is reached, for whoever has something to tell them.
use crate::{
    model::{Finalidad, Medio, full_name},
    store::{consentimientos, contactos as store, propios, tutores::Reader},
};
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{MascotaId, TutorId},
};
use std::collections::HashMap;
use uuid::Uuid;

/// An owner and their addresses; none of somebody without one, or forgotten.
#[derive(Debug, Clone)]
pub struct Contacto {
    pub tutor: TutorId,
    pub nombre: String,
    pub correo: Option<String>,
    /// E.164.
    pub telefono: Option<String>,
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

/// Of the owners that these pets have now, by pet.
pub async fn contactos_de_mascotas(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<MascotaId, Contacto>, Problem> {
    let filas = store::of_pets(tx, mascotas).await?;
    let people: Vec<Uuid> = filas.iter().map(|(_, fila)| fila.id.0).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut found = HashMap::with_capacity(filas.len());
    for (mascota, fila) in filas {
        let key = keys.get(&fila.id.0);
        found.insert(mascota, leer(fila, key)?);
    }
    Ok(found)
}

async fn abrir(tx: &mut Tx, fila: Option<store::Fila>) -> Result<Option<Contacto>, Problem> {
    let Some(fila) = fila else { return Ok(None) };
    let key = match (&fila.correo_cifrado, &fila.telefono_cifrado) {
        (None, None) => None,
        _ => tx.person_key(fila.id).await?,
    };
    leer(fila, key.as_ref()).map(Some)
}

fn leer(fila: store::Fila, key: Option<&PersonKey>) -> Result<Contacto, Problem> {
    let reader = Reader(key);
    let correo = reader.text("correo", fila.correo_cifrado.as_deref())?;
    let telefono = reader.text("telefono", fila.telefono_cifrado.as_deref())?;
    Ok(Contacto { tutor: fila.id, nombre: full_name(&fila.nombres, &fila.apellidos), correo, telefono })
}

/// The owners with this phone, the oldest first.
pub async fn de_telefono(tx: &mut Tx, telefono: &str) -> Result<Vec<TutorId>, Problem> {
    let index = tx.blind_index("telefono", telefono);
    propios::with_phone(tx, &index).await
}

/// What an owner said of one purpose, medium by medium; `None` of what they never spoke of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consentido {
    correo: Option<bool>,
    whatsapp: Option<bool>,
    sms: Option<bool>,
}

impl Consentido {
    /// Said of all media at once.
    pub fn de_todo(otorgado: bool) -> Self {
        Self { correo: Some(otorgado), whatsapp: Some(otorgado), sms: Some(otorgado) }
    }
    pub fn por(&self, medio: Medio) -> Option<bool> {
        match medio {
            Medio::Correo => self.correo,
            Medio::Whatsapp => self.whatsapp,
            Medio::Sms => self.sms,
        }
    }
    fn note(&mut self, medio: Medio, otorgado: bool) {
        let said = match medio {
            Medio::Correo => &mut self.correo,
            Medio::Whatsapp => &mut self.whatsapp,
            Medio::Sms => &mut self.sms,
        };
        *said = Some(otorgado);
    }
}

/// What holds today of these owners, who are no merged records. Who never said anything is not in it.
pub async fn consentido(tx: &mut Tx, tutores: &[TutorId], finalidad: Finalidad) -> Result<HashMap<TutorId, Consentido>, Problem> {
    let mut held: HashMap<TutorId, Consentido> = HashMap::new();
    for (tutor, medio, otorgado) in consentimientos::said(tx, tutores, finalidad).await? {
        let one = held.entry(tutor).or_default();
        Medio::ALL.into_iter().filter(|each| medio.is_none_or(|medio| medio == *each)).for_each(|each| one.note(each, otorgado));
    }
    Ok(held)
}
