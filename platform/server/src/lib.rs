//! The one binary, as a library: configuration, wiring, HTTP, background jobs, subcommands.
//!
//! Everything below is a domain or an adapter; this crate alone knows them all and puts them together.
//! [`assemble`] makes the application from a configuration or from given parts, [`http::router`] its HTTP
//! face, [`http::serve`] runs it, [`trabajos`] is what happens outside requests.
pub mod http;
