//! What of the clinical record leaves with the chain's full export.
use kernel::portable::Tabla;

/// In an order in which every row finds what it refers to; behind appointments. What follows from a line's details is not
/// told twice.
pub const PORTABLE: &[Tabla] = &[
    Tabla::new("antigenos", &["clave"]),
    Tabla::new("vacunas", &["id"]),
    Tabla::new("antecedentes", &["id"]),
    Tabla { omite: &["tipo", "vacuna_id", "lote"], ..Tabla::new("hechos_clinicos", &["id"]) },
];
