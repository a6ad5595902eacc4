//! What of the sheets leaves with the chain's full export. Consumers' links stay behind: they were sent already.
use crate::model::Hoja;
use kernel::portable::{Indice, Persona, Row, Sello, Tabla, text};

fn hoja(row: &Row) -> Option<Hoja> {
    serde_json::from_str(text(row, "hoja")?).ok()
}
fn documento(row: &Row) -> Option<String> {
    hoja(row).map(|hoja| hoja.consumidor.documento)
}
fn correo(row: &Row) -> Option<String> {
    hoja(row)?.consumidor.correo
}

const INDICES: &[Indice] = &[
    Indice { columna: "documento_indice", clase: "reclamo_documento", normal: documento },
    Indice { columna: "correo_indice", clase: "correo", normal: correo },
];

pub const PORTABLE: &[Tabla] = &[Tabla {
    persona: Some(Persona { columna: "id", olvidada: None }),
    sellos: &[
        Sello { columna: "hoja_cifrada", persona: "id", campo: "hoja", indices: INDICES },
        Sello { columna: "respuesta_cifrada", persona: "id", campo: "respuesta", indices: &[] },
    ],
    omite: &["enlace", "contenido", "red"],
    ..Tabla::new("reclamos", &["id"])
}];
