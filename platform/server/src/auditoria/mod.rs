//! The audit chain: a link per audit row, numbered without gaps per chain of clinics, each holding the hash of the
//! one before. Whoever changes, removes or inserts a row behind the API's back breaks it, and `verify` says where.
mod anchor;
pub(crate) mod archivo;
mod hash;
mod seal;
mod verify;

pub use anchor::{anchor, mail};
pub use archivo::{DeArchivo, anclas, verificar};
pub use hash::{Hash, Row};
pub use seal::{Sealed, seal};
pub use verify::{Ancla, Break, Verified, revisar, verify};
