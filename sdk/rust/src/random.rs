//! From the host's generator.
use crate::backend;

/// At most 4,096 at once.
pub fn bytes(count: u32) -> Vec<u8> {
    backend::random::bytes(count)
}
