//! Envelope encryption of personal values, and blind indexes to find them again.
//!
//! Each person has a random key; the platform's master key of some version wraps it. A value is AES-256-GCM
//! under the person's key with tenant, person and field as associated data, so that it cannot be moved to
//! another row. Rotating the master key re-wraps the person keys and touches no value; deleting a person key
//! forgets the person, in the audit too.
use crate::{
    Problem,
    ids::TenantId,
    keyfile::{self, Stamp},
};
use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};
use uuid::Uuid;
use zeroize::Zeroizing;

type Secret = Zeroizing<[u8; 32]>;

/// A value could not be decrypted: wrong key, wrong row, or damaged.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    #[error("clave maestra {0} desconocida")]
    UnknownVersion(i32),
    #[error("la versión {0} es la que está en uso")]
    Current(i32),
    #[error("valor ilegible")]
    Unreadable,
    #[error("archivo de claves {path}: {cause}")]
    File { path: PathBuf, cause: String },
}

impl From<CryptoError> for Problem {
    fn from(error: CryptoError) -> Self {
        Self::internal(error)
    }
}

/// 32 random bytes from the operating system.
pub fn random32() -> [u8; 32] {
    rand::random()
}

fn seal(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    seal_under(key, rand::random(), aad, plain)
}

/// The nonce comes from what is sealed, so the same is always sealed alike and nothing else has its nonce (the idea of
/// RFC 5297): whoever compares two sealed values sees whether they are equal, and no more.
fn seal_alike(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in [b"huella/nonce".as_slice(), aad, plain] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let digest = mac.finalize().into_bytes();
    let nonce = digest.first_chunk::<12>().unwrap_or_else(|| unreachable!("SHA-256 has 32 bytes"));
    seal_under(key, *nonce, aad, plain)
}

fn seal_under(key: &[u8; 32], nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad });
    let mut out = nonce.to_vec();
    out.extend(sealed.unwrap_or_else(|_| unreachable!("AES-GCM seals anything shorter than 64 GiB")));
    out
}

fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (nonce, body) = sealed.split_first_chunk::<12>().ok_or(CryptoError::Unreadable)?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad }).map(Zeroizing::new).map_err(|_| CryptoError::Unreadable)
}

/// On disk: versions of the master key and the root of the blind indexes, in base64. Mode 0600.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    actual: i32,
    maestras: BTreeMap<i32, String>,
    indice: String,
}

impl KeyFile {
    fn text(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        serde_json::to_vec_pretty(self).map(Zeroizing::new).map_err(|error| file_error(path, error))
    }
}

struct Keys {
    actual: i32,
    maestras: BTreeMap<i32, Secret>,
    /// The state of the file in which they were found.
    stamp: Option<Stamp>,
}

/// The platform's keys. One per process, shared.
pub struct Keyring {
    path: Option<PathBuf>,
    keys: RwLock<Keys>,
    index_root: Secret,
}

/// A master key that was taken out of the file, as long as somebody may want it back.
pub struct Retired {
    version: i32,
    key: String,
}

/// A person's key as it is stored.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    pub version: i32,
    pub bytes: Vec<u8>,
}

impl Keyring {
    /// Fresh keys that nothing else knows: for tests.
    pub fn ephemeral() -> Self {
        let keys = Keys { actual: 1, maestras: BTreeMap::from([(1, Zeroizing::new(random32()))]), stamp: None };
        Self { path: None, keys: RwLock::new(keys), index_root: Zeroizing::new(random32()) }
    }

    /// Reads the key file, or makes it (mode 0600) if there is none. What counts is what is in the file then:
    /// another process may have made it first.
    pub fn open_or_create(path: &Path) -> Result<Self, CryptoError> {
        if !path.exists() {
            let fresh = KeyFile { actual: 1, maestras: BTreeMap::from([(1, B64.encode(random32()))]), indice: B64.encode(random32()) };
            keyfile::create(path, &fresh.text(path)?).map_err(|error| file_error(path, error))?;
        }
        let (keys, index_root) = read(path)?;
        Ok(Self { path: Some(path.to_owned()), keys: RwLock::new(keys), index_root })
    }

    /// Adds a master key to the file and makes it the current one. Person keys are re-wrapped afterwards.
    pub fn add_version(&self) -> Result<i32, CryptoError> {
        self.edit(|file| {
            let next = file.maestras.keys().max().copied().unwrap_or(0) + 1;
            file.maestras.insert(next, B64.encode(random32()));
            file.actual = next;
            Ok(next)
        })
    }

