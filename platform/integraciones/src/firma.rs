//! Secrets and signatures as in Standard Webhooks: whoever has the secret can tell that we wrote this, and when.
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Tx, ids::WebhookId};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// The secret that belongs to a salt. It is kept nowhere: it follows from the salt and the platform's root key, which is
/// in no database.
pub fn secret(tx: &Tx, webhook: WebhookId, salt: &[u8]) -> String {
    let half = |which: &str| tx.blind_index("webhook", &format!("{webhook}:{}:{which}", B64.encode(salt)));
    format!("{PREFIX}{}", B64.encode([half("a"), half("b")].concat()))
}

/// The header's value: one signature for each secret that is good now.
pub fn sign<'a>(secrets: impl IntoIterator<Item = &'a str>, id: &str, seconds: i64, body: &str) -> String {
    let signed = format!("{id}.{seconds}.{body}");
    let one = |secret: &str| {
        let key = B64.decode(secret.trim_start_matches(PREFIX)).unwrap_or_default();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(signed.as_bytes());
        format!("v1,{}", B64.encode(mac.finalize().into_bytes()))
    };
    secrets.into_iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let header = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let (old, new) = ("whsec_AAAA", "whsec_BBBB");
        let both = sign([new, old], "a", 1, "{}");
        assert_eq!(both.split(' ').collect::<Vec<_>>(), [sign([new], "a", 1, "{}"), sign([old], "a", 1, "{}")]);
    }
}
