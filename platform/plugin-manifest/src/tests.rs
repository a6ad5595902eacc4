use super::*;
use rstest::rstest;
use serde_json::{Value, json};

const TOML: &str = r#"
manifest = 1
id = "pe.niubiz.payments"
version = "1.4.2"
name = { es = "Niubiz", en = "Niubiz" }
world = "huella:plugin/payment@0.1.0"
publisher = "acme-integraciones"
license = "MIT"
min-host = "2027.1"

[[http]]
host = "apiprod.vnforapps.com"
methods = ["GET", "POST"]
paths = ["/api.*"]
environment = "production"
reason = { es = "Autorizar y consultar cobros" }

[[http]]
host = "*.vnforappstest.com"
environment = "sandbox"
reason = { es = "Probar cobros" }

[permissions]
state = { quota = "256KiB", reason = { es = "Guardar el token de sesión" } }
events = { topics = ["payment.note"], reason = { es = "Avisar" } }
crypto = { keys = ["webhook-hmac"], algs = ["hmac-sha256"], reason = { es = "Verificar avisos" } }

[limits]
wall = "20s"
memory = "32MiB"

[capabilities]
methods = ["card", "yape", "qr"]

[config]
schema = "config.schema.json"

[[webhooks]]
name = "default"
"#;

fn manifest() -> Manifest {
    Manifest::from_toml(TOML).expect("a manifest")
}

fn package() -> Package {
    let schema = json!({ "type": "object", "properties": {
        "usuario": { "type": "string" },
        "clave": { "type": "string", "x-secret": "host" },
        "pin": { "type": "string", "x-secret": "guest" },
        "firma": { "type": "string", "x-key-slot": "hmac" },
    } });
    Package { manifest: manifest(), config_schema: Some(schema), config_ui: None }
}

fn component() -> Vec<u8> {
    wat::parse_str("(component (core module (memory 1)) (@custom \"otra\" \"contenido\"))").expect("a component")
}

#[test]
fn a_manifest_is_the_same_after_json() {
    let manifest = manifest();
    assert_eq!(manifest.world.world, World::Payment);
    assert_eq!(manifest.limits().wall, Span::s(20));
    assert_eq!(Manifest::from_json(serde_json::to_value(&manifest).expect("JSON")).expect("the same"), manifest);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let mut value = serde_json::to_value(manifest()).expect("JSON");
    value["id"] = json!("Sin Punto");
    value["nuevo"] = json!(1);
    value["http"][0]["host"] = json!("*");
    value["limits"]["wall"] = json!("un rato");
    value.as_object_mut().expect("an object").remove("license");
    let at: Vec<_> = Manifest::from_json(value).expect_err("wrong").into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(at, ["/http/0/host", "/id", "/license", "/limits/wall", "/nuevo"]);
}

#[rstest]
#[case::another_contract("world", json!("huella:plugin/payment@0.2.0"), &["/world"])]
#[case::a_rule_that_calls("world", json!("huella:plugin/alerts@0.1.0"), &["/limits/wall", "/limits/memory", "/http", "/permissions", "/webhooks"])]
#[case::too_much("limits", json!({ "wall": "61s", "http-calls": 21 }), &["/limits/wall", "/limits/http-calls"])]
fn what_a_schema_cannot_say_is_said_too(#[case] field: &str, #[case] to: Value, #[case] expected: &[&str]) {
    let mut value = serde_json::to_value(manifest()).expect("JSON");
    value[field] = to;
    let at: Vec<_> = Manifest::from_json(value).expect_err("wrong").into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(at, expected);
}

#[rstest]
#[case::as_written("GET", "apiprod.vnforapps.com", 443, "/api.security/v1", true)]
#[case::another_path("GET", "apiprod.vnforapps.com", 443, "/otra", false)]
#[case::another_method("DELETE", "apiprod.vnforapps.com", 443, "/api.x", false)]
#[case::another_port("GET", "apiprod.vnforapps.com", 8443, "/api.x", false)]
#[case::longer("GET", "apiprod.vnforapps.com.pe", 443, "/api.x", false)]
#[case::of_the_sandbox("GET", "api.vnforappstest.com", 443, "/", false)]
fn a_rule_lets_out_what_it_says(#[case] method: &str, #[case] host: &str, #[case] port: u16, #[case] path: &str, #[case] is: bool) {
    let allows = |environment| manifest().http.iter().any(|rule| rule.allows(environment, method, host, port, path));
    assert_eq!(allows(Environment::Production), is);
    assert!(!host.ends_with("test.com") || allows(Environment::Sandbox));
}