    /// Takes a master key out of the file. What is still sealed with it cannot be read any more: first make sure that
    /// there is nothing, and give it back with [`Keyring::restore`] if there is after all.
    pub fn retire(&self, version: i32) -> Result<Retired, CryptoError> {
        self.edit(|file| {
            if version == file.actual {
                return Err(CryptoError::Current(version));
            }
            let key = file.maestras.remove(&version).ok_or(CryptoError::UnknownVersion(version))?;
            Ok(Retired { version, key })
        })
    }

    pub fn restore(&self, retired: Retired) -> Result<(), CryptoError> {
        self.edit(|file| {
            file.maestras.entry(retired.version).or_insert(retired.key);
            Ok(())
        })
    }

    fn edit<T>(&self, change: impl FnOnce(&mut KeyFile) -> Result<T, CryptoError>) -> Result<T, CryptoError> {
        let Some(path) = &self.path else { return Err(CryptoError::Unreadable) };
        let _alone = keyfile::lock(path).map_err(|error| file_error(path, error))?;
        let mut file = read_file(path)?;
        let changed = change(&mut file)?;
        keyfile::replace(path, &file.text(path)?).map_err(|error| file_error(path, error))?;
        self.reload()?;
        Ok(changed)
    }

    /// Version under which new keys are wrapped.
    pub fn current(&self) -> i32 {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).actual
    }

    /// Picks up a rotation by another process. Called every second by every server, so that none goes on wrapping
    /// under an old version for long.
    pub fn reload_if_changed(&self) -> Result<(), CryptoError> {
        let Some(path) = &self.path else { return Ok(()) };
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).stamp;
        let found = keyfile::stamp(path);
        if found.is_some() && found != known { self.reload() } else { Ok(()) }
    }

    fn reload(&self) -> Result<(), CryptoError> {
        if let Some(path) = &self.path {
            let (keys, _) = read(path)?;
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
        Ok(())
    }

    fn master(&self, version: i32) -> Result<Secret, CryptoError> {
        let find = || self.keys.read().unwrap_or_else(PoisonError::into_inner).maestras.get(&version).cloned();
        if let Some(key) = find() {
            return Ok(key);
        }
        // Another process may have rotated the key.
        self.reload()?;
        find().ok_or(CryptoError::UnknownVersion(version))
    }

    /// A new key for a person, and its stored form.
    pub fn new_person(&self, tenant: TenantId, person: Uuid) -> Result<(PersonKey, WrappedKey), CryptoError> {
        let secret = Zeroizing::new(random32());
        let wrapped = self.wrap(tenant, person, &secret)?;
        Ok((PersonKey { tenant, person, secret }, wrapped))
    }

    fn wrap(&self, tenant: TenantId, person: Uuid, secret: &Secret) -> Result<WrappedKey, CryptoError> {
        let version = self.current();
        let bytes = seal(&*self.master(version)?, &aad(tenant, person, "clave"), secret.as_slice());
        Ok(WrappedKey { version, bytes })
    }

    pub fn person(&self, tenant: TenantId, person: Uuid, wrapped: &WrappedKey) -> Result<PersonKey, CryptoError> {
        let plain = open(&*self.master(wrapped.version)?, &aad(tenant, person, "clave"), &wrapped.bytes)?;
        let secret: [u8; 32] = plain.as_slice().try_into().map_err(|_| CryptoError::Unreadable)?;
        Ok(PersonKey { tenant, person, secret: Zeroizing::new(secret) })
    }

    /// The same person key under the current master key.
    pub fn rewrap(&self, tenant: TenantId, person: Uuid, wrapped: &WrappedKey) -> Result<WrappedKey, CryptoError> {
        let key = self.person(tenant, person, wrapped)?;
        self.wrap(tenant, person, &key.secret)
    }

    /// Encrypts a secret of a chain that belongs to no person (a link on its way to an e-mail).
    pub fn seal_for_tenant(&self, tenant: TenantId, purpose: &str, plain: &[u8]) -> Result<String, CryptoError> {
        let version = self.current();
        let sealed = seal(&*self.master(version)?, &aad(tenant, Uuid::nil(), purpose), plain);
        Ok(format!("{}{}", sealed_under(version), B64.encode(sealed)))
    }

    pub fn open_for_tenant(&self, tenant: TenantId, purpose: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (version, body) = sealed.strip_prefix(SEALED).and_then(|rest| rest.split_once(':')).ok_or(CryptoError::Unreadable)?;
        let version = version.parse().map_err(|_| CryptoError::Unreadable)?;
        let body = B64.decode(body).map_err(|_| CryptoError::Unreadable)?;
        open(&*self.master(version)?, &aad(tenant, Uuid::nil(), purpose), &body)
    }

    /// The same secret under the current master key.
    pub fn reseal_for_tenant(&self, tenant: TenantId, purpose: &str, sealed: &str) -> Result<String, CryptoError> {
        self.seal_for_tenant(tenant, purpose, &self.open_for_tenant(tenant, purpose, sealed)?)
    }

    /// HMAC-SHA-256 of a normalised value, cut to 128 bits, with a key of this tenant and kind of value: equal
    /// values of one chain have equal indexes, and nobody without the root can test guesses.
    pub fn blind_index(&self, tenant: TenantId, kind: &str, normal: impl AsRef<[u8]>) -> Vec<u8> {
        let mut derive = <Hmac<Sha256> as KeyInit>::new_from_slice(self.index_root.as_slice())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        derive.update(tenant.0.as_bytes());
        derive.update(kind.as_bytes());
        let key = derive.finalize().into_bytes();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(normal.as_ref());
        mac.finalize().into_bytes()[..16].to_vec()
    }
}

