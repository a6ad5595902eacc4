//! What of plugins leaves with the chain's full export: which modules it does without. Installations are of versions that
//! another instance may not have.
use kernel::portable::Tabla;

pub const PORTABLE: &[Tabla] = &[Tabla::new("modulos_ajustes", &[])];
