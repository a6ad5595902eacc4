//! The columns of a list, read from the very schema that the published document has for its items.
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// What an operation says that answers with a list inside of something else: where its rows are (`/alertas`). The others are
/// told by their answer, a page or an array, and get the mark when the document is completed.
pub const MARCA: &str = "x-lista";

/// Filters whose value the audit keeps: dates, states, yes or no, and ids, which say nothing outside of this chain. Of any
/// other one it keeps the name: what somebody typed may be a document, a phone or a name, and the audit is never rewritten.
const ABIERTOS: &[&str] = &[
    "abierta",
    "activa",
    "activo",
    "actor",
    "ambiente_id",
    "atendido",
    "cambio",
    "canal",
    "cerradas",
    "cita_id",
    "clave_api_id",
    "con_anuladas",
    "derecho",
    "desde",
    "dias",
    "entidad_id",
    "entrega",
    "es_medico",
    "estado",
    "fecha",
    "gravedad",
    "hasta",
    "inactivos",
    "mascota_id",
    "medico_id",
    "pasadas",
    "revision",
    "sede_id",
    "servicio_id",
    "sin_cita",
    "tipo",
    "tutor_id",
    "usuario_id",
    "vence_desde",
    "vence_hasta",
];
/// What the audit keeps of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filtro {
    /// Its name and its value.
    Abierto,
    /// Its name.
    Callado,
}

/// A list of the API, by its route.
#[derive(Debug, Clone)]
pub struct Lista {
    pub columnas: Vec<Columna>,
    /// Where its rows are in an answer.
    pub puntero: String,
    /// The largest page it gives; `None` if the answer is the whole list.
    pub limite: Option<u64>,
    pub filtros: BTreeMap<String, Filtro>,
}

/// Every GET that answers with a page or an array, or is marked as a list, by route (`/api/v1/citas`).
pub fn listas(document: &Value) -> HashMap<String, Lista> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let gets = paths.filter_map(|(path, item)| Some((path, item.get("get")?)));
    gets.filter(|(_, operation)| operation.get("x-permiso").is_some())
        .filter_map(|(path, operation)| Some((path.clone(), lista(document, operation)?)))
        .collect()
}

fn lista(document: &Value, operation: &Value) -> Option<Lista> {
    let schema = resolve(document, operation.pointer("/responses/200/content/application~1json/schema")?);
    let puntero = match operation[MARCA].as_str() {
        Some(marked) => marked,
        None if schema["type"] == "array" => "",
        None if schema["properties"].get("siguiente").is_some() => "/items",
        None => return None,
    };
    let rows = match puntero.strip_prefix('/') {
        Some(field) => resolve(document, &schema["properties"][field]),
        None => schema,
    };
    let parameters = || operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    let limite = parameters().filter(|p| p["name"] == "limite").find_map(|p| p["schema"]["maximum"].as_u64());
    let filtros = parameters().filter_map(|p| Some((p["name"].as_str()?.to_owned(), filtro(document, p)))).collect();
    let mut columnas = Columnas { document, all: Vec::new(), seen: BTreeSet::new() };
    columnas.spread("", rows.get("items")?, DEPTH);
    Some(Lista { columnas: columnas.all, puntero: puntero.to_owned(), limite, filtros })
}

/// An open one takes nothing that somebody could write freely.
fn filtro(document: &Value, parameter: &Value) -> Filtro {
    let schema = resolve(document, &parameter["schema"]);
    let typed = schema.get("enum").is_some()
        || ["boolean", "integer"].iter().any(|kind| schema["type"] == *kind)
        || ["date", "date-time", "uuid"].iter().any(|format| schema["format"] == *format);
    let open = parameter["name"].as_str().is_some_and(|name| ABIERTOS.contains(&name));
    if open && typed { Filtro::Abierto } else { Filtro::Callado }
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

    /// What answers with rows of objects and is no list all the same, and why.
    const NO_SON_LISTAS: &[&str] = &[
        "/api/v1/alertas/estado",                    // whether the night is through
        "/api/v1/buscar",                            // three kinds of hits in one box
        "/api/v1/complementos/editores/{clave}",     // a publisher with its keys
        "/api/v1/complementos/versiones/{digest}",   // a version with what was found in it
        "/api/v1/complementos/{id}/actualizacion",   // two versions, compared
        "/api/v1/complementos/{id}/configuracion",   // a form
        "/api/v1/pacientes/{id}/fallecimiento",      // a death and what it cancelled
        "/api/v1/pacientes/{id}/fusion",             // what a merge would move
        "/api/v1/pacientes/{id}/hechos",             // a document with a schema of its own, for rules
        "/api/v1/pacientes/{id}/pesos/curva",        // a picture of the list of weights
        "/api/v1/sedes/{id}/rol",                    // a grid of people and days; the shifts are the list
        "/api/v1/sedes/{id}/sala",                   // a board of six columns, for now
        "/api/v1/solicitudes-datos/{id}/expediente", // one person's whole file
        "/api/v1/tutores/{id}/expediente",           // the same
        "/api/v1/tutores/{id}/fusion",               // what a merge would move
        "/api/v1/usuarios/{id}",                     // somebody; their assignments are a list of their own
        "/api/v1/yo",                                // oneself
    ];

    fn holds_rows(document: &Value, schema: &Value) -> bool {
        let schema = resolve(document, schema);
        let rows = |part: &Value| resolve(document, &resolve(document, part)["items"]).get("properties").is_some();
        rows(schema) || schema["properties"].as_object().is_some_and(|parts| parts.values().any(rows))
    }

    /// A list that is added tomorrow can be exported too, and none has two columns of one name or none at all.
    #[test]
    fn what_answers_with_rows_is_a_list_with_columns_or_says_why_not() {
        let document = crate::http::document();
        let known = listas(&document);
        let mut others = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let Some(operation) = item.get("get").filter(|get| get.get("x-permiso").is_some()) else { continue };
            let schema = operation.pointer("/responses/200/content/application~1json/schema").cloned().unwrap_or_default();
            assert_eq!(operation.get(MARCA).is_some(), known.contains_key(path), "{path} is a list, and no list");
            if !known.contains_key(path) && holds_rows(&document, &schema) {
                others.insert(path.as_str());
            }
        }
        assert_eq!(others, NO_SON_LISTAS.iter().copied().collect());
        assert!(known.len() > 70, "{}", known.len());
        for (path, lista) in known {
            let titles: BTreeSet<&str> = lista.columnas.iter().map(|columna| columna.titulo.as_str()).collect();
            assert!(!titles.is_empty() && titles.len() == lista.columnas.len(), "{path}: {titles:?}");
        }
    }
}
