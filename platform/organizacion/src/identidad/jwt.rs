//! Access tokens: Ed25519 signatures with a key that can be changed while everybody stays signed in.
//!
//! The keys live in one file (mode 0600) that all instances share. A process that meets an unknown key id, or
//! sees that the file changed, reads it again. A new key is published before it signs, for those who verify with a
//! copy of the public keys; the one before it verifies until its last token is surely dead.
use arc_swap::ArcSwap;
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use kernel::{
    crypto::random32,
    ids::{SesionId, TenantId},
    keyfile::{self, Stamp},
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Who these tokens are for.
pub const AUDIENCE: &str = "huella";
/// How long a key is known before it signs: others may keep a copy of the public keys for 5 minutes.
pub const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// How much longer than its last token a replaced key verifies: clocks differ, and processes notice late.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// What a token says. Nothing personal: it may end up in logs of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The person, or the API key when there is no session.
    pub sub: Uuid,
    pub ten: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SesionId>,
    /// Of an API key: the permissions that this token is narrowed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    pub iat: i64,
    pub exp: i64,
    pub jti: Uuid,
}

/// The key file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("claves de firma en {path}: {cause}")]
    File { path: PathBuf, cause: String },
    #[error("clave de firma inservible: {0}")]
    Unusable(#[from] jsonwebtoken::errors::Error),
}

/// Oldest first: each key signs until the next one does.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    claves: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    /// 32 bytes in base64.
    semilla: String,
    creada_en: Timestamp,
    firma_desde: Timestamp,
}

struct Key {
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
    from: Timestamp,
    /// When the last token signed with it is dead; `None` while no other key follows.
    until: Option<Timestamp>,
}

impl Key {
    fn verifies(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// All keys of the file, and the state of the file in which they were found.
struct Ring {
    keys: Vec<Key>,
    stamp: Option<Stamp>,
}

/// The signing key of now, and all that still verify.
pub struct Keys {
    path: PathBuf,
    issuer: String,
    /// Longest life of a token.
    ttl: SignedDuration,
    ring: ArcSwap<Ring>,
    /// How often the ring was replaced.
    generation: AtomicU64,
    /// When the file was last read because of an unknown key id.
    read: Mutex<Option<Instant>>,
}

impl Keys {
    /// Reads `jwt.json` in the folder, or makes it. Tokens live for `ttl` at most.
    pub fn open_or_create(folder: &Path, issuer: &str, ttl: SignedDuration, now: Timestamp) -> Result<Self, KeyError> {
        let path = folder.join("jwt.json");
        if !path.exists() {
            let file = KeyFile { claves: vec![StoredKey::generate(now, now)?] };
            keyfile::create(&path, &text(&path, &file)?).map_err(|error| file_error(&path, error))?;
        }
        let ring = ArcSwap::from_pointee(Ring::read(&path, ttl)?);
        Ok(Self { path, issuer: issuer.to_owned(), ttl, ring, generation: AtomicU64::new(0), read: Mutex::default() })
    }

    /// A new key that is published now and signs in a while; those that nobody needs any more are gone. Returns the
    /// new key id and when it begins to sign.
    pub fn rotate(&self, now: Timestamp) -> Result<(String, Timestamp), KeyError> {
        self.replace(now, now + AHEAD, |claves| {
            let dead = claves.windows(2).take_while(|pair| pair[1].firma_desde + self.ttl + MARGIN <= now).count();
            claves.drain(..dead);
            // One that does not sign yet would sign after the new one was to take over.
            claves.retain(|clave| clave.firma_desde <= now);
        })
    }

    /// A new key that signs from now on, and no other verifies: for a key that somebody else may have. Everybody's
    /// access token is void; sessions go on with their refresh tokens.
    pub fn rotate_at_once(&self, now: Timestamp) -> Result<String, KeyError> {
        self.replace(now, now, Vec::clear).map(|(kid, _)| kid)
    }

    fn replace(&self, now: Timestamp, from: Timestamp, clean: impl FnOnce(&mut Vec<StoredKey>)) -> Result<(String, Timestamp), KeyError> {
        let _alone = keyfile::lock(&self.path).map_err(|error| file_error(&self.path, error))?;
        let mut file = read(&self.path)?;
        clean(&mut file.claves);
        let fresh = StoredKey::generate(now, from)?;
        let kid = fresh.kid.clone();
        file.claves.push(fresh);
        keyfile::replace(&self.path, &text(&self.path, &file)?).map_err(|error| file_error(&self.path, error))?;
        self.reload()?;
        Ok((kid, from))
    }

    /// Picks up a rotation by another process.
    pub fn reload_if_changed(&self) -> Result<(), KeyError> {
        let found = keyfile::stamp(&self.path);
        if found.is_some() && found != self.ring.load().stamp { self.reload() } else { Ok(()) }
    }

    fn reload(&self) -> Result<(), KeyError> {
        self.ring.store(Ring::read(&self.path, self.ttl)?.into());
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Grows whenever the keys may be others: what was verified before has to be verified again.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// At most once a second: anybody can send a token with a made-up key id.
    fn reload_for_unknown_kid(&self) -> bool {
        {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            if read.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
                return false;
            }
            *read = Some(Instant::now());
        }
        self.reload().inspect_err(|error| tracing::error!(%error, "signing keys")).is_ok()
    }

    /// The public keys, for whoever verifies our tokens.
    pub fn jwks(&self, now: Timestamp) -> JwkSet {
        JwkSet { keys: self.ring.load().keys.iter().filter(|key| key.verifies(now)).map(|key| key.public.clone()).collect() }
    }

    /// With the key whose time it is at the token's own beginning.
    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let ring = self.ring.load();
        let signs = |key: &&Key| key.from.as_second() <= claims.iat;
        // A clock that lags behind at the very first start finds none whose time has come.
        let key = ring.keys.iter().rfind(signs).or(ring.keys.first()).ok_or_else(unusable)?;
        let header = Header { typ: Some("at+jwt".into()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, claims, &key.signing)?)
    }

    /// The claims of a token that is ours and alive at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let mut ring = self.ring.load();
        if !ring.keys.iter().any(|key| key.kid == kid) && self.reload_for_unknown_kid() {
            ring = self.ring.load();
        }
        let key = ring.keys.iter().find(|key| key.kid == kid && key.verifies(now))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Against the platform's clock, below, and not the machine's.
        rules.validate_exp = false;
        let mut claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &rules).ok()?.claims;
        // Whoever stole a key writes what they like: nothing signed with it outlives it.
        claims.exp = key.until.map_or(claims.exp, |until| claims.exp.min(until.as_second()));
        (now.as_second() < claims.exp).then_some(claims)
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// PKCS#8 of an Ed25519 key is this header and the 32 bytes of the seed (RFC 8410).
const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

fn pair(seed: &[u8]) -> Result<(EncodingKey, Jwk), KeyError> {
    let private = EncodingKey::from_ed_der(&[&PKCS8, seed].concat());
    let mut public = Jwk::from_encoding_key(&private, Algorithm::EdDSA)?;
    public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256)?);
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((private, public))
}

