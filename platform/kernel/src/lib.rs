//! What every domain needs and none owns.
//!
//! A request carries one [`Ctx`]: who asks, for which chain and sedes, with which permission, at what time.
//! It is the only door to the database, and row-level security stands behind it. Everything that leaves
//! the process goes through a port ([`ports`]); every error a client sees is a [`Problem`].
//!
//! Entry rule: used by three domains, or it does not go in.
pub mod access;
pub mod apply;
pub mod audit;
pub mod correo;
pub mod crypto;
pub mod ctx;
pub mod eventos;
pub mod extract;
pub mod host;
pub mod idempotency;
pub mod ids;
pub mod job;
pub mod keyfile;
mod memory;
pub mod modulos;
pub mod money;
pub mod page;
pub mod permission;
pub mod portable;
pub mod ports;
pub mod problem;
mod replica;
pub mod schema;
mod store;
pub mod text;
pub mod token;
pub mod tx;
mod unique;
pub mod version;

pub use access::{Access, Actor, Identity, Origin, Sedes};
pub use audit::Change;
pub use correo::{Correo, Destino};
pub use ctx::{Anon, App, Clock, Ctx, Outside, Standing, SystemCtx};
pub use extract::{Json, Path, Query};
pub use idempotency::{Begun, Once};
pub use job::Job;
pub use money::Soles;
pub use page::{Cursor, Page};
pub use problem::{FieldError, Kind, OnConstraint, Problem};
pub use tx::{Event, Indexer, Tx};
pub use version::{IfMatch, Versioned};
