//! What is under persons' keys, in clear on the way out and under other keys on the way in.
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    portable::{Row, Tabla},
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

use super::formato::{ARCHIVOS, hex};

/// How a sealed text begins inside JSON.
const CIFRADO: &str = "cifrado:";
/// A text in the file that was sealed, with whose it is.
const PERSONA: &str = "$persona";
const VALOR: &str = "$valor";
/// What nobody can read any more: its person was forgotten.
const ILEGIBLE: &str = "[ilegible]";

pub type Keys = HashMap<Uuid, PersonKey>;

fn person(row: &Row, column: &str) -> Option<Uuid> {
    row.get(column)?.as_str()?.parse().ok()
}

/// The keys that some rows of a table need to be opened.
pub async fn keys(tx: &mut Tx, tabla: &Tabla, rows: &[Row]) -> Result<Keys, Problem> {
    let mut people: BTreeSet<Uuid> = BTreeSet::new();
    for row in rows {
        people.extend(tabla.sellos.iter().filter_map(|sello| person(row, sello.persona)));
        if tabla.sellado_en_json && row.values().any(has_sealed) {
            people.extend(person(row, "entidad_id"));
            row.values().for_each(|value| collect(value, &mut people));
        }
    }
    let people: Vec<Uuid> = people.into_iter().collect();
    if people.is_empty() { Ok(Keys::new()) } else { Ok(tx.person_keys(&people).await?.into_iter().collect()) }
}

fn has_sealed(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(CIFRADO),
        Value::Object(fields) => fields.values().any(has_sealed),
        Value::Array(items) => items.iter().any(has_sealed),
        _ => false,
    }
}

/// Ids beside sealed texts: whose they can be.
fn collect(value: &Value, people: &mut BTreeSet<Uuid>) {
    match value {
        Value::Object(fields) => {
            if fields.values().any(|field| field.as_str().is_some_and(|text| text.starts_with(CIFRADO))) {
                let ids = fields.iter().filter(|(name, _)| name.as_str() == "id" || name.ends_with("_id"));
                people.extend(ids.filter_map(|(_, id)| id.as_str()?.parse::<Uuid>().ok()));
            }
            fields.values().for_each(|field| collect(field, people));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, people)),
        _ => {}
    }
}

/// A row as it leaves. `tenant` begins the paths of the chain's files.
pub fn open(tabla: &Tabla, mut row: Row, keys: &Keys, tenant: &str) -> Result<Row, Problem> {
    for sello in tabla.sellos {
        let key = person(&row, sello.persona).and_then(|person| keys.get(&person));
        let sealed = row.remove(sello.columna).as_ref().and_then(Value::as_str).map(unhex).transpose()?;
        let plain = match (key, sealed) {
            (Some(key), Some(sealed)) => Some(key.open(sello.campo, &sealed)?),
            _ => None,
        };
        for indice in sello.indices {
            let there = plain.is_some() && row.get(indice.columna).is_some_and(|value| !value.is_null());
            row.insert(indice.columna.to_owned(), json!(there));
        }
        row.insert(sello.campo.to_owned(), json!(plain));
    }
    if tabla.sellado_en_json {
        row.values_mut().for_each(|value| open_json(value, "", keys));
    }
    let own = format!("{tenant}/");
    row.values_mut().for_each(|value| paths(value, &own, ARCHIVOS));
    Ok(row)
}

/// Only the right key opens a text, and only as the field for which it was sealed: its name in the object.
fn open_json(value: &mut Value, field: &str, keys: &Keys) {
    match value {
        Value::String(text) => {
            let Some(sealed) = text.strip_prefix(CIFRADO) else { return };
            let bytes = B64.decode(sealed).unwrap_or_default();
            let opened = keys.iter().find_map(|(person, key)| Some((person, key.open(field, &bytes).ok()?)));
            *value = match opened {
                Some((person, plain)) => json!({ PERSONA: person, VALOR: plain }),
                None => json!(ILEGIBLE),
            };
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| open_json(field, name, keys)),
        Value::Array(items) => items.iter_mut().for_each(|item| open_json(item, field, keys)),
        _ => {}
    }
}

/// Paths of the chain's own files, wherever they stand.
fn paths(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix(from) {
                *text = format!("{to}{rest}");
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(|field| paths(field, from, to)),
        Value::Array(items) => items.iter_mut().for_each(|item| paths(item, from, to)),
        _ => {}
    }
}