#[test]
fn the_end_of_a_name_is_not_the_name() {
    let rule = &manifest().http[1];
    assert!(rule.allows(Environment::Sandbox, "GET", "a.vnforappstest.com", 443, "/"));
    assert!(!rule.allows(Environment::Sandbox, "GET", "vnforappstest.com", 443, "/"));
    assert!(!rule.allows(Environment::Sandbox, "GET", "malvnforappstest.com", 443, "/"));
}

#[test]
fn a_component_carries_its_manifest_and_takes_another() {
    let mut package = package();
    let first = package.write(&component()).expect("written");
    assert_eq!(Package::read(&first).expect("read"), package);
    assert_eq!(package.secrets().into_iter().collect::<Vec<_>>(), [("clave", SecretUse::Host), ("pin", SecretUse::Guest)]);
    assert_eq!(package.key_slots().into_iter().collect::<Vec<_>>(), [("firma", "hmac")]);
    package.manifest.version = "2.0.0".into();
    let second = package.write(&first).expect("written again");
    assert_eq!(Package::read(&second).expect("read"), package);
    assert_eq!(second.len(), first.len(), "the old one is gone");
    assert!(matches!(Package::read(&component()), Err(Unreadable::Missing(_))));
}

#[test]
fn bytes_that_are_no_component_are_refused() {
    assert!(matches!(Package::read(b"\0asm"), Err(Unreadable::NotAComponent(_))));
    assert!(matches!(Package::read(&wat::parse_str("(module)").expect("a module")), Err(Unreadable::NotAComponent(_))));
    let twice = [component(), package().write(&component()).expect("written").split_off(component().len())].concat();
    let twice = [twice.clone(), twice[component().len()..].to_vec()].concat();
    assert!(matches!(Package::read(&twice), Err(Unreadable::Misplaced(_))));
}

struct Signed {
    publisher: SigningKey,
    platform: SigningKey,
    bytes: Vec<u8>,
    trust: Trust,
}

fn reviewed() -> Signed {
    let (publisher, platform) = (SigningKey::generate().expect("a key"), SigningKey::generate().expect("a key"));
    let bytes = sign(&package().write(&component()).expect("written"), &publisher).expect("signed");
    let bytes = counter_sign(&bytes, &platform).expect("reviewed");
    let trust = Trust {
        publishers: [("acme-integraciones".into(), [publisher.public()].into())].into(),
        platform: [platform.public()].into(),
        ..Trust::default()
    };
    Signed { publisher, platform, bytes, trust }
}

#[test]
fn both_signatures_are_needed_and_neither_is_the_other() {
    let Signed { publisher, platform, bytes, mut trust } = reviewed();
    let check = |trust: &Trust, bytes: &[u8]| trust.check(bytes, "acme-integraciones", false);
    let digest = check(&trust, &bytes).expect("trusted");
    assert!(matches!(trust.check(&bytes, "otra", false), Err(Untrusted::UnknownKey(..))));
    let alone = sign(&bytes, &publisher).expect("signed");
    assert!(matches!(check(&trust, &alone), Err(Untrusted::NotReviewed)));
    let by_itself = counter_sign(&alone, &publisher).expect("signed");
    assert!(matches!(check(&trust, &by_itself), Err(Untrusted::UnknownKey(..))));
    assert!(matches!(check(&trust, &component()), Err(Untrusted::Unsigned)));
    trust.revoked.insert(platform.public());
    assert!(matches!(check(&trust, &bytes), Err(Untrusted::Revoked(_))));
    trust.revoked = [publisher.public()].into();
    assert!(matches!(check(&trust, &bytes), Err(Untrusted::Revoked(_))));
    trust.revoked.clear();
    trust.withdrawn.insert(digest);
    assert!(matches!(check(&trust, &bytes), Err(Untrusted::Withdrawn(_))));
}

#[test]
fn a_developers_key_is_enough_in_the_sandbox_only() {
    let developer = SigningKey::generate().expect("a key");
    let bytes = sign(&component(), &developer).expect("signed");
    let trust = Trust { developers: [developer.public()].into(), ..Trust::default() };
    assert!(trust.check(&bytes, "yo", true).is_ok());
    assert!(matches!(trust.check(&bytes, "yo", false), Err(Untrusted::UnknownKey(..))));
    let known: SigningKey = developer.expose().parse().expect("the same key");
    assert_eq!(known.public(), developer.public());
}

