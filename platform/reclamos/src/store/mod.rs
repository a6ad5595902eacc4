//! Every SQL statement of the Libro de Reclamaciones.
pub mod avisos;
mod hojas;
mod sedes;

pub use hojas::{Filtro, Usado, de_enlace, find, hold, insert, list, lock_network, pendientes, presentadas_desde, responder, usado};
pub use sedes::{establecimientos, feriados};
