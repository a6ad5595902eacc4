//! Catálogo: what a chain offers, how long it takes and what it needs.
//!
//! A service says its duration, the time before and after it, the kind of room and of equipment, and which
//! vets give it (nobody named: all of them). The agenda reads this through `v_servicios`.
mod aplicar;
mod model;
mod portable;
mod routes;
mod store;

pub use aplicar::{ServicioSeccion, aplicar, por_codigo};
pub use model::{AmbienteTipo, Servicio};
pub use portable::PORTABLE;
pub use routes::router;
