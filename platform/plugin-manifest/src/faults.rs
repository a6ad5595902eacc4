//! What is wrong with a document, all of it, in words for whoever wrote it.
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as E};
use serde::Serialize;
use serde_json::Value;

/// One wrong field. `pointer` is a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    pub pointer: String,
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.pointer.as_str() {
            "" => out.write_str(&self.detail),
            pointer => write!(out, "{pointer}: {}", self.detail),
        }
    }
}

/// Every place where `value` does not fit `schema`. A schema that is none is a fault of its own.
pub fn faults(schema: &Value, value: &Value) -> Vec<Fault> {
    match jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(true).build(schema) {
        Ok(validator) => against(&validator, value),
        Err(error) => vec![Fault::new("", format!("el esquema no sirve: {error}"))],
    }
}

fn against(validator: &Validator, value: &Value) -> Vec<Fault> {
    let mut found = Vec::new();
    for error in validator.iter_errors(value) {
        describe(&error, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn describe(error: &ValidationError<'_>, found: &mut Vec<Fault>) {
    let at = error.instance_path().to_string();
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    let detail = match error.kind() {
        E::Required { property } => return found.push(Fault::new(below(property.as_str().unwrap_or_default()), "es obligatorio")),
        E::AdditionalProperties { unexpected } => {
            return found.extend(unexpected.iter().map(|name| Fault::new(below(name), "no es un campo conocido")));
        }
        E::AnyOf { context } | E::OneOfNotValid { context } => {
            // `anyOf [T, null]` is how an optional object is written: what is wrong with T is what matters.
            match context.iter().find(|branch| branch.iter().any(|error| !matches!(error.kind(), E::Type { .. }))) {
                Some(branch) => return branch.iter().for_each(|error| describe(error, found)),
                None => "no es válido".into(),
            }
        }
        E::Type { .. } => "no es del tipo esperado".into(),
        E::Enum { options } => {
            let options = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
            format!("debe ser uno de: {}", options.join(", "))
        }
        E::MinLength { limit: 1 } => "no puede estar vacío".into(),
        E::MinLength { limit } => format!("debe tener al menos {limit} caracteres"),
        E::MaxLength { limit } => format!("debe tener como máximo {limit} caracteres"),
        E::MinItems { limit } => format!("debe tener al menos {limit} elementos"),
        E::MaxItems { limit } => format!("debe tener como máximo {limit} elementos"),
        E::Minimum { limit } => format!("debe ser {limit} o más"),
        E::Maximum { limit } => format!("debe ser {limit} o menos"),
        E::Pattern { .. } | E::Format { .. } => "no tiene el formato esperado".into(),
        _ => "no es válido".into(),
    };
    found.push(Fault::new(at, detail));
}
