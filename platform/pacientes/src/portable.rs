//! What of owners and pets leaves with the chain's full export. The index of words is made anew.
use crate::model::{document_key, phone_tail};
use kernel::{
    portable::{Indice, Persona, Row, Sello, Tabla, text},
    text::DocumentoTipo,
};

fn documento(row: &Row) -> Option<String> {
    let tipo: DocumentoTipo = serde_json::from_value(row.get("documento_tipo")?.clone()).ok()?;
    Some(document_key(tipo, text(row, "documento")?))
}
fn telefono(row: &Row) -> Option<String> {
    text(row, "telefono").map(str::to_owned)
}
fn telefono_final(row: &Row) -> Option<String> {
    text(row, "telefono").and_then(phone_tail).map(str::to_owned)
}
fn correo(row: &Row) -> Option<String> {
    text(row, "correo").map(str::to_owned)
}

const fn indice(columna: &'static str, clase: &'static str, normal: fn(&Row) -> Option<String>) -> Indice {
    Indice { columna, clase, normal }
}

const fn sello(columna: &'static str, campo: &'static str, indices: &'static [Indice]) -> Sello {
    Sello { columna, persona: "id", campo, indices }
}

/// In an order in which every row finds what it refers to. A pet is dead, a record merged, when all else is in: nothing
/// new may hang on one that is.
pub const PORTABLE: &[Tabla] = &[
    Tabla::new("especies", &["id"]),
    Tabla::new("razas", &["id"]),
    Tabla::new("pacientes_ajustes", &[]),
    Tabla {
        persona: Some(Persona { columna: "id", olvidada: Some("anonimizado_en") }),
        sellos: &[
            sello("documento_cifrado", "documento", &[indice("documento_indice", "documento", documento)]),
            sello(
                "telefono_cifrado",
                "telefono",
                &[indice("telefono_indice", "telefono", telefono), indice("telefono_final", "telefono_final", telefono_final)],
            ),
            sello("correo_cifrado", "correo", &[indice("correo_indice", "correo", correo)]),
            sello("direccion_cifrada", "direccion", &[]),
        ],
        luego: &["fusionado_con"],
        ..Tabla::new("tutores", &["id"])
    },
    Tabla { luego: &["fallecida_en", "fusionada_con"], archivos: &["foto"], ..Tabla::new("mascotas", &["id"]) },
    Tabla::new("mascotas_identificadores", &["mascota_id", "tipo", "normal"]),
    Tabla::new("tutores_mascotas", &["id"]),
    Tabla::new("pesos", &["id"]),
    Tabla::new("mascotas_hechos", &["id"]),
    Tabla::new("fallecimientos", &["id"]),
    Tabla::new("fusiones", &["id"]),
    Tabla {
        sellos: &[Sello { columna: "evidencia_cifrada", persona: "tutor_id", campo: "evidencia", indices: &[] }],
        ..Tabla::new("consentimientos", &["id"])
    },
    Tabla::new("aperturas", &["id"]),
];
