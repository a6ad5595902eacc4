//! What the file looks like: a ZIP with a manifest, a file of lines per table, a schema beside each, and attachments.
use crate::store::portable::Columna;
use jiff::Timestamp;
use kernel::portable::Tabla;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Of the format. Readers refuse a newer one.
pub const VERSION: u32 = 1;
pub const FORMATO: &str = "huella-exportacion";
pub const MANIFIESTO: &str = "manifiesto.json";
/// What begins a path in the store that belongs to the chain, in the file.
pub const ARCHIVOS: &str = "archivos/";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifiesto {
    pub formato: String,
    pub version: u32,
    /// Newest migration of the instance that wrote it.
    pub esquema: i64,
    pub generado_en: Timestamp,
    pub cadena: CadenaExportada,
    pub tablas: Vec<TablaExportada>,
    pub archivos: Vec<ArchivoExportado>,
    /// In a file of an earlier version there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sellos: Option<SellosExportados>,
    /// What stays behind, and why.
    pub omitidas: Vec<Omitida>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CadenaExportada {
    pub clave: String,
    pub nombre: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablaExportada {
    pub nombre: String,
    /// Path of its lines in the ZIP.
    pub datos: String,
    pub esquema: String,
    pub filas: u64,
    /// SHA-256 of its lines, in hexadecimal.
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivoExportado {
    pub ruta: String,
    pub tipo: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The chain of seals with the rows that it seals, to be verified without this instance; no import reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellosExportados {
    pub datos: String,
    pub eslabones: u64,
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Omitida {
    pub tabla: String,
    pub motivo: String,
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON Schema of a table's lines, from its columns as they are.
pub fn schema(tabla: &Tabla, columnas: &[Columna]) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for columna in columnas.iter().filter(|columna| !tabla.omite.contains(&columna.nombre.as_str())) {
        let sello = tabla.sellos.iter().find(|sello| sello.columna == columna.nombre);
        let indice = tabla.sellos.iter().flat_map(|sello| sello.indices).any(|indice| indice.columna == columna.nombre);
        let (name, kind) = match sello {
            Some(sello) => (sello.campo.to_owned(), json!({ "type": "string", "description": "Dato personal" })),
            None if indice => (columna.nombre.clone(), json!({ "type": "boolean", "description": "Se encuentra por este dato" })),
            None => (columna.nombre.clone(), kind(&columna.tipo)),
        };
        required.push(name.clone());
        let property = if columna.obligatoria || indice { kind } else { json!({ "anyOf": [kind, { "type": "null" }] }) };
        properties.insert(name, property);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": tabla.nombre, "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    })
}

fn kind(tipo: &str) -> Value {
    if let Some(element) = tipo.strip_suffix("[]") {
        return json!({ "type": "array", "items": kind(element) });
    }
    match tipo.split('(').next().unwrap_or(tipo).trim() {
        "uuid" => json!({ "type": "string", "format": "uuid" }),
        "boolean" => json!({ "type": "boolean" }),
        "smallint" | "integer" | "bigint" => json!({ "type": "integer" }),
        "numeric" | "double precision" | "real" => json!({ "type": "number" }),
        "date" => json!({ "type": "string", "format": "date" }),
        "timestamp with time zone" => json!({ "type": "string", "format": "date-time" }),
        "time without time zone" => json!({ "type": "string", "format": "time" }),
        "jsonb" => json!({}),
        "bytea" => json!({ "type": "string", "pattern": "^\\\\x[0-9a-f]*$" }),
        _ => json!({ "type": "string" }),
    }
}

/// For whoever opens the file without Huella.
pub const LEAME: &str = "Exportación completa de una cadena de Huella.\n\n\
manifiesto.json dice qué hay, cuántas filas tiene cada tabla y su SHA-256, y qué no se exporta y por qué.\n\
tablas/*.ndjson tiene un objeto JSON por línea, en UTF-8; esquemas/*.json es el JSON Schema de cada tabla.\n\
archivos/ tiene los adjuntos, como las fotos.\n\
auditoria/sellos.ndjson tiene la auditoría con su cadena de sellos, para comprobarla con «huella audit verify --archivo».\n\
Los identificadores son los mismos en todas las tablas. Las horas son UTC; los importes, céntimos de sol.\n\
Contiene datos personales: guárdela como corresponde (Ley 29733).\n";
