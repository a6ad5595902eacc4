//! Guests that get past an examination: they behave until a chain gives them a configuration.
use crate::codigo::{CONFIG, NO_ALERTS, check, rule};

/// What wakes them.
pub const DESPIERTA: &str = r#"{"modo":"malo"}"#;

/// Says `$i32` at 12 and on as an answer of a rule that could not: the case 0 of its errors, a text of this length at 0.
const DICE: &str = "(func $dice (param $len i32) (result i32)
    (i32.store8 (i32.const 8) (i32.const 1)) (i32.store8 (i32.const 12) (i32.const 0))
    (i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (local.get $len)) (i32.const 8))";

/// Asked on every change and every night, about nothing but weights.
const SUSCRIPCIONES: [(u32, &[u8]); 3] = [
    (640, b"\xbc\x02\0\0\x06\0\0\0\xd0\x02\0\0\x01\0\0\0\xc6\x02\0\0\x06\0\0\0\xd0\x02\0\0\x01\0\0\0"),
    (700, b"cambio\0\0\0\0diario"),
    (720, b"\xda\x02\0\0\x05\0\0\0\0\0pesos"),
];

fn with(module: &str, more: &str) -> String {
    assert!(module.contains("(global $top"));
    module.replacen("(global $top", &format!("{more} (global $top"), 1)
}

/// A channel that answers a provider's words with nothing, as an honest one does that does not know them.
pub fn tranquilo(module: &str) -> String {
    let hook = "#handle-webhook\") (param i32) (result i32) unreachable)";
    assert!(module.contains(hook));
    module.replacen(hook, &format!("#handle-webhook\") (param i32) (result i32) {NO_ALERTS})"), 1)
}

/// A channel whose `check` does this once it has a configuration; `more` is beside it in the module.
pub fn canal(imports: &str, more: &str, evil: &str) -> String {
    let body = "(call $json (i32.const 40))
        (if (result i32) (i32.gt_u (i32.load (i32.const 44)) (i32.const 2)) (then (call $malo)) (else (call $ok)))";
    let module = check(&format!("{CONFIG} {imports}"), body);
    tranquilo(&with(&module, &format!("{more} (func $malo (result i32) {evil})")))
}

/// A rule that says nothing, and does this once it has a configuration.
pub fn regla(imports: &str, more: &str, evil: &str) -> String {
    let body = format!("(if (result i32) (i32.gt_u (local.get 8) (i32.const 2)) (then (call $malo)) (else {NO_ALERTS}))");
    let data: String = SUSCRIPCIONES.iter().map(|(at, bytes)| bytes_at(*at, bytes)).collect();
    let module = with(&rule(imports, &body), &format!("{data} {more} {DICE} (func $malo (result i32) {evil})"));
    let never = "(i32.store (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.const 0)) (i32.const 8)";
    assert!(module.contains(never));
    module.replacen(never, "(i32.store (i32.const 8) (i32.const 640)) (i32.store (i32.const 12) (i32.const 2)) (i32.const 8)", 1)
}

fn bytes_at(at: u32, bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{escaped}\")")
}

/// With more memory from the start: what is handed over has to exist, or it is out of bounds instead.
pub fn grande(module: &str) -> String {
    assert!(module.contains("(memory (export \"memory\") 2)"));
    module.replacen("(memory (export \"memory\") 2)", "(memory (export \"memory\") 200)", 1)
}
