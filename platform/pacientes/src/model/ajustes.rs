//! How a chain keeps its owners and pets.
use kernel::version::HasVersion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Ajustes de pacientes de una cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ajustes {
    /// Por cuántos días se puede deshacer una fusión.
    pub fusion_dias: i32,
    pub version: i32,
}

/// What a chain has that changed nothing.
impl Default for Ajustes {
    fn default() -> Self {
        Self { fusion_dias: 30, version: 1 }
    }
}

impl HasVersion for Ajustes {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Cambia los ajustes de pacientes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioAjustes {
    /// Por cuántos días se puede deshacer una fusión.
    #[schema(minimum = 1, maximum = 365)]
    pub fusion_dias: i32,
}
