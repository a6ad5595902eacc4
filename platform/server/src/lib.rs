//! The one binary, as a library: configuration, wiring, HTTP, background jobs, subcommands.
//!
//! Everything below is a domain or an adapter; this crate alone knows them all and puts them together.
//! [`assemble`] makes the application from a configuration or from given parts, [`http::router`] its HTTP
//! face, [`http::serve`] runs it, [`trabajos`] is what happens outside requests.
mod assemble;
pub mod auditoria;
pub mod claves;
pub mod cli;
pub mod complementos;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod eventos;
mod exportar;
pub mod http;
mod importar;
mod inicio;
pub mod limites;
pub mod logs;
mod memoria;
mod migrate;
mod outside;
mod pool;
pub mod portable;
mod ports;
mod store;
pub mod tenant;
pub mod trabajos;

pub use assemble::{Assembled, assemble, assemble_with};
pub use migrate::{MigrateError, migrate};
