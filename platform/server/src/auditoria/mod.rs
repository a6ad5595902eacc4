//! The audit chain: a link per audit row, numbered without gaps per chain of clinics, each holding the hash of the
//! one before. Whoever changes, removes or inserts a row behind the API's back breaks it, and `verify` says where.
mod anchor;
mod hash;
mod seal;
mod verify;

pub use anchor::anchor;
pub use hash::{Hash, Row};
pub use seal::{Sealed, seal};
pub use verify::{Break, Verified, revisar, verify};
