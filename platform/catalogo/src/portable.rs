//! What of the catalogue leaves with the chain's full export.
use kernel::portable::Tabla;

/// In an order in which every row finds what it refers to.
pub const PORTABLE: &[Tabla] = &[Tabla::new("servicios", &["id"]), Tabla::new("servicios_medicos", &["servicio_id", "medico_id"])];
