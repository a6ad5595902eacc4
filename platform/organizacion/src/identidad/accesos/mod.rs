//! The log of tries to sign in: who, how it ended, from where, with which device.
pub mod model;
mod routes;
pub mod store;

pub use routes::router;
