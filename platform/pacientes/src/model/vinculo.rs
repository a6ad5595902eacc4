//! Who answers for a pet, since when and until when.
use super::TutorBreve;
use jiff::civil::Date;
use kernel::{FieldError, Problem, ids::TutorId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Cómo responde un tutor por una mascota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Relacion {
    Propietario,
    Copropietario,
    Cuidador,
}

/// Vínculo entre una mascota y un tutor.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vinculo {
    pub id: Uuid,
    pub tutor: TutorBreve,
    pub relacion: Relacion,
    pub desde: Date,
    /// Ausente mientras está vigente.
    pub hasta: Option<Date>,
}

/// Añade un tutor a una mascota. El propietario cambia por transferencia.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoVinculo {
    pub tutor_id: TutorId,
    pub relacion: Relacion,
    /// Desde hoy, si falta.
    pub desde: Option<Date>,
}

impl NuevoVinculo {
    pub fn check(&self, hoy: Date) -> Vec<FieldError> {
        let future = self.desde.is_some_and(|desde| desde > hoy);
        future.then(|| FieldError::new("/desde", "no puede ser una fecha futura")).into_iter().collect()
    }
}

/// Whether a new link fits beside the present ones.
pub fn may_link(nuevo: &NuevoVinculo, mut present: impl Iterator<Item = (TutorId, Relacion)> + Clone) -> Result<(), Problem> {
    let no = |detail: &'static str| Err(Problem::new(super::problemas::VINCULO_IMPOSIBLE).detail(detail));
    if present.clone().any(|(tutor, _)| tutor == nuevo.tutor_id) {
        return no("Ese tutor ya responde por esta mascota.");
    }
    if nuevo.relacion == Relacion::Propietario && present.any(|(_, relacion)| relacion == Relacion::Propietario) {
        return no("La mascota ya tiene propietario: transfiérala.");
    }
    Ok(())
}

/// Cambia el propietario de una mascota; el anterior queda en su historia.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transferencia {
    /// El nuevo propietario.
    pub tutor_id: TutorId,
    /// Lo que el propietario anterior sigue siendo, si algo.
    pub anterior_queda_como: Option<Relacion>,
}

impl Transferencia {
    pub fn check(&self) -> Vec<FieldError> {
        let two = self.anterior_queda_como == Some(Relacion::Propietario);
        two.then(|| FieldError::new("/anterior_queda_como", "una mascota tiene un solo propietario: copropietario o cuidador"))
            .into_iter()
            .collect()
    }
}
