//! The way of a vet from one sede to another.
use kernel::{ids::SedeId, version::HasVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Minutos de camino entre dos sedes, en cualquiera de los dos sentidos.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Traslado {
    pub sede_a: SedeId,
    pub sede_b: SedeId,
    pub minutos: i32,
    /// Nadie lo fijó: se estima por la ubicación de las sedes.
    pub estimado: bool,
    pub version: i32,
}

impl HasVersion for Traslado {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Los minutos de camino entre dos sedes.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioTraslado {
    #[schema(minimum = 0, maximum = 720)]
    pub minutos: i32,
}
