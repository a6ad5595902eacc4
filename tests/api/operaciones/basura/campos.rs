//! Bodies with one wrong field.
use super::{
    Examen, Falla, Operacion,
    forma::{self, Forma},
};
use serde_json::{Value, json};

/// Longer than any text of a body may be.
const LARGO: usize = 95_000;

pub fn fallas(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    let (Some(body), Some(schema)) = (examen.mundo.body(operation), operation.schema()) else { return Vec::new() };
    let (path, document, mut all) = (examen.mundo.path(operation), &examen.mundo.document, Vec::new());
    let send = |body: &Value| examen.pedido(operation, &path).header(reqwest::header::IF_MATCH, "*").json(body);
    for (name, schema, required) in forma::fields(document, schema) {
        let pointer = format!("/{name}");
        let mut push = |what: String, body: &Value, pointer: String| {
            all.push(Falla::new(format!("{name}: {what}"), send(body), &[422]).campo(pointer));
        };
        if required && body.get(&name).is_some() {
            let mut without = body.clone();
            without.as_object_mut().expect("an object").remove(&name);
            push("missing".into(), &without, pointer.clone());
        }
        for (what, value, inside) in valores(document, &schema) {
            let mut wrong = body.clone();
            wrong[&name] = value;
            push(what, &wrong, format!("{pointer}{inside}"));
        }
    }
    all
}

/// Values that do not fit, what is wrong with them, and where inside.
fn valores(document: &Value, schema: &Value) -> Vec<(String, Value, String)> {
    let forma = Forma::of(document, schema);
    if forma.tipos.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut push = |what: &str, value: Value| all.push((what.to_owned(), value, String::new()));
    let others = [
        ("object", json!({ "x": 1 })),
        ("string", json!("x")),
        ("integer", json!(7)),
        ("boolean", json!(true)),
        ("array", json!([[]])),
        ("null", Value::Null),
    ];
    for (kind, value) in others {
        let number = kind == "integer" && forma.takes("number");
        if !forma.takes(kind) && !number {
            push(&format!("{kind} instead"), value);
        }
    }
    if forma.takes("string") {
        push("U+0000", json!("a\0b"));
        push("too long", json!("x".repeat(LARGO)));
        if forma.never_empty() {
            push("empty", json!(""));
        }
        if forma.is_enum() {
            push("none of them", json!("ninguno_de_ellos"));
        }
        for text in textos(forma.format()) {
            push(text, json!(text));
        }
    }
    if forma.takes("integer") && !forma.takes("number") {
        push("a half", json!(1.5));
        push("as text", json!("7"));
        push("beyond 64 bits", json!(1e30));
    }
    if forma.takes("integer") || forma.takes("number") {
        push("huge", json!(1e300));
        push("far below", json!(-1e300));
    }
    for rama in forma.ramas.iter().filter(|rama| rama["type"] == "array" || rama["items"].is_object()) {
        let items = Forma::of(document, &rama["items"]);
        let wrong = if items.takes("object") { json!([7]) } else { json!([{ "x": 1 }]) };
        if !items.tipos.is_empty() {
            all.push(("a wrong item".into(), wrong, "/0".into()));
        }
        if items.takes("string") {
            all.push(("U+0000 in an item".into(), json!(["a\0b"]), "/0".into()));
        }
        if let Some(most) = rama["maxItems"].as_u64() {
            all.push((
                "too many".into(),
                json!(vec![if items.takes("object") { json!({}) } else { json!("x") }; most as usize + 1]),
                String::new(),
            ));
        }
    }
    all
}

/// Texts that no field of this format takes.
fn textos(format: &str) -> &'static [&'static str] {
    match format {
        "uuid" => &["hola", "00000000-0000-0000-0000-00000000000g", "urn:x"],
        "date" => &["ayer", "2026-02-30", "2026-13-01", "02/03/2026", "0000-01-01", "10000-01-01", "2026-3-2"],
        "date-time" => {
            &["ayer", "2026-03-02", "2026-03-02T25:00:00Z", "2026-02-30T10:00:00Z", "2026-03-02T10:00:00", "99999-01-01T00:00:00Z"]
        }
        "hora" => &["25:00", "9:00", "24:01", "mediodía", "10:60"],
        "correo" => &["sin-arroba", "@nadie", "a@", "a b@c.pe", "a@b\r\nBcc: c@d.pe"],
        "telefono" => &["llámeme", "1", "+", "00000000000000000000000"],
        "ruc" => &["20100070971", "2010007097", "abcdefghijk"],
        "ubigeo" => &["99", "abcdef", "0000000"],
        "zona-horaria" => &["Marte/Olimpo", "UTC+99", "../../etc/passwd"],
        _ => &[],
    }
}
