//! Privacidad: what a chain owes to the people whose data it holds (Ley 29733, D.S. 016-2024-JUS).
//!
//! Requests about personal data with their clock in working days, security incidents with their 48 hours, and how long
//! each kind of data is kept. What is done to owners themselves (their file, forgetting them, their consents) is done by
//! `pacientes`. What people wrote in a request is sealed with a key of its own, which goes when the request does.
mod model;
mod portable;
pub mod problemas;
mod routes;
mod store;

pub use model::{
    derecho::Derecho,
    solicitud::{Identidad, NuevaSolicitud, Pedido},
};
pub use portable::PORTABLE;
pub use routes::{conservacion::cumplir, router, solicitudes::abrir};
pub use store::avisos::{Avisados, avisar, con_avisos, con_conservacion};
