//! Every SQL statement of owners and pets.
pub mod ajustes;
pub mod anonimizacion;
pub mod aperturas;
pub mod busqueda;
pub mod consentimientos;
pub mod conservacion;
pub mod contactos;
pub mod especies;
pub mod expediente;
pub mod expediente_agenda;
pub mod fallecimientos;
pub mod fusiones;
pub mod historial;
pub mod identificadores;
pub mod importar;
pub mod listas;
pub mod mascotas;
pub mod palabras;
pub mod pesos;
pub mod propios;
pub mod seguido;
pub mod traer;
pub mod tutores;
pub mod vinculos;
pub mod visibilidad;

use crate::model;
use kernel::{Problem, crypto::PersonKey, ids::TutorId};
use uuid::Uuid;

/// An owner's phone as lists show it; `None` of somebody without a phone, or forgotten.
fn masked(keys: &[(Uuid, PersonKey)], tutor: TutorId, sealed: Option<&[u8]>) -> Result<Option<String>, Problem> {
    let key = keys.iter().find(|(person, _)| *person == tutor.0).map(|(_, key)| key);
    let phone = tutores::Reader(key).text("telefono", sealed)?;
    Ok(phone.as_deref().map(model::masked_phone))
}
