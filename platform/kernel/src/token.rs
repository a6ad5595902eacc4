//! Secrets that travel as text: refresh tokens, links in a mail, calendars. They carry the chain, so that row-level
//! security stands before the first query, and 256 random bits; only their SHA-256 is kept.
use crate::{crypto::random32, ids::TenantId};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub fn sha256(text: impl AsRef<[u8]>) -> Vec<u8> {
    Sha256::digest(text.as_ref()).to_vec()
}

/// A new secret of a chain, and what is kept of it.
pub fn make(prefix: &str, tenant: TenantId) -> (String, Vec<u8>) {
    let text = format!("{prefix}{}", B64.encode([tenant.0.as_bytes().as_slice(), &random32()].concat()));
    let resumen = sha256(&text);
    (text, resumen)
}

/// The chain that a secret names, and what would have been kept of it.
pub fn read(prefix: &str, text: &str) -> Option<(TenantId, Vec<u8>)> {
    let bytes = B64.decode(text.strip_prefix(prefix)?).ok().filter(|bytes| bytes.len() == 48)?;
    Some((TenantId(Uuid::from_slice(&bytes[..16]).ok()?), sha256(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_carry_their_chain_and_nothing_else_is_one() {
        let tenant = TenantId::new();
        let (text, resumen) = make("hr_", tenant);
        assert_eq!(read("hr_", &text), Some((tenant, resumen)));
        assert_eq!(read("he_", &text), None);
        assert_eq!(read("hr_", &text[..text.len() - 2]), None);
        assert_ne!(make("hr_", tenant).0, text);
    }
}