/// The persons of a portion get keys of their own; with those of other tables, all that it needs to be sealed.
pub async fn new_keys(tx: &mut Tx, tabla: &Tabla, rows: &[Row]) -> Result<Keys, Problem> {
    if let Some(persona) = tabla.persona {
        let known = |row: &&Row| persona.olvidada.is_none_or(|column| row.get(column).is_none_or(Value::is_null));
        let people: Vec<Uuid> = rows.iter().filter(known).filter_map(|row| person(row, persona.columna)).collect();
        let keys = tx.create_person_keys(&people).await?;
        return Ok(people.into_iter().zip(keys).collect());
    }
    let mut people: BTreeSet<Uuid> =
        rows.iter().flat_map(|row| tabla.sellos.iter().filter_map(|sello| person(row, sello.persona))).collect();
    if tabla.sellado_en_json {
        rows.iter().flat_map(Row::values).for_each(|value| named(value, &mut people));
    }
    let people: Vec<Uuid> = people.into_iter().collect();
    if people.is_empty() { Ok(Keys::new()) } else { Ok(tx.person_keys(&people).await?.into_iter().collect()) }
}

fn named(value: &Value, people: &mut BTreeSet<Uuid>) {
    match value {
        Value::Object(fields) => {
            people.extend(fields.get(PERSONA).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok()));
            fields.values().for_each(|field| named(field, people));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, people)),
        _ => {}
    }
}

/// A row as it is kept.
pub fn seal(tx: &Tx, tabla: &Tabla, row: Row, keys: &Keys) -> Row {
    let mut kept = row.clone();
    for sello in tabla.sellos {
        kept.remove(sello.campo);
        let key = person(&row, sello.persona).and_then(|person| keys.get(&person));
        let plain = row.get(sello.campo).and_then(Value::as_str);
        let sealed = key.zip(plain).map(|(key, plain)| bytea(&key.seal(sello.campo, plain)));
        for indice in sello.indices {
            let wanted = sealed.is_some() && row.get(indice.columna).is_some_and(|there| there == true);
            let normal = if wanted { (indice.normal)(&row) } else { None };
            let index = normal.map(|normal| bytea(&tx.blind_index(indice.clase, &normal)));
            kept.insert(indice.columna.to_owned(), json!(index));
        }
        kept.insert(sello.columna.to_owned(), json!(sealed));
    }
    if tabla.sellado_en_json {
        kept.values_mut().for_each(|value| seal_json(value, "", keys));
    }
    let own = format!("{}/", tx.who().tenant);
    kept.values_mut().for_each(|value| paths(value, ARCHIVOS, &own));
    kept
}

fn seal_json(value: &mut Value, field: &str, keys: &Keys) {
    match value {
        Value::Object(fields) => {
            let sealed = fields.get(PERSONA).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
            match sealed.zip(fields.get(VALOR).and_then(Value::as_str)) {
                Some((person, plain)) => {
                    *value = json!(keys.get(&person).map_or_else(|| ILEGIBLE.to_owned(), |key| key.seal_text(field, plain)));
                }
                None => fields.iter_mut().for_each(|(name, field)| seal_json(field, name, keys)),
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| seal_json(item, field, keys)),
        _ => {}
    }
}

fn bytea(bytes: &[u8]) -> String {
    format!("\\x{}", hex(bytes))
}

fn unhex(text: &str) -> Result<Vec<u8>, Problem> {
    let digits = text.strip_prefix("\\x").unwrap_or_default().as_bytes();
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.chunks(2).map(|pair| byte(pair).ok_or_else(|| Problem::internal("bytea"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_database_writes_them() {
        assert_eq!(bytea(&[0, 171, 255]), "\\x00abff");
        assert_eq!(unhex("\\x00abff").expect("hexadecimal"), [0, 171, 255]);
        assert!(unhex("\\x0g").is_err());
    }

    #[test]
    fn a_path_of_the_chain_is_nobodys_in_the_file() {
        let mut value = json!({ "foto": "t/fotos/a", "otra": ["t/b", "tt/c", 1] });
        paths(&mut value, "t/", ARCHIVOS);
        assert_eq!(value, json!({ "foto": "archivos/fotos/a", "otra": ["archivos/b", "tt/c", 1] }));
        paths(&mut value, ARCHIVOS, "n/");
        assert_eq!(value, json!({ "foto": "n/fotos/a", "otra": ["n/b", "tt/c", 1] }));
    }
}
