//! The published contract is the enforced one: a body is checked against the very JSON schema that the
//! OpenAPI document shows for its type, and every violation is reported at once, in Spanish.
use crate::{FieldError, text};
use jsonschema::{Keyword, ValidationError, Validator, error::ValidationErrorKind as E};
use serde_json::{Value, json};
use std::{
    any::TypeId,
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, OnceLock, RwLock},
};
use utoipa::ToSchema;

type Validators = RwLock<HashMap<TypeId, Arc<Validator>>>;

fn validator<T: ToSchema + 'static>() -> Arc<Validator> {
    static CACHE: OnceLock<Validators> = OnceLock::new();
    let cache = CACHE.get_or_init(Validators::default);
    if let Some(found) = cache.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&TypeId::of::<T>()) {
        return found.clone();
    }
    let made = Arc::new(compile::<T>());
    cache.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(TypeId::of::<T>(), made.clone());
    made
}

fn compile<T: ToSchema>() -> Validator {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let mut schemas: serde_json::Map<String, Value> =
        parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
    for (name, _) in text::RULES {
        if let Some(schema) = schemas.get_mut(*name) {
            schema[RULE] = json!(name);
        }
    }
    let mut root = serde_json::to_value(T::schema()).unwrap_or_default();
    if let Some(object) = root.as_object_mut() {
        object.insert("components".into(), json!({ "schemas": schemas }));
    }
    let mut options = jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(true);
    for (name, check) in text::FORMATS {
        options = options.with_format(*name, *check);
    }
    options = options.with_keyword(RULE, |_, name, _| {
        let rule = text::RULES.iter().find(|(known, _)| Some(*known) == name.as_str());
        Ok(Box::new(Rule(rule.ok_or_else(|| ValidationError::custom("no such rule"))?.1)))
    });
    options.build(&root).unwrap_or_else(|error| unreachable!("{} has an unusable schema: {error}", std::any::type_name::<T>()))
}

/// Our own keyword, which names one of [`text::RULES`].
const RULE: &str = "x-regla";

struct Rule(text::Rule);

/// A custom keyword reports one text: the field and what is wrong with it.
const BETWEEN: char = '\u{1f}';

impl<'i> Keyword<'i> for Rule {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        (self.0)(instance).map_err(|(field, detail)| ValidationError::custom(format!("{field}{BETWEEN}{detail}")))
    }
    fn is_valid(&self, instance: &'i Value) -> bool {
        (self.0)(instance).is_ok()
    }
}

/// Every violation of `T`'s schema in `value`; empty if it fits.
pub fn violations<T: ToSchema + 'static>(value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for error in validator::<T>().iter_errors(value) {
        describe(&error, &mut errors);
    }
    null_bytes(value, &mut String::new(), &mut errors);
    errors
}

/// PostgreSQL's text cannot hold U+0000.
fn null_bytes(value: &Value, path: &mut String, errors: &mut Vec<FieldError>) {
    let mut inside = |key: &str, value: &Value, errors: &mut Vec<FieldError>| {
        let length = path.len();
        path.push('/');
        path.push_str(key);
        null_bytes(value, path, errors);
        path.truncate(length);
    };
    match value {
        Value::String(text) if text.contains('\0') => errors.push(FieldError::new(path.clone(), "no puede contener el carácter nulo")),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| inside(&index.to_string(), item, errors)),
        Value::Object(fields) => fields.iter().for_each(|(key, field)| inside(key, field, errors)),
        _ => {}
    }
}

fn describe(error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    let at = error.instance_path().to_string();
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    let detail: Cow<'static, str> = match error.kind() {
        E::Required { property } => {
            errors.push(FieldError::new(below(property.as_str().unwrap_or_default()), "es obligatorio"));
            return;
        }
        E::AdditionalProperties { unexpected } | E::UnevaluatedProperties { unexpected } => {
            errors.extend(unexpected.iter().map(|name| FieldError::new(below(name), "no es un campo conocido")));
            return;
        }
        E::Type { .. } => format!("debe ser {}", expected_type(error)).into(),
        E::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().filter_map(|o| o.as_str().map(str::to_owned)).collect();
            format!("debe ser uno de: {}", options.join(", ")).into()
        }
        E::MinLength { limit: 1 } => "no puede estar vacío".into(),
        E::MinLength { limit } => format!("debe tener al menos {limit} caracteres").into(),
        E::MaxLength { limit } => format!("debe tener como máximo {limit} caracteres").into(),
        E::MinItems { limit } => format!("debe tener al menos {limit} elementos").into(),
        E::MaxItems { limit } => format!("debe tener como máximo {limit} elementos").into(),
        E::UniqueItems => "no puede repetir elementos".into(),
        E::Minimum { limit } => format!("debe ser {limit} o más").into(),
        E::Maximum { limit } => format!("debe ser {limit} o menos").into(),
        E::ExclusiveMinimum { limit } => format!("debe ser mayor que {limit}").into(),
        E::ExclusiveMaximum { limit } => format!("debe ser menor que {limit}").into(),
        E::Format { format } => text::format_help(format).into(),
        E::Custom { message, .. } => {
            let (field, detail) = message.split_once(BETWEEN).unwrap_or_default();
            errors.push(FieldError::new(below(field), detail.to_owned()));
            return;
        }
        E::Pattern { .. } => "no tiene el formato esperado".into(),
        E::OneOfNotValid { context } | E::AnyOf { context } => return describe_choice(at, context, errors),
        _ => "no es válido".into(),
    };
    errors.push(FieldError::new(at, detail));
}

/// `oneOf [null, T]` is how an optional object is written: what is wrong with the object is what matters.
fn describe_choice(at: String, context: &[Vec<ValidationError<'static>>], errors: &mut Vec<FieldError>) {
    let is_type_error = |branch: &&Vec<ValidationError<'static>>| matches!(branch.as_slice(), [only] if matches!(only.kind(), E::Type { .. }) && only.instance_path().to_string() == at);
    match context.iter().find(|branch| !branch.is_empty() && !is_type_error(branch)) {
        Some(branch) => branch.iter().for_each(|error| describe(error, errors)),
        None => errors.push(FieldError::new(at, "no es válido")),
    }
}

fn expected_type(error: &ValidationError<'_>) -> String {
    use jsonschema::error::TypeKind;
    let E::Type { kind } = error.kind() else { return String::new() };
    let names: Vec<String> = match kind {
        TypeKind::Single(name) => vec![name.to_string()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.to_string()).collect(),
    };
    let spanish = names.iter().filter(|name| *name != "null").map(|name| match name.as_str() {
        "string" => "un texto",
        "integer" => "un número entero",
        "number" => "un número",
        "boolean" => "verdadero o falso",
        "array" => "una lista",
        "object" => "un objeto",
        _ => "otro tipo",
    });
    spanish.collect::<Vec<_>>().join(" o ")
}
