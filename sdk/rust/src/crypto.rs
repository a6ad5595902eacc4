//! Keys stay with the host; the plugin names a slot of its manifest.
use crate::backend;
pub use crate::bindings::host::crypto::{Error, Hash, SignatureAlg};

pub fn digest(algorithm: Hash, data: &[u8]) -> Vec<u8> {
    backend::crypto::digest(algorithm, data)
}

pub fn sign(key: &str, algorithm: SignatureAlg, data: &[u8]) -> Result<Vec<u8>, Error> {
    backend::crypto::sign(key, algorithm, data)
}

/// In constant time.
pub fn verify(key: &str, algorithm: SignatureAlg, data: &[u8], signature: &[u8]) -> Result<bool, Error> {
    backend::crypto::verify(key, algorithm, data, signature)
}

pub fn certificate_der(key: &str) -> Result<Vec<u8>, Error> {
    backend::crypto::certificate_der(key)
}

/// Text as signatures travel: bytes in hexadecimal.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