const SEALED: &str = "sellado:";

/// How every secret of a chain begins that was sealed under this version: what to look for before it is retired.
pub fn sealed_under(version: i32) -> String {
    format!("{SEALED}{version}:")
}

fn aad(tenant: TenantId, person: Uuid, field: &str) -> Vec<u8> {
    [tenant.0.as_bytes().as_slice(), person.as_bytes(), field.as_bytes()].concat()
}

fn file_error(path: &Path, cause: impl ToString) -> CryptoError {
    CryptoError::File { path: path.to_owned(), cause: cause.to_string() }
}

fn read_file(path: &Path) -> Result<KeyFile, CryptoError> {
    let text = std::fs::read_to_string(path).map_err(|error| file_error(path, error))?;
    serde_json::from_str(&text).map_err(|_| file_error(path, "no es un archivo de claves"))
}

fn read(path: &Path) -> Result<(Keys, Secret), CryptoError> {
    // Before the content: a change in between is then noticed the next time.
    let stamp = keyfile::stamp(path);
    let file = read_file(path)?;
    let secret = |text: &str| -> Result<Secret, CryptoError> {
        let bytes = B64.decode(text).map_err(|_| file_error(path, "base64 inválido"))?;
        Ok(Zeroizing::new(bytes.try_into().map_err(|_| file_error(path, "una clave tiene 32 bytes"))?))
    };
    let maestras =
        file.maestras.iter().map(|(version, text)| Ok((*version, secret(text)?))).collect::<Result<BTreeMap<_, _>, CryptoError>>()?;
    if !maestras.contains_key(&file.actual) {
        return Err(file_error(path, "falta la clave actual"));
    }
    Ok((Keys { actual: file.actual, maestras, stamp }, secret(&file.indice)?))
}

/// Encrypts and decrypts the values of one person.
pub struct PersonKey {
    tenant: TenantId,
    person: Uuid,
    secret: Secret,
}

