//! Access tokens: Ed25519 signatures with a key that can be changed while everybody stays signed in.
//!
//! The keys live in one file (mode 0600) that all instances share. A process that meets an unknown key id, or
//! sees that the file changed, reads it again; a retired key verifies until its last token is surely dead.
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
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use uuid::Uuid;

/// Who these tokens are for.
pub const AUDIENCE: &str = "huella";
/// How long a retired key still verifies: far longer than a token lives and than any process takes to notice.
const KEEP_RETIRED: SignedDuration = SignedDuration::from_hours(24);

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

#[derive(Serialize, Deserialize)]
struct KeyFile {
    actual: String,
    claves: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    /// 32 bytes in base64.
    semilla: String,
    creada_en: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retirada_en: Option<Timestamp>,
}

struct Ring {
    kid: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    jwks: JwkSet,
}

/// The signing key of now, and all that still verify.
pub struct Keys {
    path: PathBuf,
    issuer: String,
    ring: ArcSwap<Ring>,
    /// When the file was last read because of an unknown key id, and the file's own time at the last reading.
    read: Mutex<(Option<Instant>, Option<SystemTime>)>,
}

impl Keys {
    /// Reads `jwt.json` in the folder, or makes it.
    pub fn open_or_create(folder: &Path, issuer: &str, now: Timestamp) -> Result<Self, KeyError> {
        let path = folder.join("jwt.json");
        if !path.exists() {
            let key = StoredKey::generate(now)?;
            create(&path, &KeyFile { actual: key.kid.clone(), claves: vec![key] })?;
        }
        let changed = modified(&path);
        let ring = ArcSwap::from_pointee(Ring::from_file(&read(&path)?)?);
        Ok(Self { path, issuer: issuer.to_owned(), ring, read: Mutex::new((None, changed)) })
    }

    /// A new signing key; the old one still verifies for a day. Returns the new key id.
    pub fn rotate(&self, now: Timestamp) -> Result<String, KeyError> {
        let mut file = read(&self.path)?;
        file.claves.retain(|key| key.retirada_en.is_none_or(|retired| now.duration_since(retired) < KEEP_RETIRED));
        for key in &mut file.claves {
            key.retirada_en.get_or_insert(now);
        }
        let fresh = StoredKey::generate(now)?;
        file.actual = fresh.kid.clone();
        file.claves.push(fresh);
        replace(&self.path, &file)?;
        self.reload()?;
        Ok(file.actual)
    }

    /// Picks up a rotation by another process.
    pub fn reload_if_changed(&self) -> Result<(), KeyError> {
        let changed = modified(&self.path);
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).1;
        if changed.is_some() && changed != known { self.reload() } else { Ok(()) }
    }

    fn reload(&self) -> Result<(), KeyError> {
        let changed = modified(&self.path);
        self.ring.store(Ring::from_file(&read(&self.path)?)?.into());
        self.read.lock().unwrap_or_else(PoisonError::into_inner).1 = changed;
        Ok(())
    }

    /// At most once a second: anybody can send a token with a made-up key id.
    fn reload_for_unknown_kid(&self) -> bool {
        {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            if read.0.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
                return false;
            }
            read.0 = Some(Instant::now());
        }
        self.reload().inspect_err(|error| tracing::error!(%error, "signing keys")).is_ok()
    }

    /// The public keys, for whoever verifies our tokens.
    pub fn jwks(&self) -> JwkSet {
        self.ring.load().jwks.clone()
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let ring = self.ring.load();
        let header = Header { typ: Some("at+jwt".into()), kid: Some(ring.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, claims, &ring.signing)?)
    }

    /// The claims of a token that is ours and alive at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let known = |keys: &Self| keys.ring.load().verifying.get(&kid).cloned();
        let key = match known(self) {
            Some(key) => key,
            None if self.reload_for_unknown_kid() => known(self)?,
            None => return None,
        };
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Against the platform's clock, below, and not the machine's.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules).ok()?.claims;
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
    fn generate(now: Timestamp) -> Result<Self, KeyError> {
        let seed = random32();
        let (_, public) = pair(&seed)?;
        Ok(Self { kid: public.common.key_id.unwrap_or_default(), semilla: B64.encode(seed), creada_en: now, retirada_en: None })
    }
}

impl Ring {
    fn from_file(file: &KeyFile) -> Result<Self, KeyError> {
        let unusable = || KeyError::from(jsonwebtoken::errors::Error::from(jsonwebtoken::errors::ErrorKind::InvalidEddsaKey));
        let (mut signing, mut verifying, mut keys) = (None, HashMap::new(), Vec::new());
        for stored in &file.claves {
            let (private, public) = pair(&B64.decode(&stored.semilla).map_err(|_| unusable())?)?;
            verifying.insert(stored.kid.clone(), DecodingKey::from_jwk(&public)?);
            keys.push(public);
            if stored.kid == file.actual {
                signing = Some(private);
            }
        }
        Ok(Self { kid: file.actual.clone(), signing: signing.ok_or_else(unusable)?, verifying, jwks: JwkSet { keys } })
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn file_error(path: &Path, cause: impl ToString) -> KeyError {
    KeyError::File { path: path.to_owned(), cause: cause.to_string() }
}

fn read(path: &Path) -> Result<KeyFile, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|error| file_error(path, error))?;
    serde_json::from_str(&text).map_err(|_| file_error(path, "no es un archivo de claves de firma"))
}

