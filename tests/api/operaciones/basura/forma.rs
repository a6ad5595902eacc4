//! What a schema of the document allows, seen flat.
use serde_json::Value;
use std::collections::BTreeSet;

/// One field, with what its schema says in every branch.
pub struct Forma {
    /// JSON types that it takes; empty: any.
    pub tipos: BTreeSet<String>,
    /// The branches that are no reference, no choice and not `null`.
    pub ramas: Vec<Value>,
}

impl Forma {
    pub fn of(document: &Value, schema: &Value) -> Self {
        let mut forma = Self { tipos: BTreeSet::new(), ramas: Vec::new() };
        forma.take(document, schema);
        forma
    }

    fn take(&mut self, document: &Value, schema: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            let known = document.pointer(reference.trim_start_matches('#')).expect("a known schema");
            return self.take(document, known);
        }
        let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array()).or(schema["allOf"].as_array());
        if let Some(choices) = choices {
            return choices.iter().for_each(|choice| self.take(document, choice));
        }
        let one = schema["type"].as_str().map(|kind| vec![kind]);
        let kinds = one.unwrap_or_else(|| schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str).collect());
        self.tipos.extend(kinds.iter().map(|kind| (*kind).to_owned()));
        if schema["enum"].is_array() && kinds.is_empty() {
            self.tipos.insert("string".into());
        }
        if schema["type"] != "null" {
            self.ramas.push(schema.clone());
        }
    }

    pub fn takes(&self, kind: &str) -> bool {
        self.tipos.contains(kind)
    }

    /// Something in every branch, or nothing.
    fn all(&self, keyword: &str) -> Option<&Value> {
        self.ramas.iter().all(|rama| !rama[keyword].is_null()).then(|| self.ramas.first().map(|rama| &rama[keyword])).flatten()
    }
    pub fn number(&self, keyword: &str) -> Option<u64> {
        self.all(keyword)?.as_u64()
    }
    pub fn is_enum(&self) -> bool {
        self.all("enum").is_some()
    }
    pub fn format(&self) -> &str {
        self.all("format").and_then(Value::as_str).unwrap_or_default()
    }
    /// Whether an empty text cannot fit.
    pub fn never_empty(&self) -> bool {
        self.is_enum()
            || self.number("minLength").is_some_and(|least| least > 0)
            || ["uuid", "date", "date-time", "hora", "ruc"].contains(&self.format())
    }
}

/// Fields of an operation's body and whether they have to be there; of a choice those of the first.
pub fn fields(document: &Value, schema: &Value) -> Vec<(String, Value, bool)> {
    if let Some(reference) = schema["$ref"].as_str() {
        return fields(document, document.pointer(reference.trim_start_matches('#')).expect("a known schema"));
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return choices.iter().find(|choice| choice["type"] != "null").map(|choice| fields(document, choice)).unwrap_or_default();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().flat_map(|part| fields(document, part)).collect();
    }
    let required: BTreeSet<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), schema.clone(), required.contains(name.as_str()))).collect()
}
