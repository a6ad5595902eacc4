//! Medical alerts over HTTP.
pub mod alertas;
pub mod ensayos;
