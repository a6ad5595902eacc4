//! HMAC-SHA256, as both providers sign.
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub(crate) fn hmac(secreto: &str, datos: &[u8]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(secreto.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(datos);
    mac.finalize().into_bytes().into()
}

pub(crate) fn sha256(datos: &[u8]) -> String {
    hex(&Sha256::digest(datos))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A provider has a clock of its own.
pub(crate) fn ahora() -> jiff::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "not the platform's time")]
    jiff::Timestamp::now()
}
