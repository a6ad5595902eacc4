//! What of the clinical record leaves with the chain's full export.
use kernel::portable::Tabla;

/// In an order in which every row finds what it refers to.
pub const PORTABLE: &[Tabla] = &[Tabla::new("antecedentes", &["id"])];
