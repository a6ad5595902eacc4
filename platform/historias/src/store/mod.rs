//! Every SQL statement of the clinical record.
pub mod clinicos;
pub mod hechos;
pub mod historial;
pub mod vacunas;
