//! Historias: all that happened to a pet, in one timeline.
//!
//! Each domain answers with its own entries, newest first, before a position; here they are merged. Two
//! entries of one instant are told apart by id, so no page loses or repeats one. Care of before the chain came here is kept
//! as it was told.
mod antecedentes;
mod model;
mod portable;
mod routes;
mod store;

pub use antecedentes::{Antecedente, AntecedenteTipo, FichaAntecedente, revisar_antecedente, traer_antecedentes};
pub use model::{Contenido, EntradaHistorial};
pub use portable::PORTABLE;
pub use routes::router;
