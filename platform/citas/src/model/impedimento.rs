//! Reasons of the agenda against a time.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Por qué la agenda no admite una hora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "tipo", rename_all = "snake_case")]
pub enum Impedimento {
    SedeInactiva,
    ServicioInactivo,
    MedicoInactivo,
    MedicoNoDaElServicio,
    Feriado,
    SedeCerrada,
    MedicoSinTurno,
    SinAmbienteDelTipo,
    SinEquipoDelTipo,
    AmbienteInactivo,
    SedeBloqueada,
    MedicoBloqueado,
    AmbienteBloqueado,
    EquipoBloqueado,
}

impl Impedimento {
    /// Whether an authorised override may pass over it: what is lacking is somebody's time, not a room or a vet.
    pub fn autorizable(self) -> bool {
        matches!(self, Self::Feriado | Self::SedeCerrada | Self::MedicoSinTurno | Self::SedeBloqueada | Self::MedicoBloqueado)
    }

    pub fn detalle(self) -> &'static str {
        match self {
            Self::SedeInactiva => "La sede no está activa.",
            Self::ServicioInactivo => "El servicio no está activo.",
            Self::MedicoInactivo => "El médico no está activo.",
            Self::MedicoNoDaElServicio => "El médico no da ese servicio.",
            Self::Feriado => "Es feriado y la sede no atiende feriados.",
            Self::SedeCerrada => "La sede está cerrada a esa hora.",
            Self::MedicoSinTurno => "El médico no tiene turno en esa sede a esa hora.",
            Self::SinAmbienteDelTipo => "La sede no tiene un ambiente del tipo que el servicio necesita.",
            Self::SinEquipoDelTipo => "La sede no tiene el equipo que el servicio necesita.",
            Self::AmbienteInactivo => "El ambiente no está activo o no es del tipo que el servicio necesita.",
            Self::SedeBloqueada => "La sede está bloqueada a esa hora.",
            Self::MedicoBloqueado => "El médico está bloqueado a esa hora.",
            Self::AmbienteBloqueado => "El ambiente que el servicio necesita está bloqueado a esa hora.",
            Self::EquipoBloqueado => "El equipo que el servicio necesita está bloqueado a esa hora.",
        }
    }
}
