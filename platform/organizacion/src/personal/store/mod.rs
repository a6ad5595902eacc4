//! Every SQL statement about staff, roles and assignments.
pub mod asignaciones;
pub mod roles;
pub mod usuarios;
