//! The guests: WebAssembly written by hand, so that each does exactly the one thing that it is there for. The server's own
//! tests of faults take them too.
use crate::CONTRATO;
use plugin_host::manifest::Package;
use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{Resolve, WorldId};

/// `$fail` and `$say` answer with a text: as `invalid-input`, so that no test mistakes it for a fault of the host.
pub const COMMON: &str = r#"
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 65536))
    (func $alloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
        (global.set $top (i32.add (local.get $at) (local.get 3)))
        (block $fits
            (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
            (if (i32.eq (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1))) (i32.const -1)) (then unreachable)))
        (local.get $at))
    (func $say (param $text i32) (param $len i32) (result i32)
        (i32.store8 (i32.const 8) (i32.const 1))
        (i32.store8 (i32.const 12) (i32.const 4))
        (i32.store (i32.const 16) (local.get $text))
        (i32.store (i32.const 20) (local.get $len))
        (i32.const 8))
    (func $ok (result i32)
        (i32.store8 (i32.const 8) (i32.const 0))
        (i32.const 8))
"#;

/// A plugin that does `check`, with these imports and data, and traps in everything else.
pub fn check(imports: &str, body: &str) -> String {
    format!(
        r#"(module {imports} {COMMON}
        (func (export "huella:plugin/lifecycle@0.1.0#check") (result i32) {body})
        (func (export "huella:plugin/lifecycle@0.1.0#migrate") (param i32 i32) (result i32) unreachable)
        (func (export "huella:plugin/notification-channel@0.1.0#send") (param i32) (result i32) unreachable)
        (func (export "huella:plugin/notification-channel@0.1.0#handle-webhook") (param i32) (result i32) unreachable))"#
    )
}

/// A rule whose `evaluate` does this; the facts are at `(local.get 2)`, `(local.get 3)` long.
pub fn rule(imports: &str, body: &str) -> String {
    format!(
        r#"(module {imports} {COMMON}
        (func (export "huella:plugin/alert-rules@0.1.0#describe") (result i32)
            (i32.store (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.const 0)) (i32.const 8))
        (func (export "huella:plugin/alert-rules@0.1.0#evaluate") (param i32 i32 i32 i32 i64 i32 i32 i32 i32) (result i32) {body}))"#
    )
}

/// An empty list of alerts.
pub const NO_ALERTS: &str = "(i32.store8 (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.const 0)) (i32.store (i32.const 16) (i32.const 0)) (i32.const 8)";

/// A text at `at`, for `$say` and as an argument.
pub fn data(at: u32, text: &str) -> String {
    let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{escaped}\")")
}

pub fn component(world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(CONTRATO).expect("the contract");
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    component_of(&resolve, world, module)
}

pub fn component_of(resolve: &Resolve, world: WorldId, module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).expect("a module");
    wit_component::embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).expect("metadata");
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&module).expect("a module of this world").encode().expect("a component")
}

/// The world with nothing but `unreachable` behind it.
pub fn traps_everywhere(world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(CONTRATO).expect("the contract");
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    let mut module = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).expect("a module").encode().expect("a component")
}

/// A manifest for tests; `more` is laid over it.
pub fn manifest(world: &str, more: Value) -> Value {
    let mut manifest = json!({
        "manifest": 1, "id": "pe.prueba.falla", "version": "1.0.0", "name": { "es": "Prueba" },
        "world": format!("huella:plugin/{world}@0.1.0"), "publisher": "prueba", "license": "MIT",
    });
    if let (Some(manifest), Value::Object(more)) = (manifest.as_object_mut(), more) {
        manifest.extend(more);
    }
    manifest
}

pub fn package(component: &[u8], manifest: Value, schema: Option<Value>) -> Vec<u8> {
    let value = json!({ "manifest": manifest, "config-schema": schema });
    let package: Package = serde_json::from_value(value).expect("a package");
    package.write(component).expect("written")
}

pub const SEND: &str = r#"(import "huella:plugin/http@0.1.0" "send"
    (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#;

/// Calls `url` so many times and says what came back the last time: the body, or why it was denied. `auth`: the name of a
/// secret that is sent as bearer.
pub fn calls(url: &str, times: u32, timeout_ms: u32, auth: Option<&str>) -> String {
    calls_with(url, times, timeout_ms, auth.map(|name| (0, name)))
}

/// The same, with the secret used in this way: its number among those of the contract.
pub fn calls_with(url: &str, times: u32, timeout_ms: u32, auth: Option<(u32, &str)>) -> String {
    let some = u32::from(auth.is_some());
    let ((way, auth), wish) = (auth.unwrap_or_default(), u32::from(timeout_ms > 0));
    let text = format!("{}{}{}", data(64, "GET"), data(1024, url), data(512, auth));
    let body = format!(
        "(local $n i32) (loop $l
            (call $send (i32.const 64) (i32.const 3) (i32.const 1024) (i32.const {}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const {wish}) (i32.const {timeout_ms}) (i32.const {some}) (i32.const {way}) (i32.const 512) (i32.const {}) (i32.const 0) (i32.const 0)
                (i32.const 256))
            (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const {times}))))
        (if (result i32) (i32.load8_u (i32.const 256))
            (then (if (result i32) (i32.eqz (i32.load8_u (i32.const 260))) (then (call $say (i32.load (i32.const 264)) (i32.load (i32.const 268)))) (else (call $ok))))
            (else (call $say (i32.load (i32.const 272)) (i32.load (i32.const 276)))))",
        url.len(),
        auth.len()
    );
    check(SEND, &body).replacen("(global $top", &format!("{text} (global $top"), 1)
}

pub const STATE: &str = r#"
    (import "huella:plugin/state@0.1.0" "get" (func $get (param i32 i32 i32)))
    (import "huella:plugin/state@0.1.0" "set" (func $set (param i32 i32 i32 i32 i32 i32 i32)))"#;
pub const CONFIG: &str = r#"
    (import "huella:plugin/config@0.1.0" "get-json" (func $json (param i32)))
    (import "huella:plugin/config@0.1.0" "secret" (func $secret (param i32 i32 i32)))"#;

/// Writes the first byte of what it is called by, and says what was there before.
pub fn remembers() -> String {
    let body = "(call $get (i32.const 64) (i32.const 5) (i32.const 256))
        (call $set (i32.const 64) (i32.const 5) (i32.const 72) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 300))
        (if (result i32) (i32.and (i32.eqz (i32.load8_u (i32.const 256))) (i32.load8_u (i32.const 260)))
            (then (call $say (i32.load (i32.const 264)) (i32.load (i32.const 268)))) (else (call $ok)))";
    let text = format!("{}{}", data(64, "token"), data(72, "de-lima"));
    check(STATE, body).replacen("(global $top", &format!("{text} (global $top"), 1)
}

/// Says the secret of this name, or its configuration.
pub fn asks(name: &str) -> String {
    let body = format!(
        "(call $secret (i32.const 64) (i32.const {}) (i32.const 256)) (call $json (i32.const 272))
        (if (result i32) (i32.load8_u (i32.const 256)) (then (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264))))
            (else (call $say (i32.load (i32.const 272)) (i32.load (i32.const 276)))))",
        name.len()
    );
    check(CONFIG, &body).replacen("(global $top", &format!("{} (global $top", data(64, name)), 1)
}
