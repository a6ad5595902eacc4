//! What the document allows at its very edges.
use super::{
    Examen, Operacion,
    forma::{self, Forma},
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// Requests with one extreme value each, and what it is.
pub fn pedidos(examen: &Examen, operation: &Operacion) -> Vec<(String, RequestBuilder)> {
    let (document, path, mut all) = (&examen.mundo.document, examen.mundo.path(operation), Vec::new());
    for parameter in operation.parameters(document).into_iter().filter(|p| p["in"] == "query" && !operation.template.starts_with("//")) {
        let name = parameter["name"].as_str().expect("a name");
        for value in valores(document, &parameter["schema"]) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name)).collect();
            let request = examen.bueno(operation, path).query(&[(name, &value)]);
            let pairs: Vec<(&str, &str)> = kept.iter().filter_map(|pair| pair.split_once('=')).collect();
            all.push((format!("?{name}={value:.40}"), request.query(&pairs)));
        }
    }
    let (Some(body), Some(schema)) = (examen.mundo.body(operation), operation.schema()) else { return all };
    for (name, schema, _) in forma::fields(document, schema) {
        for value in valores(document, &schema) {
            let mut extreme = body.clone();
            extreme[&name] = value.clone();
            let shown = value.to_string();
            all.push((
                format!("{name} = {shown:.40}"),
                examen.pedido(operation, &path).header(reqwest::header::IF_MATCH, "*").json(&extreme),
            ));
        }
    }
    all
}

fn valores(document: &Value, schema: &Value) -> Vec<Value> {
    let forma = Forma::of(document, schema);
    let mut all = match forma.format() {
        "date" => vec![json!("0001-01-01"), json!("9999-12-31"), json!("1582-10-10")],
        "date-time" => {
            vec![json!("0001-01-01T00:00:00Z"), json!("9999-12-30T22:00:00.999999999Z"), json!("2026-03-02T10:00:00.123456789-05:00")]
        }
        "hora" => vec![json!("00:00"), json!("24:00"), json!("23:59")],
        "uuid" => vec![json!("00000000-0000-0000-0000-000000000000"), json!("ffffffff-ffff-ffff-ffff-ffffffffffff")],
        _ => Vec::new(),
    };
    if forma.takes("integer") || forma.takes("number") {
        let bound = |keyword: &str| forma.ramas.iter().find_map(|rama| rama[keyword].as_i64());
        let (least, most) = (bound("minimum").unwrap_or(i64::MIN), bound("maximum").unwrap_or(i64::MAX));
        all.extend([json!(least), json!(most), json!(0)]);
    }
    if forma.takes("string") && !forma.is_enum() && all.is_empty() {
        let most = forma.number("maxLength").unwrap_or(2_000).min(20_000) as usize;
        // The longest, in letters of four bytes; what SQL, HTML, templates and formulas might read; what turns around.
        all.push(json!("𝔸".repeat(most)));
        all.extend(
            [
                "' or 1=1 --",
                "<script>x</script>",
                "{{ 7 * 7 }}",
                "=cmd|' /C calc'!A0",
                "\u{202e}\u{0301}\u{feff}",
                "%s%n",
                "\\",
                "\r\nX: y",
            ]
            .map(|text| json!(text)),
        );
    }
    all
}
