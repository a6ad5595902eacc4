//! Historias: all that happened to a pet, in one timeline.
//!
//! Each domain answers with its own entries, newest first, before a position; here they are merged. Two
//! entries of one instant are told apart by id, so no page loses or repeats one.
mod model;
mod routes;

pub use model::{Contenido, EntradaHistorial};
pub use routes::router;
