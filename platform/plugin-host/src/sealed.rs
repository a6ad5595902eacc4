//! Compiled code at rest. Loading it is as good as running whatever is in it, so only what this host sealed is loaded.
use crate::Profile;
use aws_lc_rs::hmac;
use plugin_manifest::Digest;

const MAGIC: &[u8] = b"huella:compiled 1\0";
const TAG: usize = 32;

/// The host's own key; whoever knows it can make the host run anything.
pub struct SealKey(hmac::Key);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("el código compilado no es de este servidor, o es de otro complemento o de otra versión")]
pub struct Forged;

impl SealKey {
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// What compiled code was made from and for is sealed with it.
    pub fn seal(&self, digest: &Digest, profile: Profile, code: &[u8]) -> Vec<u8> {
        let tag = self.begin(digest, profile, code).sign();
        [MAGIC, tag.as_ref(), code].concat()
    }

    /// For what does not outlive this process.
    pub fn random() -> Result<Self, Forged> {
        let mut secret = [0; 32];
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| Forged)?;
        Ok(Self::new(&secret))
    }

    pub fn open<'a>(&self, digest: &Digest, profile: Profile, sealed: &'a [u8]) -> Result<&'a [u8], Forged> {
        let (tag, code) = sealed.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(TAG)).ok_or(Forged)?;
        let expected = self.begin(digest, profile, code).sign();
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_ref(), tag).map_err(|_| Forged)?;
        Ok(code)
    }

    fn begin(&self, digest: &Digest, profile: Profile, code: &[u8]) -> hmac::Context {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(MAGIC);
        context.update(&digest.0);
        context.update(profile.target().as_bytes());
        context.update(b"\0");
        context.update(code);
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_for_this_is_opened() {
        let key = SealKey::new(&[7; 32]);
        let (one, other) = (Digest::of(b"uno"), Digest::of(b"otro"));
        let sealed = key.seal(&one, Profile::Io, b"codigo");
        assert_eq!(key.open(&one, Profile::Io, &sealed), Ok(&b"codigo"[..]));
        assert_eq!(key.open(&other, Profile::Io, &sealed), Err(Forged));
        assert_eq!(key.open(&one, Profile::Pure, &sealed), Err(Forged));
        assert_eq!(SealKey::new(&[8; 32]).open(&one, Profile::Io, &sealed), Err(Forged));
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert_eq!(key.open(&one, Profile::Io, &forged), Err(Forged), "byte {at}");
        }
        assert_eq!(key.open(&one, Profile::Io, &sealed[..MAGIC.len() + TAG - 1]), Err(Forged));
    }
}
