//! Legal entities, sedes, and what a sede is made of: areas, rooms, equipment.
pub mod model;
pub mod routes;
pub mod store;
