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
const TTL: SignedDuration = SignedDuration::from_mins(10);
fn keys(folder: &Path) -> Keys {
    Keys::open_or_create(folder, "https://huella.test", TTL, now()).expect("keys")
}
/// A token that is issued at this moment and lives for ten minutes.
fn token(keys: &Keys, at: Timestamp) -> String {
    keys.sign(&Claims { iat: at.as_second(), exp: (at + TTL).as_second(), ..claims() }).expect("signed")
}
fn kid(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).expect("a header").kid
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
    let public = serde_json::to_vec(&keys.jwks(now())).expect("public keys");
    let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&public)).expect("signed");
    assert!(keys.verify(&forged, now()).is_none());
    assert!(keys.verify("hola", now()).is_none());
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_new_key_is_published_before_it_signs_and_reaches_the_other_process() {
    let folder = folder();
    let (one, two) = (keys(&folder), keys(&folder));
    let (fresh, from) = one.rotate(now()).expect("rotated");
    assert_eq!(from, now() + AHEAD);
    two.reload_if_changed().expect("looked");
    for keys in [&one, &two] {
        assert_eq!(keys.jwks(now()).keys.len(), 2, "published");
        assert_ne!(kid(&token(keys, from - SignedDuration::from_secs(1))).as_ref(), Some(&fresh), "and not in use");
        assert_eq!(kid(&token(keys, from)).as_ref(), Some(&fresh));
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn an_unknown_key_id_makes_the_other_process_read_the_file() {
    let folder = folder();
    let (one, two) = (keys(&folder), keys(&folder));
    let (_, from) = one.rotate(now()).expect("rotated");
    assert!(two.verify(&token(&one, from), from).is_some());
    std::fs::remove_dir_all(folder).expect("removed");
}

/// After one rotation: a stolen key must not be good for ever because nobody rotated again.
#[test]
fn a_replaced_key_verifies_as_long_as_its_tokens_live_and_no_longer() {
    let folder = folder();
    let keys = keys(&folder);
    let stolen = keys.ring.load_full();
    let (_, from) = keys.rotate(now()).expect("rotated");
    let last = token(&keys, from - SignedDuration::from_secs(1));
    assert!(keys.verify(&last, from + TTL - SignedDuration::from_secs(2)).is_some(), "nobody is signed out");
    let dead = from + TTL + MARGIN;
    assert_eq!(keys.jwks(dead).keys.len(), 1);
    // Whoever has the key signs what they like, with any time in it.
    let forged = Claims { iat: dead.as_second(), exp: (dead + TTL).as_second(), ..claims() };
    let header = Header { kid: Some(stolen.keys[0].kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let forged = jsonwebtoken::encode(&header, &forged, &stolen.keys[0].signing).expect("signed");
    assert!(keys.verify(&forged, dead - SignedDuration::from_secs(1)).is_some());
    assert!(keys.verify(&forged, dead).is_none());
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_key_that_is_no_secret_any_more_is_gone_at_once() {
    let folder = folder();
    let (one, two) = (keys(&folder), keys(&folder));
    let before = token(&one, now());
    let fresh = one.rotate_at_once(now()).expect("rotated");
    two.reload_if_changed().expect("looked");
    for keys in [&one, &two] {
        assert!(keys.verify(&before, now()).is_none());
        assert_eq!(kid(&token(keys, now())).as_ref(), Some(&fresh));
        assert_eq!(keys.jwks(now()).keys.len(), 1);
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn keys_do_not_pile_up() {
    let folder = folder();
    let keys = keys(&folder);
    for day in 0..5 {
        keys.rotate(now() + SignedDuration::from_hours(24 * day)).expect("rotated");
        keys.rotate(now() + SignedDuration::from_hours(24 * day)).expect("rotated again, in a hurry");
    }
    assert_eq!(read(&keys.path).expect("readable").claves.len(), 2);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn the_file_is_private_and_the_published_set_has_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let keys = keys(&folder);
    let mode = std::fs::metadata(folder.join("jwt.json")).expect("exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let public = serde_json::to_value(keys.jwks(now())).expect("plain data");
    assert_eq!(public["keys"][0]["kty"], "OKP");
    assert_eq!(public["keys"][0]["alg"], "EdDSA");
    assert!(public["keys"][0].get("d").is_none());
    std::fs::remove_dir_all(folder).expect("removed");
}