#[test]
fn any_byte_that_changes_is_noticed() {
    let Signed { bytes, trust, .. } = reviewed();
    for at in (0..bytes.len()).step_by(7) {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        assert!(trust.check(&forged, "acme-integraciones", false).is_err(), "byte {at}");
    }
    let longer = [bytes.as_slice(), &[0, 5, 4, b'm', b'a', b's', b'1']].concat();
    assert!(matches!(trust.check(&longer, "acme-integraciones", false), Err(Untrusted::Unreadable(Unreadable::Misplaced(_)))));
}

fn edge(imports: &str, export: &str) -> Vec<u8> {
    let text = format!("(component {imports} (instance $i) (export \"{export}\" (instance $i)))");
    wat::parse_str(text).expect("a component")
}

#[test]
fn the_edge_of_a_component_is_its_worlds() {
    let rule = "huella:plugin/alert-rules@0.1.0";
    let log = "(import \"huella:plugin/log@0.1.0\" (instance))";
    let found = audit(&edge(log, rule), World::Alerts).expect("an alert rule");
    assert_eq!(found.imports.into_iter().collect::<Vec<_>>(), ["huella:plugin/log@0.1.0"]);
    let at = |bytes: &[u8]| -> Vec<String> {
        audit(bytes, World::Alerts).expect_err("refused").into_iter().map(|fault| fault.to_string()).collect()
    };
    let reaching = at(&edge("(import \"huella:plugin/http@0.1.0\" (instance)) (import \"wasi:cli/environment@0.2.0\" (instance))", rule));
    assert!(reaching.len() == 2 && reaching[0].contains("http") && reaching[1].contains("wasi:cli"), "{reaching:?}");
    assert!(reaching[1].contains("una regla, que no tiene WASI"), "{reaching:?}");
    assert_eq!(at(&edge(log, "huella:plugin/otra@0.1.0")), ["/exports: falta huella:plugin/alert-rules@0.1.0"]);
    assert!(at(&edge("(import \"huella:plugin/log@0.2.0\" (instance))", rule))[0].contains("log@0.2.0"));
    let with = |memories: usize| {
        let module = format!("(core module {})", "(memory 1)".repeat(memories));
        let text = format!("(component {log} {module} {module} (instance $i) (export \"{rule}\" (instance $i)))");
        wat::parse_str(text).expect("a component")
    };
    assert!(audit(&with(1), World::Alerts).is_ok());
    assert_eq!(at(&with(2)), ["/memorias: tiene 4 memorias; puede tener como máximo 2"], "of all its modules together");
    let threads = wat::parse_str("(component (core module (memory 1 1 shared)))").expect("a component");
    assert!(at(&threads)[0].contains("no es un componente válido"));
}

/// Runtimes of languages import it whether they use it or not.
#[rstest]
#[case::what_runtimes_want("wasi:cli/stdout@0.2.6", true)]
#[case::another_release("wasi:sockets/tcp-create-socket@0.2.0", true)]
#[case::a_draft("wasi:cli/stdout@0.2.0-rc-2023-12-05", false)]
#[case::what_comes_next("wasi:cli/stdout@0.3.0", false)]
#[case::another_way_out("wasi:http/outgoing-handler@0.2.3", false)]
#[case::no_version("wasi:cli/stdout", false)]
fn whoever_calls_out_may_import_wasi_that_is_closed(#[case] import: &str, #[case] good: bool) {
    let exports = ["lifecycle", "notification-channel"].map(|name| format!("(export \"huella:plugin/{name}@0.1.0\" (instance $i))"));
    let text = format!("(component (import \"{import}\" (instance $i)) {})", exports.concat());
    let found = audit(&wat::parse_str(text).expect("a component"), World::Notification);
    assert_eq!(found.is_ok(), good, "{found:?}");
    if let Err(faults) = found {
        assert!(faults.len() == 1 && faults[0].detail.contains(import), "{faults:?}");
    }
}

/// A provider that asks whether an address is ours is answered by a secret of the configuration, or by nobody.
#[rstest]
#[case::a_secret("clave", true)]
#[case::no_secret("usuario", false)]
#[case::nothing("otra", false)]
fn a_handshake_names_a_secret(#[case] name: &str, #[case] good: bool) {
    let mut package = package();
    package.manifest.webhooks[0].handshake = Some(name.to_owned());
    let written = package.write(&component()).expect("written");
    let read = Package::read(&written);
    assert_eq!(read.is_ok(), good, "{read:?}");
    if let Err(Unreadable::Manifest(faults)) = read {
        assert_eq!(faults[0].pointer, "/webhooks/0/handshake");
    }
}
