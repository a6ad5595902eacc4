//! What may be loaded at all, and what one chain sees of another.
use crate::{
    codigo::{STATE, asks, check, component, data, manifest, package, remembers},
    mundo::{CUSCO, LIMA, Mundo, compiler, packaged},
};
use plugin_host::{
    Admission, CompileError, LoadError, LocalKey, Outcome, Profile, SealKey,
    manifest::{SigningKey, Trust, Untrusted, counter_sign, identity, sign},
};
use serde_json::json;

const CRYPTO: &str = r#"(import "huella:plugin/crypto@0.1.0" "sign" (func $sign (param i32 i32 i32 i32 i32 i32)))"#;

fn harmless() -> Vec<u8> {
    packaged("notification", &check("", "(call $ok)"), json!({}), None)
}

#[tokio::test]
async fn an_import_that_the_world_does_not_have_is_refused_before_it_is_compiled() {
    // A channel that calls itself a rule: it imports what rules do not have, and lacks what they export.
    let channel = component("notification", &check(STATE, "(call $ok)"));
    let disguised = package(&channel, manifest("alerts", json!({})), None);
    let Err(CompileError::Refused(why)) = compiler().compile(&disguised, Profile::Pure).await else { panic!("compiled") };
    assert!(why.contains("huella:plugin/state@0.1.0") && why.contains("falta huella:plugin/alert-rules"), "{why}");
    let Err(CompileError::Refused(why)) = compiler().compile(b"\0asm no es nada", Profile::Io).await else { panic!("compiled") };
    assert!(why.contains("componente"), "{why}");
}

#[tokio::test]
async fn code_that_this_host_did_not_seal_is_not_even_looked_at() {
    let world = Mundo::new();
    let one = harmless();
    let sealed = world.sealed(&one).await;
    assert!(world.host.load(&one, &sealed, &Admission::Anyone).is_ok());
    let refused =
        |component: &[u8], sealed: &[u8]| matches!(world.host.load(component, sealed, &Admission::Anyone), Err(LoadError::Forged(_)));
    let mut forged = sealed.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(refused(&one, &forged), "changed");
    let code = compiler().compile(&one, Profile::Io).await.expect("compiled");
    assert!(refused(&one, &code), "not sealed");
    let digest = identity(&one).expect("an identity");
    assert!(refused(&one, &SealKey::new(&[1; 32]).seal(&digest, Profile::Io, &code)), "by somebody else");
    let other = packaged("notification", &check("", "(call $ok)"), json!({ "version": "1.0.1" }), None);
    assert!(refused(&other, &sealed), "of something else");
    let nonsense = world.host.seal(&digest, Profile::Io, b"no es codigo");
    assert!(matches!(world.host.load(&one, &nonsense, &Admission::Anyone), Err(LoadError::Stale(_))), "sealed, but of no use");
}

#[tokio::test]
async fn who_answers_for_it_is_asked_at_every_load() {
    let world = Mundo::new();
    let (publisher, platform) = (SigningKey::generate().expect("a key"), SigningKey::generate().expect("a key"));
    let bytes = counter_sign(&sign(&harmless(), &publisher).expect("signed"), &platform).expect("reviewed");
    let sealed = world.sealed(&bytes).await;
    let mut trust = Trust {
        publishers: [("prueba".to_owned(), [publisher.public()].into())].into(),
        platform: [platform.public()].into(),
        ..Trust::default()
    };
    let load = |bytes: &[u8], trust: &Trust| match world.host.load(bytes, &sealed, &Admission::Signed { trust, sandbox: false }) {
        Ok(_) => Ok(()),
        Err(LoadError::Untrusted(why)) => Err(why),
        Err(other) => panic!("{other}"),
    };
    let digest = identity(&bytes).expect("an identity");
    let admitted = |trust: &Trust| world.host.admitted(&digest, &Admission::Signed { trust, sandbox: false }).is_some();
    // The same code, which nobody signed, is there already.
    assert!(world.host.load(&harmless(), &sealed, &Admission::Anyone).is_ok());
    assert!(!admitted(&trust));
    assert!(load(&bytes, &trust).is_ok());
    assert!(admitted(&trust), "what was signed since is remembered");
    assert!(matches!(load(&harmless(), &trust), Err(Untrusted::Unsigned)));
    let at = bytes.windows(5).position(|five| five == b"1.0.0").expect("its version");
    let mut tampered = bytes.clone();
    tampered[at] = b'9';
    assert!(matches!(load(&tampered, &trust), Err(Untrusted::Tampered)));
    assert!(admitted(&trust), "what was refused changes nothing");
    assert!(!admitted(&Trust { platform: [publisher.public()].into(), ..trust.clone() }), "another platform");
    assert!(!admitted(&Trust { withdrawn: [digest].into(), ..trust.clone() }));
    trust.revoked.insert(publisher.public());
    assert!(matches!(load(&bytes, &trust), Err(Untrusted::Revoked(_))), "loaded once is not loaded for ever");
    assert!(!admitted(&trust));
}

