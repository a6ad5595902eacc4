//! The host's time: in a test or a replay it is another one.
use crate::backend;

pub fn now_unix_ms() -> u64 {
    backend::clock::now_unix_ms()
}
