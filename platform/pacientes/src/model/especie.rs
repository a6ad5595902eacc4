//! Species and breeds of a chain.
use kernel::{
    ids::{EspecieId, RazaId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Especie, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EspecieBreve {
    pub id: EspecieId,
    pub clave: String,
    pub nombre: String,
}

/// Raza, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RazaBreve {
    pub id: RazaId,
    pub nombre: String,
}

/// Una especie del catálogo de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct Especie {
    pub id: EspecieId,
    pub clave: String,
    pub nombre: String,
    pub activa: bool,
    pub version: i32,
}

impl HasVersion for Especie {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Una raza del catálogo de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct Raza {
    pub id: RazaId,
    pub especie_id: EspecieId,
    pub nombre: String,
    /// Potencialmente peligrosa (Ley 27596).
    pub peligrosa: bool,
    pub activa: bool,
    pub version: i32,
}

impl HasVersion for Raza {
    fn version(&self) -> i32 {
        self.version
    }
}

fn yes() -> bool {
    true
}

/// Datos de una especie.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaEspecie {
    /// No cambia después.
    #[schema(pattern = "^[a-z0-9_]{2,40}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    #[serde(default = "yes")]
    pub activa: bool,
}

/// Datos de una raza.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaRaza {
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    /// Potencialmente peligrosa (Ley 27596).
    #[serde(default)]
    pub peligrosa: bool,
    #[serde(default = "yes")]
    pub activa: bool,
}
