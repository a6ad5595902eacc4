//! The columns of a list, read from the very schema that the published document has for its items.
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Objects inside objects are spread over columns down to here; what lies deeper is shown as JSON.
const DEPTH: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tipo {
    Texto,
    Numero,
    Logico,
    /// An instant, RFC 3339.
    Momento,
}

/// One column: `mascota.nombre` is the value at `/mascota/nombre` of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columna {
    pub titulo: String,
    pub puntero: String,
    pub tipo: Tipo,
}

/// A list of the API, by its route.
#[derive(Debug, Clone)]
pub struct Lista {
    pub columnas: Vec<Columna>,
    /// The largest page it gives; `None` if the answer is the whole list.
    pub limite: Option<u64>,
}

/// Every GET that answers with a page or an array, by route (`/api/v1/citas`).
pub fn listas(document: &Value) -> HashMap<String, Lista> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let gets = paths.filter_map(|(path, item)| Some((path, item.get("get")?)));
    gets.filter(|(_, operation)| operation.get("x-permiso").is_some())
        .filter_map(|(path, operation)| Some((path.clone(), lista(document, operation)?)))
        .collect()
}

fn lista(document: &Value, operation: &Value) -> Option<Lista> {
    let schema = resolve(document, operation.pointer("/responses/200/content/application~1json/schema")?);
    let page = &schema["properties"]["items"];
    let (items, limite) = if page["type"] == "array" && schema["properties"].get("siguiente").is_some() {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let limit = parameters.filter(|p| p["name"] == "limite").find_map(|p| p["schema"]["maximum"].as_u64());
        (&page["items"], limit)
    } else if schema["type"] == "array" {
        (&schema["items"], None)
    } else {
        return None;
    };
    let mut columnas = Columnas { document, all: Vec::new(), seen: BTreeSet::new() };
    columnas.spread("", items, DEPTH);
    Some(Lista { columnas: columnas.all, limite })
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).map_or(&Value::Null, |target| resolve(document, target)),
        None => schema,
    }
}

struct Columnas<'a> {
    document: &'a Value,
    all: Vec<Columna>,
    seen: BTreeSet<String>,
}

impl<'a> Columnas<'a> {
    /// All columns of what lies at `at`.
    fn spread(&mut self, at: &str, schema: &'a Value, depth: usize) {
        let schema = resolve(self.document, schema);
        // Parts that hold together, and forms that one of them has: the columns of all.
        let parts = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| schema[key].as_array().into_iter().flatten());
        let mut parts = parts.filter(|part| part["type"] != "null").peekable();
        if parts.peek().is_some() {
            return parts.for_each(|part| self.spread(at, part, depth));
        }
        match schema["properties"].as_object() {
            Some(properties) if depth > 0 => {
                for (name, part) in properties {
                    self.spread(&format!("{at}/{name}"), part, depth - 1);
                }
            }
            _ => self.add(at, tipo(schema)),
        }
    }

    fn add(&mut self, at: &str, tipo: Tipo) {
        if self.seen.insert(at.to_owned()) {
            let titulo = at.trim_start_matches('/').replace('/', ".");
            self.all.push(Columna { titulo: if titulo.is_empty() { "valor".into() } else { titulo }, puntero: at.to_owned(), tipo });
        }
    }
}

fn tipo(schema: &Value) -> Tipo {
    let is = |name: &str| schema["type"] == name || schema["type"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    if is("integer") || is("number") {
        Tipo::Numero
    } else if is("boolean") {
        Tipo::Logico
    } else if schema["format"] == "date-time" {
        Tipo::Momento
    } else {
        Tipo::Texto
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(route: &str) -> Lista {
        listas(&crate::http::document()).remove(route).unwrap_or_else(|| panic!("{route} is no list"))
    }
    fn titles(lista: &Lista) -> Vec<&str> {
        lista.columnas.iter().map(|columna| columna.titulo.as_str()).collect()
    }

    #[test]
    fn an_agenda_has_the_columns_of_an_appointment_and_the_names_it_shows() {
        let citas = of("/api/v1/citas");
        let titles = titles(&citas);
        for expected in ["id", "inicio", "estado", "mascota", "tutor", "medico", "servicio"] {
            assert!(titles.contains(&expected), "{expected} in {titles:?}");
        }
        assert_eq!(citas.limite, Some(2_000));
        let inicio = citas.columnas.iter().find(|columna| columna.titulo == "inicio").map(|columna| columna.tipo);
        assert_eq!(inicio, Some(Tipo::Momento));
    }

    #[test]
    fn objects_inside_are_spread_and_forms_are_put_together() {
        let found = of("/api/v1/pacientes");
        assert!(titles(&found).contains(&"mascota.nombre") && titles(&found).contains(&"tutor.telefono"), "{:?}", titles(&found));
        let historial = of("/api/v1/pacientes/{id}/historial");
        assert!(titles(&historial).contains(&"detalle.kg") && titles(&historial).contains(&"detalle.medico"), "{:?}", titles(&historial));
    }

    /// A list that is added tomorrow can be exported too, and none has two columns of one name or none at all.
    #[test]
    fn every_page_and_every_array_is_a_list_with_columns() {
        let document = crate::http::document();
        let known = listas(&document);
        for (path, item) in document["paths"].as_object().expect("paths") {
            let Some(operation) = item.get("get").filter(|get| get.get("x-permiso").is_some()) else { continue };
            let schema = operation.pointer("/responses/200/content/application~1json/schema").cloned().unwrap_or_default();
            let listed = schema["type"] == "array" || schema["$ref"].as_str().is_some_and(|name| name.contains("/Page_"));
            assert_eq!(listed, known.contains_key(path), "{path}");
        }
        assert!(known.len() > 20);
        for (path, lista) in known {
            let titles: BTreeSet<&str> = lista.columnas.iter().map(|columna| columna.titulo.as_str()).collect();
            assert!(!titles.is_empty() && titles.len() == lista.columnas.len(), "{path}: {titles:?}");
        }
    }
}
