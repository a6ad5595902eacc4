//! A record with how its owner keeps appointments.
use kernel::{ports::Conducta, version::HasVersion};
use serde::Serialize;
use utoipa::ToSchema;

/// Una ficha con cómo cumplió sus citas el tutor que responde por ella.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConConducta<T> {
    #[serde(flatten)]
    pub ficha: T,
    /// Ausente si la mascota no tiene propietario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conducta: Option<Conducta>,
}

impl<T: HasVersion> HasVersion for ConConducta<T> {
    fn version(&self) -> i32 {
        self.ficha.version()
    }
}
