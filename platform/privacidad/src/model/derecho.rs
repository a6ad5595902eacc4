//! The rights of Ley 29733, and the time that each gives.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Lo que una persona puede pedir sobre sus datos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DerechoSobreDatos)]
pub enum Derecho {
    /// Saber para qué y cómo se tratan sus datos.
    Informacion,
    /// Recibir lo que la cadena tiene de ella.
    Acceso,
    /// Corregir lo que está mal o incompleto.
    Rectificacion,
    /// Que se olviden sus datos.
    Cancelacion,
    /// Que se dejen de usar para algo.
    Oposicion,
    /// Llevarse sus datos en un formato que otro sistema lee.
    Portabilidad,
}

impl Derecho {
    /// Working days. D.S. 003-2013-JUS, arts. 54 and 55, and its successor D.S. 016-2024-JUS as read in summaries: to be
    /// confirmed by counsel before a chain relies on it.
    pub fn dias(self) -> i32 {
        match self {
            Self::Informacion => 8,
            Self::Acceso => 20,
            Self::Rectificacion | Self::Cancelacion | Self::Oposicion | Self::Portabilidad => 10,
        }
    }
    /// Once, by as much again, all but the right to be informed.
    pub fn ampliable(self) -> bool {
        self != Self::Informacion
    }
    /// Those that are answered with all that is held about the person.
    pub fn con_expediente(self) -> bool {
        matches!(self, Self::Acceso | Self::Portabilidad)
    }
    /// Those that cannot be granted without knowing whose data it is.
    pub fn de_alguien(self) -> bool {
        self.con_expediente() || matches!(self, Self::Cancelacion | Self::Oposicion)
    }
}