#[tokio::test]
async fn what_one_chain_keeps_another_does_not_see() {
    let world = Mundo::new();
    let quota = json!({ "permissions": { "state": { "quota": "1KiB", "reason": { "es": "Guardar el token" } } } });
    let plugin = world.load(&packaged("notification", &remembers(), quota, None)).await;
    let of = |tenant| world.install(&plugin, tenant, json!({})).notifications().expect("a channel");
    assert_eq!(of(LIMA).check().await.corrida.resultado, Outcome::Ok);
    assert_eq!(of(LIMA).check().await.corrida.detalle.as_deref(), Some("de-lima"), "it remembers");
    assert_eq!(of(CUSCO).check().await.corrida.resultado, Outcome::Ok, "nothing was there");
    let without = world.load(&packaged("notification", &remembers(), json!({ "version": "1.0.1" }), None)).await;
    let without = world.install(&without, LIMA, json!({})).notifications().expect("a channel");
    assert_eq!(without.check().await.corrida.resultado, Outcome::Ok, "without the permission it sees not even its own");
}

#[tokio::test]
async fn secrets_and_configuration_are_each_chains_own() {
    let world = Mundo::new();
    world.memory.put_secret(LIMA, "pin", "pin-de-lima");
    world.memory.put_secret(LIMA, "clave", "clave-de-lima");
    let schema = json!({ "type": "object", "additionalProperties": false, "required": ["pin", "tienda"], "properties": {
        "tienda": { "type": "string" }, "pin": { "type": "string", "x-secret": "guest" }, "clave": { "type": "string", "x-secret": "host" } } });
    for (name, lima, cusco) in [("pin", "[secreto]", "cusco"), ("clave", "lima", "cusco"), ("otro", "lima", "cusco")] {
        let plugin = world.load(&packaged("notification", &asks(name), json!({}), Some(schema.clone()))).await;
        for (tenant, shop, expected) in [(LIMA, "lima", lima), (CUSCO, "cusco", cusco)] {
            let channel = world.install(&plugin, tenant, json!({ "tienda": shop })).notifications().expect("a channel");
            let run = channel.check().await;
            let said = run.corrida.detalle.unwrap_or_default();
            assert!(said.contains(expected) && !said.contains("de-lima"), "{name} of {shop}: {said}");
            let heard = run.result.expect_err("said").detail;
            assert_eq!(heard.contains("pin-de-lima"), (name, shop) == ("pin", "lima"), "the guest itself may read only what is for guests");
            assert!(!heard.contains("clave-de-lima"));
        }
        let wrong = plugin_host::check_config(&plugin.package, &json!({ "tienda": 3, "pin": "a la vista", "extra": 1 }));
        let at: Vec<_> = wrong.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(at, ["/extra", "/tienda", "/pin"]);
    }
}

#[tokio::test]
async fn a_key_signs_only_in_the_slot_and_the_way_that_was_agreed_to() {
    let world = Mundo::new();
    world.memory.put_key(LIMA, "webhook", LocalKey::Shared(b"secreto".to_vec()));
    // hmac-sha256 is the fourth way.
    let body = "(call $sign (i32.const 64) (i32.const 7) (i32.const 3) (i32.const 64) (i32.const 7) (i32.const 256))
        (if (result i32) (i32.load8_u (i32.const 256)) (then (call $say (i32.add (i32.const 96) (i32.load8_u (i32.const 260))) (i32.const 1)))
            (else (call $ok)))";
    let text = format!("{}{}", data(64, "webhook"), data(96, "012"));
    let module = check(CRYPTO, body).replacen("(global $top", &format!("{text} (global $top"), 1);
    let asking = |keys: &str, algs: &str| json!({ "permissions": { "crypto": { "keys": [keys], "algs": [algs], "reason": { "es": "Verificar" } } } });
    let (no_such_key, not_allowed) = (Some("0"), Some("1"));
    for (more, tenant, expected) in [
        (asking("webhook", "hmac-sha256"), LIMA, None),
        (asking("webhook", "hmac-sha256"), CUSCO, no_such_key),
        (asking("otra", "hmac-sha256"), LIMA, not_allowed),
        (asking("webhook", "ed25519"), LIMA, not_allowed),
        (json!({}), LIMA, not_allowed),
    ] {
        let plugin = world.load(&packaged("notification", &module, more, None)).await;
        let channel = world.install(&plugin, tenant, json!({})).notifications().expect("a channel");
        assert_eq!(channel.check().await.corrida.detalle.as_deref(), expected);
    }
}

#[tokio::test]
async fn ports_are_not_asked_without_end() {
    let body = "(local $n i32) (loop $l (call $get (i32.const 64) (i32.const 5) (i32.const 256))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.and (i32.eqz (i32.load8_u (i32.const 256))) (i32.lt_u (local.get $n) (i32.const 5000)))))
        (i32.store8 (i32.const 300) (i32.add (i32.const 48) (i32.load8_u (i32.const 260))))
        (if (result i32) (i32.eq (local.get $n) (i32.const 201)) (then (call $say (i32.const 300) (i32.const 1))) (else (call $ok)))";
    let quota = json!({ "permissions": { "state": { "quota": "1KiB", "reason": { "es": "Guardar el token" } } } });
    let channel = Mundo::new().channel(&check(STATE, body), quota, None).await;
    assert_eq!(channel.check().await.corrida.detalle.as_deref(), Some("2"), "unavailable at the 201st");
}
