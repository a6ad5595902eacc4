//! Other systems that a chain tells what happens: outgoing webhooks, signed as in Standard Webhooks.
//!
//! The relay hands committed events to [`repartir`], which notes a delivery for each webhook that asked for exactly that
//! event; the server's worker does each with [`entregar`], again and again until it is taken or given up. A webhook
//! that fails for days is paused. What was delivered, and how it was answered, can be seen and sent again.
mod entregar;
mod firma;
mod model;
pub mod problemas;
mod routes;
mod store;

pub use entregar::{DELIVER, entregar};
pub use routes::{Salida, router};
pub use store::entregas::{Suceso, forget, repartir};
