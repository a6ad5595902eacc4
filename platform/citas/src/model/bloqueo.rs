//! Periods in which a vet, a room, a piece of equipment or a whole sede is not to be had.
use super::{CitaEnAgenda, Estado, problemas};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    FieldError, Problem,
    ids::{AmbienteId, BloqueoId, EquipoId, SedeId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Un período bloqueado: de un médico en la sede, de un ambiente, de un equipo, o de toda la sede si no se dice de qué.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Bloqueo {
    pub id: BloqueoId,
    pub sede_id: SedeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medico_id: Option<UsuarioId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambiente_id: Option<AmbienteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipo_id: Option<EquipoId>,
    pub desde: Timestamp,
    pub hasta: Timestamp,
    pub motivo: String,
    pub creado_en: Timestamp,
}

/// Un período bloqueado, con las citas que quedan en él y hay que mover o anular.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BloqueoConCitas {
    #[serde(flatten)]
    pub bloqueo: Bloqueo,
    pub citas: Vec<CitaEnAgenda>,
}

impl HasVersion for BloqueoConCitas {
    fn version(&self) -> i32 {
        1
    }
}

/// Un período por bloquear.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoBloqueo {
    /// Un médico, un ambiente o un equipo; ausentes los tres: toda la sede.
    pub medico_id: Option<UsuarioId>,
    pub ambiente_id: Option<AmbienteId>,
    pub equipo_id: Option<EquipoId>,
    pub desde: Timestamp,
    pub hasta: Timestamp,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub motivo: String,
    /// Bloquea aunque haya citas. Sin esto, si las hay la respuesta es 409 con ellas.
    #[serde(default)]
    pub confirmar: bool,
}

/// A block is no longer than a year: who is away longer has no plan.
const LARGO_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);

impl NuevoBloqueo {
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self.hasta <= self.desde {
            errors.push(FieldError::new("/hasta", "debe ser después de desde"));
        } else if self.hasta.duration_since(self.desde) > LARGO_MAX {
            errors.push(FieldError::new("/hasta", "un bloqueo dura a lo más un año"));
        } else if self.hasta <= now {
            errors.push(FieldError::new("/hasta", "ya pasó"));
        }
        if [self.medico_id.is_some(), self.ambiente_id.is_some(), self.equipo_id.is_some()].iter().filter(|one| **one).count() > 1 {
            errors.push(FieldError::new("/medico_id", "indique un médico, un ambiente o un equipo, y no varios"));
        }
        Problem::check(errors)
    }

    pub fn en(self, sede_id: SedeId, now: Timestamp) -> Bloqueo {
        let Self { medico_id, ambiente_id, equipo_id, desde, hasta, motivo, .. } = self;
        Bloqueo { id: BloqueoId::new(), sede_id, medico_id, ambiente_id, equipo_id, desde, hasta, motivo, creado_en: now }
    }
}

impl Bloqueo {
    /// Whether an appointment of its sede lies in it and is still to come or goes on.
    pub fn alcanza(&self, fila: &CitaEnAgenda) -> bool {
        let cita = &fila.cita;
        let open = matches!(cita.estado, Estado::Programada | Estado::Confirmada | Estado::EnEspera);
        let its = self.medico_id.is_none_or(|id| cita.medico_id == id)
            && self.ambiente_id.is_none_or(|id| cita.ambiente_id == Some(id))
            && self.equipo_id.is_none_or(|id| cita.equipos.contains(&id));
        open && its && cita.inicio < self.hasta && cita.fin > self.desde
    }
}

/// The 409 that lists what would have to be moved, as far as there is room for it.
pub fn bloqueo_con_citas(cuantas: usize, citas: &[CitaEnAgenda]) -> Problem {
    Problem::new(problemas::BLOQUEO_CON_CITAS)
        .detail(format!("Hay {cuantas} citas en ese período. Para bloquearlo igual, repita con confirmar."))
        .with("cuantas", cuantas)
        .with("citas", citas)
}
