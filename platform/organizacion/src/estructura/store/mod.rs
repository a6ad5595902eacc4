//! Every SQL statement of the structure, one file per table.
pub mod ambientes;
pub mod areas;
pub mod cadena;
pub mod entidades;
pub mod equipos;
pub mod sedes;
