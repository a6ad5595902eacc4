//! API keys of integrations: rights of their own, an end in sight, a secret that is shown once. The same keys
//! are OAuth2 clients.
pub mod model;
mod routes;
pub mod store;
pub mod uso;

pub use routes::router;