/// Writes beside; a crash leaves the old file or the new one.
fn write_beside(path: &Path, file: &KeyFile) -> std::io::Result<PathBuf> {
    let beside = path.with_extension(format!("nuevo-{}", Uuid::now_v7().simple()));
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    out.write_all(serde_json::to_string_pretty(file)?.as_bytes())?;
    out.sync_all()?;
    Ok(beside)
}

/// Two processes may start for the first time together: one file wins, and both read that one.
fn create(path: &Path, file: &KeyFile) -> Result<(), KeyError> {
    let made = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = write_beside(path, file)?;
        let linked = std::fs::hard_link(&beside, path);
        std::fs::remove_file(&beside)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    made().map_err(|error| file_error(path, error))
}

fn replace(path: &Path, file: &KeyFile) -> Result<(), KeyError> {
    write_beside(path, file).and_then(|beside| std::fs::rename(beside, path)).map_err(|error| file_error(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn folder() -> PathBuf {
        std::env::temp_dir().join(format!("huella-jwt-{}", Uuid::now_v7()))
    }
    fn now() -> Timestamp {
        "2026-11-23T15:00:00Z".parse().expect("a time")
    }
    fn claims() -> Claims {
        let iat = now().as_second();
        Claims {
            iss: "https://huella.test".into(),
            aud: AUDIENCE.into(),
            sub: Uuid::now_v7(),
            ten: TenantId::new(),
            sid: Some(SesionId::new()),
            scope: None,
            iat,
            exp: iat + 600,
            jti: Uuid::now_v7(),
        }
    }
    fn keys(folder: &Path) -> Keys {
        Keys::open_or_create(folder, "https://huella.test", now()).expect("keys")
    }

    #[test]
    fn a_token_lives_until_its_last_second() {
        let folder = folder();
        let (keys, claims) = (keys(&folder), claims());
        let token = keys.sign(&claims).expect("signed");
        assert_eq!(keys.verify(&token, now()), Some(claims));
        assert!(keys.verify(&token, now() + SignedDuration::from_secs(599)).is_some());
        assert!(keys.verify(&token, now() + SignedDuration::from_secs(600)).is_none());
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[rstest]
    #[case::issuer(|c: &mut Claims| c.iss = "https://otro.test".into())]
    #[case::audience(|c: &mut Claims| c.aud = "otra".into())]
    fn a_token_for_somebody_else_is_refused(#[case] change: fn(&mut Claims)) {
        let folder = folder();
        let (keys, mut claims) = (keys(&folder), claims());
        change(&mut claims);
        let token = keys.sign(&claims).expect("signed");
        assert!(keys.verify(&token, now()).is_none());
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_changed_token_or_another_algorithm_is_refused() {
        let folder = folder();
        let keys = keys(&folder);
        let token = keys.sign(&claims()).expect("signed");
        let parts: Vec<&str> = token.split('.').collect();
        let other = keys.sign(&claims()).expect("signed");
        let mixed = format!("{}.{}.{}", parts[0], other.split('.').nth(1).expect("claims"), parts[2]);
        assert!(keys.verify(&mixed, now()).is_none());
        let kid = jsonwebtoken::decode_header(&token).expect("a header").kid;
        // The classic: a signature by HMAC with the public key as its secret.
        let header = Header { kid, ..Header::new(Algorithm::HS256) };
        let public = serde_json::to_vec(&keys.jwks()).expect("public keys");
        let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&public)).expect("signed");
        assert!(keys.verify(&forged, now()).is_none());
        assert!(keys.verify("hola", now()).is_none());
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn rotation_keeps_old_tokens_and_reaches_the_other_process() {
        let folder = folder();
        let (one, two) = (keys(&folder), keys(&folder));
        let before = one.sign(&claims()).expect("signed");
        let kid = one.rotate(now()).expect("rotated");
        let after = one.sign(&claims()).expect("signed");
        assert_eq!(jsonwebtoken::decode_header(&after).expect("a header").kid, Some(kid));
        assert!(one.verify(&before, now()).is_some());
        assert!(two.verify(&after, now()).is_some(), "an unknown key id makes the other process read the file");
        assert!(two.verify(&before, now()).is_some());
        assert_eq!(two.jwks().keys.len(), 2);
        one.rotate(now() + SignedDuration::from_hours(25)).expect("rotated");
        assert_eq!(one.jwks().keys.len(), 2, "the oldest is gone, the last one is retired only now");
        assert!(one.verify(&before, now()).is_none());
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn the_file_is_private_and_the_published_set_has_no_secret() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let keys = keys(&folder);
        let mode = std::fs::metadata(folder.join("jwt.json")).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let public = serde_json::to_value(keys.jwks()).expect("plain data");
        assert_eq!(public["keys"][0]["kty"], "OKP");
        assert_eq!(public["keys"][0]["alg"], "EdDSA");
        assert!(public["keys"][0].get("d").is_none());
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
