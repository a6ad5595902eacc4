//! The secrets of identity: refresh tokens, links, API keys and device tokens.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use jiff::Timestamp;
pub use kernel::token::{make, read, sha256};
use kernel::{
    crypto::{Keyring, random32},
    ids::{ClaveApiId, TenantId},
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

pub const RENOVACION: &str = "hr_";
pub const ENLACE: &str = "he_";
const CLAVE_API: &str = "hk_";
const CLIENTE: &str = "hc_";
const DISPOSITIVO: &str = "hd_";

/// An API key as its owner holds it. As an OAuth2 client, `cliente` and `secreto` are its two halves.
pub struct ClaveApi {
    pub tenant: TenantId,
    pub id: ClaveApiId,
    secreto: [u8; 32],
}

impl ClaveApi {
    pub fn new(tenant: TenantId, id: ClaveApiId) -> Self {
        Self { tenant, id, secreto: random32() }
    }
    fn ids(&self) -> Vec<u8> {
        [self.tenant.0.as_bytes().as_slice(), self.id.0.as_bytes()].concat()
    }
    pub fn text(&self) -> String {
        format!("{CLAVE_API}{}", B64.encode([self.ids().as_slice(), &self.secreto].concat()))
    }
    pub fn cliente(&self) -> String {
        format!("{CLIENTE}{}", B64.encode(self.ids()))
    }
    pub fn secreto(&self) -> String {
        B64.encode(self.secreto)
    }
    pub fn resumen(&self) -> Vec<u8> {
        Sha256::digest(self.secreto).to_vec()
    }
    pub fn matches(&self, resumen: &[u8]) -> bool {
        self.resumen().ct_eq(resumen).into()
    }
    pub fn is_one(text: &str) -> bool {
        text.starts_with(CLAVE_API)
    }
    pub fn read(text: &str) -> Option<Self> {
        let bytes = B64.decode(text.strip_prefix(CLAVE_API)?).ok().filter(|bytes| bytes.len() == 64)?;
        Self::from_bytes(&bytes[..32], &bytes[32..])
    }
    pub fn from_client(cliente: &str, secreto: &str) -> Option<Self> {
        Self::from_bytes(&B64.decode(cliente.strip_prefix(CLIENTE)?).ok()?, &B64.decode(secreto).ok()?)
    }
    fn from_bytes(ids: &[u8], secreto: &[u8]) -> Option<Self> {
        let (tenant, id) = ids.split_at_checked(16)?;
        Some(Self {
            tenant: TenantId(Uuid::from_slice(tenant).ok()?),
            id: ClaveApiId(Uuid::from_slice(id).ok()?),
            secreto: secreto.try_into().ok()?,
        })
    }
}

/// A year: after that a device is a stranger again.
const DISPOSITIVO_SEGUNDOS: i64 = 365 * 24 * 3600;

/// What a device that signed in keeps: proof that the account's owner used it. It opens nothing; it only puts
/// the device's tries into a bucket of their own. Bound to the account's address, because it is checked before
/// the account is looked up.
pub fn make_device(ring: &Keyring, tenant: TenantId, correo_indice: &[u8], now: Timestamp) -> String {
    let body = [Uuid::now_v7().as_bytes().as_slice(), &now.as_second().to_be_bytes()].concat();
    let mac = device_mac(ring, tenant, correo_indice, &body);
    format!("{DISPOSITIVO}{}", B64.encode([body, mac].concat()))
}

/// The device's name, if the token is ours, of this account, and not too old.
pub fn read_device(ring: &Keyring, tenant: TenantId, correo_indice: &[u8], text: &str, now: Timestamp) -> Option<Uuid> {
    let bytes = B64.decode(text.strip_prefix(DISPOSITIVO)?).ok().filter(|bytes| bytes.len() == 40)?;
    let (body, mac) = bytes.split_at(24);
    let made = i64::from_be_bytes(body[16..].try_into().ok()?);
    let genuine: bool = device_mac(ring, tenant, correo_indice, body).ct_eq(mac).into();
    (genuine && now.as_second() - made < DISPOSITIVO_SEGUNDOS).then(|| Uuid::from_slice(&body[..16]).ok()).flatten()
}

fn device_mac(ring: &Keyring, tenant: TenantId, correo_indice: &[u8], body: &[u8]) -> Vec<u8> {
    ring.blind_index(tenant, "dispositivo", B64.encode([correo_indice, body].concat()))
}

/// Unambiguous letters for people to type: no vowels that make words, no 0/o, 1/l.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A recovery code, ten letters of five bits each.
pub fn recovery_code() -> String {
    let random = random32();
    let letter = |index: usize| LETTERS[usize::from(random[index] & 31)] as char;
    (0..10).map(|index| if index == 5 { format!("-{}", letter(index)) } else { letter(index).to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_is_also_a_client() {
        let key = ClaveApi::new(TenantId::new(), ClaveApiId::new());
        let again = ClaveApi::read(&key.text()).expect("its own text");
        assert!(again.matches(&key.resumen()) && again.id == key.id && again.tenant == key.tenant);
        let client = ClaveApi::from_client(&key.cliente(), &key.secreto()).expect("its own halves");
        assert!(client.matches(&key.resumen()) && client.id == key.id);
        assert!(!ClaveApi::new(key.tenant, key.id).matches(&key.resumen()));
        assert!(ClaveApi::from_client(&key.cliente(), "x").is_none());
    }

    #[test]
    fn a_device_is_known_to_one_account_for_a_year() {
        let (ring, tenant, now) = (Keyring::ephemeral(), TenantId::new(), Timestamp::UNIX_EPOCH);
        let text = make_device(&ring, tenant, b"ana", now);
        assert!(read_device(&ring, tenant, b"ana", &text, now).is_some());
        assert!(read_device(&ring, tenant, b"eva", &text, now).is_none());
        assert!(read_device(&ring, TenantId::new(), b"ana", &text, now).is_none());
        assert!(read_device(&ring, tenant, b"ana", &text, now + jiff::SignedDuration::from_hours(24 * 366)).is_none());
    }

    #[test]
    fn recovery_codes_are_typed_by_people() {
        let code = recovery_code();
        assert_eq!(code.len(), 11);
        assert_eq!(code.as_bytes()[5], b'-');
    }
}
