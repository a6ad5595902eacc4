//! A private PostgreSQL cluster made from the system's own binaries, for the demo, the tests and the benchmarks.
//!
//! It lives in one folder, listens on 127.0.0.1 and on a socket nobody else can enter, never runs as root, and
//! dies with the process that started it, even if that is killed with -9. Only the standard library is used, so
//! that `xtask` builds in seconds on a fresh machine.
mod account;
mod binaries;
mod cluster;
mod data;
mod error;
mod launch;
mod lock;
mod options;
mod place;
pub mod private;
mod psql;
mod supervised;

pub use account::is_root;
pub use binaries::{Binaries, MAJORS};
pub use cluster::{Cluster, destroy};
pub use error::{Error, Result};
pub use lock::FolderLock;
pub use options::{Durability, Options};
pub use supervised::{Supervised, Target};
