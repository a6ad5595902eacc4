//! Weights.
use super::{hoy, mascota::longest_life_ago};
use jiff::Timestamp;
use kernel::{
    FieldError,
    ids::{PesoId, SedeId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whole grams: scales of clinics show no less.
pub(crate) fn grams(kg: f64) -> i32 {
    (kg * 1000.0).round() as i32
}

/// Anota un peso.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoPeso {
    #[schema(minimum = 0.001, maximum = 1499.999)]
    pub kg: f64,
    /// Ahora, si falta.
    pub pesado_en: Option<Timestamp>,
    /// Sede donde se pesó, si fue en una.
    pub sede_id: Option<SedeId>,
}

impl NuevoPeso {
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let wrong = |detail: &'static str| vec![FieldError::new("/pesado_en", detail)];
        match self.pesado_en {
            Some(en) if en > now => wrong("no puede ser una hora futura"),
            Some(en) if hoy(en) < longest_life_ago(hoy(now)) => wrong("es demasiado antigua"),
            _ => Vec::new(),
        }
    }
}

/// Un peso.
#[derive(Debug, Serialize, ToSchema)]
pub struct Peso {
    pub id: PesoId,
    pub pesado_en: Timestamp,
    pub kg: f64,
    pub sede_id: Option<SedeId>,
}

impl HasVersion for Peso {
    /// A weight is never changed.
    fn version(&self) -> i32 {
        1
    }
}