impl PersonKey {
    pub fn seal(&self, field: &str, plain: &str) -> Vec<u8> {
        seal(&self.secret, &aad(self.tenant, self.person, field), plain.as_bytes())
    }
    pub fn open(&self, field: &str, sealed: &[u8]) -> Result<String, CryptoError> {
        let plain = open(&self.secret, &aad(self.tenant, self.person, field), sealed)?;
        String::from_utf8(plain.to_vec()).map_err(|_| CryptoError::Unreadable)
    }
    /// As text, for JSON in the audit, where what did not change has to read alike before and after.
    pub fn seal_text(&self, field: &str, plain: &str) -> String {
        let sealed = seal_alike(&self.secret, &aad(self.tenant, self.person, field), plain.as_bytes());
        format!("cifrado:{}", B64.encode(sealed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> (Keyring, TenantId, Uuid, PersonKey, WrappedKey) {
        let (ring, tenant, id) = (Keyring::ephemeral(), TenantId::new(), Uuid::now_v7());
        let (key, wrapped) = ring.new_person(tenant, id).expect("a fresh keyring");
        (ring, tenant, id, key, wrapped)
    }

    #[test]
    fn what_did_not_change_reads_alike_in_the_audit_and_nothing_else_does() {
        let (ring, tenant, _, key, _) = person();
        let (other, _) = ring.new_person(tenant, Uuid::now_v7()).expect("a fresh keyring");
        let once = key.seal_text("motivo", "Cojea");
        assert_eq!(once, key.seal_text("motivo", "Cojea"));
        for different in [key.seal_text("motivo", "Cojea."), key.seal_text("nota", "Cojea"), other.seal_text("motivo", "Cojea")] {
            assert_ne!(once[..24], different[..24], "not even its nonce");
        }
        let sealed = B64.decode(once.trim_start_matches("cifrado:")).expect("base64");
        assert_eq!(key.open("motivo", &sealed).expect("its own field"), "Cojea");
        assert_ne!(key.seal("motivo", "Cojea"), key.seal("motivo", "Cojea"), "a column tells nothing at all");
    }

    #[test]
    fn a_value_opens_only_in_its_own_row_and_field() {
        let (ring, tenant, id, key, wrapped) = person();
        let sealed = key.seal("telefono", "+51987654321");
        let again = ring.person(tenant, id, &wrapped).expect("its own key");
        assert_eq!(again.open("telefono", &sealed).expect("its own field"), "+51987654321");
        assert!(again.open("correo", &sealed).is_err());
        assert!(ring.person(TenantId::new(), id, &wrapped).is_err());
        assert!(ring.person(tenant, Uuid::now_v7(), &wrapped).is_err());
        assert!(!sealed.windows(9).any(|window| window == b"987654321"));
    }

    fn new_path() -> PathBuf {
        std::env::temp_dir().join(format!("huella-claves-{}", Uuid::now_v7())).join("maestra.json")
    }

    /// Many servers start on an empty folder at the same time: all must end up with the keys that stay in the file.
    #[test]
    fn first_starts_together_agree_on_one_key() {
        let (path, tenant) = (new_path(), TenantId::new());
        let gate = std::sync::Barrier::new(20);
        let open = || {
            gate.wait();
            Keyring::open_or_create(&path).expect("opened").blind_index(tenant, "dni", "01234567")
        };
        let indexes: std::collections::BTreeSet<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(indexes.len(), 1);
        let later = Keyring::open_or_create(&path).expect("opened").blind_index(tenant, "dni", "01234567");
        assert!(indexes.contains(&later), "and it is the one on disk");
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("removed");
    }

    #[test]
    fn rotations_together_lose_no_version() {
        let path = new_path();
        let ring = Keyring::open_or_create(&path).expect("made");
        let versions: std::collections::BTreeSet<i32> = std::thread::scope(|scope| {
            let rotate = || Keyring::open_or_create(&path).expect("opened").add_version().expect("rotated");
            let threads: Vec<_> = (0..10).map(|_| scope.spawn(rotate)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(versions, (2..=11).collect());
        ring.reload_if_changed().expect("reloaded");
        assert!((1..=11).all(|version| ring.master(version).is_ok()));
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("removed");
    }

    #[test]
    fn a_running_process_wraps_under_the_new_version_once_it_looked() {
        let path = new_path();
        let (ring, other) = (Keyring::open_or_create(&path).expect("made"), Keyring::open_or_create(&path).expect("read"));
        ring.add_version().expect("rotated");
        assert_eq!(other.current(), 1);
        other.reload_if_changed().expect("looked");
        assert_eq!(other.new_person(TenantId::new(), Uuid::now_v7()).expect("wrapped").1.version, 2);
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("removed");
    }

    #[test]
    fn only_an_old_version_can_be_retired_and_it_can_come_back() {
        let path = new_path();
        let ring = Keyring::open_or_create(&path).expect("made");
        let (tenant, id) = (TenantId::new(), Uuid::now_v7());
        let (_, wrapped) = ring.new_person(tenant, id).expect("wrapped");
        assert!(matches!(ring.retire(1), Err(CryptoError::Current(1))));
        ring.add_version().expect("rotated");
        let retired = ring.retire(1).expect("taken out");
        assert!(matches!(ring.retire(1), Err(CryptoError::UnknownVersion(1))));
        assert!(matches!(ring.person(tenant, id, &wrapped), Err(CryptoError::UnknownVersion(1))));
        ring.restore(retired).expect("put back");
        assert!(ring.person(tenant, id, &wrapped).is_ok());
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("removed");
    }

    #[test]
    fn rotation_keeps_values_readable_also_in_a_process_that_did_not_rotate() {
        let path = new_path();
        let ring = Keyring::open_or_create(&path).expect("made");
        let other = Keyring::open_or_create(&path).expect("read");
        let (tenant, id) = (TenantId::new(), Uuid::now_v7());
        let (key, wrapped) = ring.new_person(tenant, id).expect("wrapped");
        let sealed = key.seal("dni", "01234567");
        let index = ring.blind_index(tenant, "dni", "01234567");
        assert_eq!(ring.add_version().expect("rotated"), 2);
        let rewrapped = ring.rewrap(tenant, id, &wrapped).expect("old key is still there");
        assert_eq!(rewrapped.version, 2);
        assert_eq!(other.person(tenant, id, &rewrapped).expect("reloads").open("dni", &sealed).expect("readable"), "01234567");
        assert_eq!(other.blind_index(tenant, "dni", "01234567"), index);
        assert_ne!(other.blind_index(TenantId::new(), "dni", "01234567"), index);
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("exists").permissions().mode() & 0o777, 0o600);
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("removed");
    }
}
