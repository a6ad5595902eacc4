//! Staff, their roles, and what those roles allow where.
pub mod acceso;
pub mod model;
pub mod politica;
pub mod routes;
pub mod store;
