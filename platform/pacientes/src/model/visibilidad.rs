//! Who sees whom in a chain.
use kernel::version::HasVersion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Qué pacientes ve una persona de la cadena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Visibilidad {
    /// Los de toda la cadena.
    Todos,
    /// Los que se registraron o tienen citas o pesos en sus sedes; los demás, solo por emergencia.
    Sede,
}

/// Quién ve a qué pacientes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AjustesVisibilidad {
    pub visibilidad: Visibilidad,
    /// Por cuántas horas queda abierto un paciente que se abre por emergencia; con 0 no se puede.
    pub emergencia_horas: i32,
    pub version: i32,
}

/// What a chain has that changed nothing.
impl Default for AjustesVisibilidad {
    fn default() -> Self {
        Self { visibilidad: Visibilidad::Todos, emergencia_horas: 12, version: 1 }
    }
}

impl HasVersion for AjustesVisibilidad {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Cambia quién ve a qué pacientes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioVisibilidad {
    pub visibilidad: Visibilidad,
    /// Por cuántas horas queda abierto un paciente que se abre por emergencia; con 0 no se puede.
    #[schema(minimum = 0, maximum = 72)]
    pub emergencia_horas: i32,
}
