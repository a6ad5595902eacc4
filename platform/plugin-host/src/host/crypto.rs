use crate::{
    KeyError,
    bindings::io::huella::plugin::crypto::{Error, Hash, Host, SignatureAlg},
    guest::Guest,
};
use aws_lc_rs::digest;
use tokio::time::timeout;

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Missing | KeyError::Unavailable(_) => Self::NoSuchKey,
            KeyError::Unfit => Self::Invalid,
        }
    }
}

/// As a manifest writes it.
fn name(alg: SignatureAlg) -> &'static str {
    match alg {
        SignatureAlg::RsaPkcs1Sha256 => "rsa-pkcs1-sha256",
        SignatureAlg::EcdsaP256Sha256 => "ecdsa-p256-sha256",
        SignatureAlg::Ed25519 => "ed25519",
        SignatureAlg::HmacSha256 => "hmac-sha256",
        SignatureAlg::HmacSha512 => "hmac-sha512",
    }
}

impl Guest {
    /// Only the slots and ways to sign that the chain agreed to.
    fn may(&mut self, slot: &str, alg: Option<SignatureAlg>) -> Result<(), Error> {
        if !self.ask() {
            return Err(Error::NotAllowed);
        }
        let asked = self.package.manifest.permissions.crypto.as_ref().ok_or(Error::NotAllowed)?;
        let slot_is = asked.keys.iter().any(|known| known == slot);
        let alg_is = alg.is_none_or(|alg| asked.algs.iter().any(|known| known == name(alg)));
        (slot_is && alg_is).then_some(()).ok_or(Error::NotAllowed)
    }

    async fn with_key<T>(&self, asked: impl Future<Output = Result<T, KeyError>>) -> Result<T, Error> {
        timeout(self.remaining(), asked).await.map_err(|_| Error::NoSuchKey)?.map_err(Error::from)
    }
}

impl Host for Guest {
    async fn digest(&mut self, alg: Hash, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        let seen = self.see("crypto.digest");
        let alg = match alg {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha512 => &digest::SHA512,
        };
        let digest = digest::digest(alg, &data).as_ref().to_vec();
        seen.end("ok");
        Ok(digest)
    }

    async fn sign(&mut self, slot: String, alg: SignatureAlg, data: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let seen = self.see("crypto.sign");
        let answer = match self.may(&slot, Some(alg)) {
            Ok(()) => self.with_key(self.ports.keys.sign(&self.scope, &slot, alg, &data)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }

    async fn verify(
        &mut self,
        slot: String,
        alg: SignatureAlg,
        data: Vec<u8>,
        signature: Vec<u8>,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let seen = self.see("crypto.verify");
        let answer = match self.may(&slot, Some(alg)) {
            Ok(()) => self.with_key(self.ports.keys.verify(&self.scope, &slot, alg, &data, &signature)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }

    async fn certificate_der(&mut self, slot: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let seen = self.see("crypto.certificate-der");
        let answer = match self.may(&slot, None) {
            Ok(()) => self.with_key(self.ports.keys.certificate_der(&self.scope, &slot)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }
}
