//! Pacientes: who the pets of a chain are, and who answers for them.
//!
//! A pet has one owner at a time and keeps the past ones. What is personal about an owner is encrypted with
//! that person's own key and found by blind index; names are found by word, also misspelt, in chains of
//! 200,000 pets. The index follows every change of a name or an owner in the same transaction.
mod aplicar;
mod buscar;
mod contacto;
mod duplicados;
mod fusionar;
mod importar;
mod model;
mod routes;
mod store;
mod ubigeo;

pub use aplicar::{EspecieConRazas, EspecieSeccion, EspeciesArchivo, aplicar, especies};
pub use buscar::buscar;
pub use contacto::{Contacto, contacto, contacto_de_mascota};
pub use importar::{MascotaImportada, PacienteImportado, cuantos, importar};
pub use model::{
    Buscado, DatosTutor, Documento, Encontrado, Identificador, IdentificadorTipo, Mascota, MascotaNueva, Relacion, Sexo, Tutor, problemas,
};
pub use routes::router;
pub use store::{
    historial::{EntradaPaciente, Hecho, historial},
    mascotas::exists as existe_mascota,
    palabras::reindexar,
};
