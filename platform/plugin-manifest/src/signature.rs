//! Who answers for a plugin: its publisher, and the platform that reviewed it.
use crate::{
    Digest, Unreadable,
    package::{signed, with_signatures},
};
use aws_lc_rs::{
    rand,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// So that a signature of one kind is never good as another one.
const PUBLISHER: &[u8] = b"huella:plugin publisher 1\0";
const PLATFORM: &[u8] = b"huella:plugin platform 1\0";

/// An ed25519 key, in base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; 32]);

impl FromStr for PublicKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = B64.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| "no es una clave pública ed25519 en base64".into())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        B64.encode(key.0)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&String::from(*self))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Signs. Its text is the seed in base64, for a file that only its owner reads.
pub struct SigningKey {
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl SigningKey {
    pub fn generate() -> Result<Self, String> {
        let mut seed = [0; 32];
        rand::fill(&mut seed).map_err(|_| "el sistema no da números al azar")?;
        Self::from_seed(seed)
    }

    fn from_seed(seed: [u8; 32]) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| error.to_string())?;
        Ok(Self { seed, pair })
    }

    pub fn public(&self) -> PublicKey {
        let mut out = [0; 32];
        out.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(out)
    }

    pub fn expose(&self) -> String {
        B64.encode(self.seed)
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature { key: self.public(), signature: B64.encode(self.pair.sign(message)) }
    }
}

impl FromStr for SigningKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let seed = B64.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        Self::from_seed(seed.ok_or("no es una clave para firmar en base64")?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub key: PublicKey,
    /// In base64.
    pub signature: String,
}

impl Signature {
    fn is_over(&self, message: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.key.0);
        B64.decode(&self.signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }
}

/// What the section `huella:signature` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    pub publisher: Signature,
    /// Given after review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Signature>,
}

fn by_publisher(digest: &Digest) -> Vec<u8> {
    [PUBLISHER, &digest.0].concat()
}

/// Names the publisher's key: a review is of this plugin by this publisher.
fn by_platform(digest: &Digest, publisher: &PublicKey) -> Vec<u8> {
    [PLATFORM, &digest.0, &publisher.0].concat()
}

/// The publisher signs; a review that there was is over.
pub fn sign(component: &[u8], key: &SigningKey) -> Result<Vec<u8>, Unreadable> {
    let (content, _) = signed(component)?;
    let publisher = key.sign(&by_publisher(&Digest::of(content)));
    with_signatures(component, &Signatures { publisher, platform: None })
}

/// The platform signs what its publisher signed.
pub fn counter_sign(component: &[u8], key: &SigningKey) -> Result<Vec<u8>, Untrusted> {
    let (content, signatures) = signed(component)?;
    let digest = Digest::of(content);
    let mut signatures = signatures.ok_or(Untrusted::Unsigned)?;
    if !signatures.publisher.is_over(&by_publisher(&digest)) {
        return Err(Untrusted::Tampered);
    }
    signatures.platform = Some(key.sign(&by_platform(&digest, &signatures.publisher.key)));
    Ok(with_signatures(component, &signatures)?)
}

#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("no está firmado")]
    Unsigned,
    #[error("la firma no corresponde al contenido")]
    Tampered,
    #[error("la clave {0} no es de «{1}»")]
    UnknownKey(PublicKey, String),
    #[error("la clave {0} fue revocada")]
    Revoked(PublicKey),
    #[error("falta la firma de la plataforma")]
    NotReviewed,
    #[error("el complemento {0} fue retirado")]
    Withdrawn(Digest),
}

/// Whose signature is enough. Asked at every load, so that what is revoked stays out.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The keys of each publisher.
    pub publishers: BTreeMap<String, BTreeSet<PublicKey>>,
    pub platform: BTreeSet<PublicKey>,
    /// Enough by themselves, in the sandbox only.
    pub developers: BTreeSet<PublicKey>,
    pub revoked: BTreeSet<PublicKey>,
    pub withdrawn: BTreeSet<Digest>,
}

/// Who signed some bytes, verified once. Whether they may is [`Trust::allows`]'s to say, as often as it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signers {
    digest: Digest,
    publisher: Option<Signer>,
    platform: Option<Signer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signer {
    key: PublicKey,
    /// Its signature is over what it is said to be over.
    genuine: bool,
}

impl Signers {
    pub fn of(component: &[u8]) -> Result<Self, Unreadable> {
        let (content, signatures) = signed(component)?;
        let digest = Digest::of(content);
        let Some(Signatures { publisher, platform }) = signatures else { return Ok(Self { digest, publisher: None, platform: None }) };
        let signer = |signature: &Signature, message: &[u8]| Signer { key: signature.key, genuine: signature.is_over(message) };
        Ok(Self {
            digest,
            publisher: Some(signer(&publisher, &by_publisher(&digest))),
            platform: platform.map(|platform| signer(&platform, &by_platform(&digest, &publisher.key))),
        })
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Trust {
    /// The identity of a component that may run for `publisher`'s users.
    pub fn check(&self, component: &[u8], publisher: &str, sandbox: bool) -> Result<Digest, Untrusted> {
        self.allows(&Signers::of(component)?, publisher, sandbox)
    }

    pub fn allows(&self, signers: &Signers, publisher: &str, sandbox: bool) -> Result<Digest, Untrusted> {
        let digest = signers.digest;
        if self.withdrawn.contains(&digest) {
            return Err(Untrusted::Withdrawn(digest));
        }
        let signer = signers.publisher.ok_or(Untrusted::Unsigned)?;
        self.valid(signer)?;
        if sandbox && self.developers.contains(&signer.key) {
            return Ok(digest);
        }
        if !self.publishers.get(publisher).is_some_and(|keys| keys.contains(&signer.key)) {
            return Err(Untrusted::UnknownKey(signer.key, publisher.into()));
        }
        let platform = signers.platform.ok_or(Untrusted::NotReviewed)?;
        self.valid(platform)?;
        if !self.platform.contains(&platform.key) {
            return Err(Untrusted::UnknownKey(platform.key, "la plataforma".into()));
        }
        Ok(digest)
    }

    fn valid(&self, signer: Signer) -> Result<(), Untrusted> {
        if self.revoked.contains(&signer.key) {
            return Err(Untrusted::Revoked(signer.key));
        }
        signer.genuine.then_some(()).ok_or(Untrusted::Tampered)
    }
}
