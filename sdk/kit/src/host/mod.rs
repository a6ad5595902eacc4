//! What runs a plugin: on the server's own host, with its limits and errors, and a provider made of a script.
mod banco;
pub mod casos;
pub mod conformance;
pub mod dev;
mod proveedor;
pub mod record;
pub mod replay;

use anyhow::Result;
use std::future::Future;

/// The host's clock is a thread of its own; one more for everything else is enough.
fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}
