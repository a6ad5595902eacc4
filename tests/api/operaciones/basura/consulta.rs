//! Paths, query parameters and headers with one fault.
use super::{Examen, Falla, Operacion, forma::Forma};
use crate::operaciones::casos::CASOS;
use reqwest::{RequestBuilder, header};
use serde_json::Value;

pub fn fallas(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    let mut all = partes(examen, operation);
    all.extend(parametros(examen, operation));
    all.extend(encabezados(examen, operation));
    all
}

/// Parts of the path that name nothing and could not.
fn partes(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    // Operations on what is named by words answer with an empty list, or with the same as without it.
    const CON_PALABRAS: &[&str] = &["GET /auditoria/{entidad}/{id}", "DELETE /pacientes/{id}/identificadores/{tipo}/{valor}"];
    let Some((_, parts)) = CASOS.iter().find(|(template, _)| *template == operation.template) else { return Vec::new() };
    let mut all = Vec::new();
    for (part, what) in *parts {
        if what.starts_with('=') && CON_PALABRAS.contains(&operation.name().as_str()) {
            continue;
        }
        let right = what.strip_prefix('=').map_or_else(|| examen.mundo.ids[what].clone(), str::to_owned);
        let long = "x".repeat(5_000);
        for wrong in ["hola", "%00", "a%00b", "%FF%FE", "..%2F..%2Fetc%2Fpasswd", "'%20or%201=1--", "0", "-1", long.as_str()] {
            let path = examen.mundo.path(operation).replacen(&right, wrong, 1);
            assert_ne!(path, examen.mundo.path(operation), "{}", operation.name());
            let what = format!("{{{part}}} = {}", &wrong[..wrong.len().min(20)]);
            all.push(Falla::new(what, examen.bueno(operation, &path), &[404, 422]));
        }
    }
    all
}

/// The query of the right request, as pairs, with its path.
fn partida(path: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()));
    (path.to_owned(), pairs.collect())
}

fn parametros(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    let document = &examen.mundo.document;
    let parameters: Vec<&Value> = operation.parameters(document).into_iter().filter(|p| p["in"] == "query").collect();
    // What a provider sends along is not ours to name.
    if parameters.is_empty() || operation.template.starts_with("//") {
        return Vec::new();
    }
    let (path, right) = match operation.template.as_str() {
        // One of several filters has to be there.
        "/citas" => partida(&format!("/citas?sede_id={}&fecha=2026-03-02", examen.mundo.ids["sede"])),
        _ => partida(&examen.mundo.path(operation)),
    };
    let with = |pairs: &[(&str, &str)]| {
        let kept = right
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| pairs.iter().all(|(other, _)| other != name));
        let query: Vec<String> = kept.chain(pairs.iter().copied()).map(|(name, value)| format!("{name}={value}")).collect();
        examen.bueno(operation, &format!("{path}?{}", query.join("&")))
    };
    let mut all = Vec::new();
    // What takes nothing but the format of a file looks at nothing else.
    if parameters.iter().any(|parameter| parameter["name"] != "formato") {
        all.push(Falla::new("an unknown parameter", with(&[("zz_nadie", "1")]), &[422]).campo("?zz_nadie"));
        all.push(Falla::new("U+0000 in an unknown one", with(&[("zz_nadie", "%00")]), &[422]).campo("?zz_nadie"));
    }
    for parameter in parameters {
        let name = parameter["name"].as_str().expect("a name");
        let campo = format!("?{name}");
        let mut push = |what: String, request: RequestBuilder| {
            let falla = Falla::new(format!("?{name} {what}"), request, &[422]);
            // Whose file is empty hears of that first.
            all.push(if operation.template == "/importaciones" { falla } else { falla.campo(campo.clone()) });
        };
        push("with U+0000".into(), with(&[(name, "a%00b")]));
        push("twice".into(), with(&[(name, "1"), (name, "1")]));
        if parameter["required"] == true {
            let others: Vec<String> =
                right.iter().filter(|(other, _)| other != name).map(|(name, value)| format!("{name}={value}")).collect();
            push("missing".into(), examen.bueno(operation, &format!("{path}?{}", others.join("&"))));
        }
        for wrong in equivocados(document, parameter) {
            push(format!("= {}", &wrong[..wrong.len().min(24)]), with(&[(name, wrong.as_str())]));
        }
    }
    all
}

/// Values that do not fit a parameter.
fn equivocados(document: &Value, parameter: &Value) -> Vec<String> {
    let forma = Forma::of(document, &parameter["schema"]);
    let mut all: Vec<String> = match forma.format() {
        "uuid" => vec!["hola".into(), "0".into()],
        "date" => vec!["ayer".into(), "2026-02-30".into()],
        "date-time" => vec!["ayer".into(), "2026-03-02".into(), "2026-02-30T10:00:00Z".into()],
        _ if parameter["name"] == "cursor" => vec!["hola".into(), "e30".into(), "bnVsbA".into(), "x".repeat(4_000)],
        _ => Vec::new(),
    };
    if forma.takes("integer") {
        all.extend(["x", "1.5", "99999999999999999999", "-99999999999999999999"].map(str::to_owned));
        all.extend(forma.number("maximum").map(|most| (most + 1).to_string()));
        all.extend(forma.number("minimum").and_then(|least| least.checked_sub(1)).map(|below| below.to_string()));
    }
    if forma.takes("boolean") {
        all.extend(["quizas", "1", "TRUE"].map(str::to_owned));
    }
    if forma.is_enum() {
        all.push("ninguno_de_ellos".into());
    }
    all.extend(forma.number("maxLength").map(|most| "x".repeat(most as usize + 1)));
    all
}

fn encabezados(examen: &Examen, operation: &Operacion) -> Vec<Falla> {
    let document = &examen.mundo.document;
    let path = examen.mundo.path(operation);
    let has = |name: &str| operation.parameters(document).iter().any(|p| p["in"] == "header" && p["name"] == name);
    let mut all = Vec::new();
    if has("If-Match") {
        let plain = || match examen.mundo.body(operation) {
            Some(body) => examen.pedido(operation, &path).json(&body),
            None => examen.pedido(operation, &path),
        };
        all.push(Falla::new("no If-Match", plain(), &[428]));
        for wrong in ["ayer", "\"x\"", "\"\"", "1.5", "\"99999999999999\"", "\"1\", \"2\"", "\"-1\"", "W/\"x\""] {
            all.push(Falla::new(format!("If-Match {wrong}"), plain().header(header::IF_MATCH, wrong), &[412]));
        }
        let bytes = header::HeaderValue::from_bytes(b"\"\xff\"").expect("a header");
        all.push(Falla::new("If-Match with other bytes", plain().header(header::IF_MATCH, bytes), &[412]));
    }
    if has("Idempotency-Key") {
        let key = |bytes: &[u8]| {
            examen.bueno(operation, &path).header("Idempotency-Key", header::HeaderValue::from_bytes(bytes).expect("a header"))
        };
        for wrong in [&b""[..], &[b'x'; 201], b"dos palabras", b"\xc3\xb1", b"\xff", b"tab\there"] {
            let what = format!("Idempotency-Key {:.20}", String::from_utf8_lossy(wrong));
            all.push(Falla::new(what, key(wrong), &[422]).campo("Idempotency-Key"));
        }
    }
    all
}
