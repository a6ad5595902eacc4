//! Signing with key material that the host holds itself.
use crate::{KeyError, bindings::io::huella::plugin::crypto::SignatureAlg as Alg};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
    },
};

/// One key of a slot. Private keys come as PKCS #8.
pub enum LocalKey {
    Shared(Vec<u8>),
    Ed25519(Ed25519KeyPair),
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl LocalKey {
    /// Whichever kind it is.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let ed25519 = || Ed25519KeyPair::from_pkcs8(der).map(Self::Ed25519);
        let ecdsa = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map(Self::Ecdsa);
        let rsa = || RsaKeyPair::from_pkcs8(der).map(Self::Rsa);
        ed25519().or_else(|_| ecdsa()).or_else(|_| rsa()).map_err(|_| KeyError::Unfit)
    }

    pub fn sign(&self, alg: Alg, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match (self, alg) {
            (Self::Shared(secret), Alg::HmacSha256 | Alg::HmacSha512) => Ok(hmac::sign(&shared(secret, alg), data).as_ref().to_vec()),
            (Self::Ed25519(pair), Alg::Ed25519) => Ok(pair.sign(data).as_ref().to_vec()),
            (Self::Ecdsa(pair), Alg::EcdsaP256Sha256) => {
                pair.sign(&random, data).map(|signature| signature.as_ref().to_vec()).map_err(|_| KeyError::Unfit)
            }
            (Self::Rsa(pair), Alg::RsaPkcs1Sha256) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, data, &mut out).map_err(|_| KeyError::Unfit)?;
                Ok(out)
            }
            _ => Err(KeyError::Unfit),
        }
    }

    pub fn verify(&self, alg: Alg, data: &[u8], signature: &[u8]) -> Result<bool, KeyError> {
        let public =
            |kind: &'static dyn VerificationAlgorithm, key: &[u8]| UnparsedPublicKey::new(kind, key).verify(data, signature).is_ok();
        match (self, alg) {
            (Self::Shared(secret), Alg::HmacSha256 | Alg::HmacSha512) => Ok(hmac::verify(&shared(secret, alg), data, signature).is_ok()),
            (Self::Ed25519(pair), Alg::Ed25519) => Ok(public(&ED25519, pair.public_key().as_ref())),
            (Self::Ecdsa(pair), Alg::EcdsaP256Sha256) => Ok(public(&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref())),
            (Self::Rsa(pair), Alg::RsaPkcs1Sha256) => Ok(public(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())),
            _ => Err(KeyError::Unfit),
        }
    }
}

fn shared(secret: &[u8], alg: Alg) -> hmac::Key {
    hmac::Key::new(if alg == Alg::HmacSha512 { hmac::HMAC_SHA512 } else { hmac::HMAC_SHA256 }, secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use rstest::rstest;

    fn ed25519() -> LocalKey {
        LocalKey::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key").as_ref()).expect("read")
    }

    fn ecdsa() -> LocalKey {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).expect("a key");
        LocalKey::from_pkcs8(der.as_ref()).expect("read")
    }

    fn rsa() -> LocalKey {
        let der = RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| pair.as_der()).expect("a key");
        LocalKey::from_pkcs8(der.as_ref()).expect("read")
    }

    #[rstest]
    #[case::short(LocalKey::Shared(b"secreto".into()), Alg::HmacSha256)]
    #[case::long(LocalKey::Shared(b"secreto".into()), Alg::HmacSha512)]
    #[case::edwards(ed25519(), Alg::Ed25519)]
    #[case::curve(ecdsa(), Alg::EcdsaP256Sha256)]
    #[case::modulus(rsa(), Alg::RsaPkcs1Sha256)]
    fn a_key_verifies_what_it_signed_its_own_way_only(#[case] key: LocalKey, #[case] alg: Alg) {
        let signature = key.sign(alg, b"mensaje").expect("signed");
        assert_eq!(key.verify(alg, b"mensaje", &signature), Ok(true));
        assert_eq!(key.verify(alg, b"otro", &signature), Ok(false));
        let other = if alg == Alg::Ed25519 { Alg::RsaPkcs1Sha256 } else { Alg::Ed25519 };
        assert_eq!(key.sign(other, b"mensaje"), Err(KeyError::Unfit));
    }

    #[test]
    fn hmac_is_the_known_one() {
        // RFC 4231, case 2.
        let tag = LocalKey::Shared(b"Jefe".into()).sign(Alg::HmacSha256, b"what do ya want for nothing?").expect("signed");
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
