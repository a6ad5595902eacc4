//! The outside world behind `kernel::ports`: cache and bus (in this process, or Redis), files (S3), e-mail (SMTP),
//! calls to addresses that people gave us (HTTPS).
//!
//! Cache and bus keep the same promises in both forms; `tests/suite.rs` holds them to it. Nothing here waits
//! long: a lost Redis is an error within 300 ms, and the caller goes on without it.
mod memory;
mod outbound;
mod redis;
mod s3;
mod secret;
mod smtp;

pub use memory::{MemoryBus, MemoryCache};
pub use outbound::{Guard, HttpOutbound};
pub use redis::{RedisBus, RedisCache, RedisConfig};
pub use s3::{S3Config, S3Files};
pub use secret::Secret;
pub use smtp::{SmtpConfig, SmtpMailer};

/// A setting that cannot be used. Says which one and why, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting(pub String);

impl std::fmt::Display for BadSetting {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for BadSetting {}
