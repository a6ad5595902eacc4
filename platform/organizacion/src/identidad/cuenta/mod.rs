//! The life of an account: invited, accepted, password forgotten or changed. Profile data is `personal`'s;
//! this writes the credentials.
mod cambiar;
pub mod enlaces;
pub mod model;
mod routes;
pub mod store;

pub use enlaces::invitar;
pub use routes::router;