impl StoredKey {
    fn generate(now: Timestamp, firma_desde: Timestamp) -> Result<Self, KeyError> {
        let seed = random32();
        let (_, public) = pair(&seed)?;
        Ok(Self { kid: public.common.key_id.unwrap_or_default(), semilla: B64.encode(seed), creada_en: now, firma_desde })
    }
}

impl Ring {
    fn read(path: &Path, ttl: SignedDuration) -> Result<Self, KeyError> {
        // Before the content: a change in between is then noticed the next time.
        let stamp = keyfile::stamp(path);
        let file = read(path)?;
        let next = file.claves.iter().skip(1).map(|next| Some(next.firma_desde + ttl + MARGIN)).chain([None]);
        let keys: Result<Vec<Key>, KeyError> =
            file.claves.iter().zip(next).map(|(stored, until)| Key::from_stored(stored, until)).collect();
        let keys = keys?;
        if keys.is_empty() { Err(unusable()) } else { Ok(Self { keys, stamp }) }
    }
}

impl Key {
    fn from_stored(stored: &StoredKey, until: Option<Timestamp>) -> Result<Self, KeyError> {
        let (signing, public) = pair(&B64.decode(&stored.semilla).map_err(|_| unusable())?)?;
        let verifying = DecodingKey::from_jwk(&public)?;
        Ok(Self { kid: stored.kid.clone(), signing, verifying, public, from: stored.firma_desde, until })
    }
}

fn unusable() -> KeyError {
    jsonwebtoken::errors::Error::from(jsonwebtoken::errors::ErrorKind::InvalidEddsaKey).into()
}

fn file_error(path: &Path, cause: impl ToString) -> KeyError {
    KeyError::File { path: path.to_owned(), cause: cause.to_string() }
}

fn read(path: &Path) -> Result<KeyFile, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|error| file_error(path, error))?;
    serde_json::from_str(&text).map_err(|_| file_error(path, "no es un archivo de claves de firma"))
}

fn text(path: &Path, file: &KeyFile) -> Result<Vec<u8>, KeyError> {
    serde_json::to_vec_pretty(file).map_err(|error| file_error(path, error))
}

#[cfg(test)]
mod tests;
