//! Bodies that are no JSON, no object, or not this one.
use super::{Examen, Falla, Operacion, json};
use reqwest::header;
use serde_json::Value;

pub fn fallas(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    let (path, mut all) = (examen.mundo.path(operation), Vec::new());
    let plain = || examen.pedido(operation, &path).header(header::IF_MATCH, "*");
    let Some(body) = examen.mundo.body(operation) else { return otros(operation, plain) };
    let broken: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("half", b"{\"a\":".to_vec()),
        ("two of them", b"{} {}".to_vec()),
        ("no JSON", b"<xml/>".to_vec()),
        ("invalid UTF-8", b"{\"a\":\"\xff\xfe\"}".to_vec()),
        ("half of a pair", br#"{"a":"\ud800"}"#.to_vec()),
        ("a number beyond all", b"{\"a\":1e999}".to_vec()),
        ("deep", "[".repeat(50_000).into_bytes()),
        ("deep objects", "{\"a\":".repeat(50_000).into_bytes()),
    ];
    all.extend(broken.map(|(what, bytes)| Falla::new(what, json(plain(), bytes), &[400])));
    for other in ["[]", "\"x\"", "7", "null", "true", "[{}]"] {
        all.push(Falla::new(other, json(plain(), other), &[422]).campo(""));
    }
    let text = body.to_string();
    let inside = text.trim_start_matches('{');
    let comma = if inside == "}" { "" } else { "," };
    all.push(Falla::new("an unknown field", json(plain(), format!("{{\"zz_nadie\":1{comma}{inside}")), &[422]).campo("/zz_nadie"));
    if let Some((name, value)) = body.as_object().and_then(|fields| fields.iter().next()) {
        let twice = |first: &Value| json(plain(), format!("{{\"{name}\":{first},{inside}"));
        all.push(Falla::new("a field twice", twice(value), &[422]).campo(format!("/{name}")));
        all.push(Falla::new("a field twice, once wrong", twice(&Value::Null), &[422]).campo(format!("/{name}")));
    }
    for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"] {
        all.push(Falla::new(kind, plain().header(header::CONTENT_TYPE, kind).body(text.clone()), &[415]));
    }
    all.push(Falla::new("no content type", plain().body(text), &[415]));
    all
}

/// Operations that take something else than JSON.
fn otros(operation: &Operacion, plain: impl Fn() -> reqwest::RequestBuilder) -> Vec<Falla> {
    let garbage = b"PK\x03\x04\xff\xfe\x00rubbish".to_vec();
    let with = |kind: &'static str| plain().header(header::CONTENT_TYPE, kind).body(garbage.clone());
    match operation.name().as_str() {
        "POST /importaciones" => vec![Falla::new("no workbook", with("application/octet-stream"), &[422])],
        "PUT /pacientes/{id}/foto" => {
            vec![Falla::new("no picture", with("image/png"), &[415, 422]), Falla::new("nothing", plain().body(""), &[415, 422])]
        }
        "POST /complementos/versiones" => vec![
            Falla::new("no component", with("application/wasm"), &[422]),
            Falla::new("nothing", plain().header(header::CONTENT_TYPE, "application/wasm").body(""), &[422]),
            Falla::new("the head of one", plain().header(header::CONTENT_TYPE, "application/wasm").body(&b"\0asm\x0d\0\x01\0"[..]), &[422]),
        ],
        "POST //oauth/token" | "POST /citas/respuestas/{enlace}" => vec![
            Falla::new("no form", with("application/x-www-form-urlencoded"), &[400, 401, 422]),
            Falla::new("JSON", json(plain(), "{}"), &[400, 401, 415, 422]),
        ],
        "POST //hooks/{token}/{nombre}" => vec![Falla::new("rubbish", with("application/octet-stream"), &[404])],
        _ => Vec::new(),
    }
}
