//! The life of an account: invited, accepted, password forgotten or changed. Profile data is `personal`'s;
//! this writes the credentials.
pub mod cambiar;
pub mod enlaces;
pub mod model;
mod olvidar;
mod routes;
pub mod store;

pub use enlaces::{cambiar_correo, invitar};
pub use routes::router;
pub use store::gastar_enlaces as anular_enlaces;
