//! Reasons of the agenda against a time.
use super::Agenda;
use jiff::{SignedDuration, Timestamp, civil::Date};
use kernel::ids::UsuarioId;
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

impl Agenda {
    /// Every reason of the sede against a time: a holiday, a blocked period, hours that would not cover it anyway.
    pub fn contra_la_sede(&self, inicio: Timestamp, fin: Timestamp) -> Vec<Impedimento> {
        if self.cubre(|fecha| self.horas_sede(fecha), inicio, fin) {
            return Vec::new();
        }
        let holiday = self.dias(inicio, fin).any(|fecha| self.feriado(fecha));
        let blocked = self.bloqueada(inicio, fin, None);
        let closed = if holiday || blocked { !self.cubre(|fecha| self.previstas(fecha, None), inicio, fin) } else { true };
        let all = [(holiday, Impedimento::Feriado), (blocked, Impedimento::SedeBloqueada), (closed, Impedimento::SedeCerrada)];
        all.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }

    /// Every reason of a vet's own hours against a time, be the sede open or not.
    pub fn contra_el_medico(&self, medico: UsuarioId, inicio: Timestamp, fin: Timestamp) -> Vec<Impedimento> {
        if self.trabaja(medico, inicio, fin) {
            return Vec::new();
        }
        let blocked = self.bloqueada(inicio, fin, Some(medico));
        // Who is neither blocked nor free while the sede is open has no hours then.
        let off = if blocked || !self.cubre(|fecha| self.horas_sede(fecha), inicio, fin) {
            !self.cubre(|fecha| self.previstas(fecha, Some(medico)), inicio, fin)
        } else {
            true
        };
        let all = [(blocked, Impedimento::MedicoBloqueado), (off, Impedimento::MedicoSinTurno)];
        all.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }

    /// The days that a time touches; what ends at midnight is not in the next.
    fn dias(&self, inicio: Timestamp, fin: Timestamp) -> impl Iterator<Item = Date> {
        let last = self.fecha(fin - SignedDuration::from_nanos(1));
        self.fecha(inicio).series(jiff::Span::new().days(1)).take_while(move |fecha| *fecha <= last)
    }
}
