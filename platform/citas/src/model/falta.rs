//! Appointments that their owner lost, and what a chain makes of it.
use super::{Cita, Estado, problemas};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Problem,
    ids::{CitaId, SedeId},
    ports::Conducta,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Quién anuló una cita.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum AnuladaPor {
    /// El tutor. Con menos aviso que el que pide la cadena, cuenta como anulación tardía.
    Tutor,
    /// La clínica. Nunca cuenta.
    #[default]
    Clinica,
}

/// Cómo se perdió una cita.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FaltaTipo {
    NoAsistio,
    AnulacionTardia,
}

/// Una cita que el tutor perdió.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Falta {
    pub tipo: FaltaTipo,
    /// Cuándo se anotó.
    pub en: Timestamp,
    /// Ausente si la cita es de una sede que usted no puede ver; igual lo demás.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    /// Para cuándo era la cita.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inicio: Option<Timestamp>,
}

/// Qué pasa cuando reserva por su cuenta un tutor que llegó a las faltas de la cadena.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ConFaltas {
    /// No se le admite: llama a la sede.
    #[default]
    Rechazar,
    /// Queda como solicitud, y la sede la aprueba o no.
    Aprobar,
}

/// Cómo lleva la cadena su agenda.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AjustesCitas {
    /// Con menos horas de aviso que estas, una anulación del tutor es tardía.
    pub aviso_horas: i32,
    /// Desde cuántas faltas en doce meses se pide un pago previo. Ausente: nunca.
    pub faltas_max: Option<i32>,
    /// Qué pasa desde entonces con lo que ese tutor reserva por su cuenta.
    pub con_faltas: ConFaltas,
    /// Por cuántas horas se puede corregir una inasistencia ya anotada.
    pub correccion_horas: i32,
    pub version: i32,
}

/// What a chain has that changed nothing.
impl Default for AjustesCitas {
    fn default() -> Self {
        Self { aviso_horas: 24, faltas_max: Some(3), con_faltas: ConFaltas::Rechazar, correccion_horas: 24, version: 1 }
    }
}

impl HasVersion for AjustesCitas {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Cambia cómo lleva la cadena su agenda.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioAjustesCitas {
    /// Con menos horas de aviso que estas, una anulación del tutor es tardía; con 0, ninguna antes de la hora.
    #[schema(minimum = 0, maximum = 168)]
    pub aviso_horas: i32,
    /// Desde cuántas faltas en doce meses se pide un pago previo. Ausente: nunca.
    #[schema(minimum = 1, maximum = 20)]
    pub faltas_max: Option<i32>,
    /// Qué pasa desde entonces con lo que ese tutor reserva por su cuenta; si falta, no se le admite.
    #[serde(default)]
    pub con_faltas: ConFaltas,
    /// Por cuántas horas se puede corregir una inasistencia ya anotada.
    #[schema(minimum = 1, maximum = 720)]
    pub correccion_horas: i32,
}

/// How far back faults count.
pub const MEMORIA: SignedDuration = SignedDuration::from_hours(24 * 365);

impl AjustesCitas {
    /// Whether an owner who cancels now gives less notice than the chain asks for.
    pub fn es_tardia(&self, cita: &Cita, now: Timestamp) -> bool {
        cita.inicio.duration_since(now) < SignedDuration::from_hours(self.aviso_horas.into())
    }

    /// Whether a no-show that was noted at `en` may still be corrected.
    pub fn corregible(&self, en: Timestamp, now: Timestamp) -> Result<(), Problem> {
        if now.duration_since(en) <= SignedDuration::from_hours(self.correccion_horas.into()) {
            return Ok(());
        }
        let detail = format!("La inasistencia se anotó hace más de {} horas: ya no se corrige.", self.correccion_horas);
        Err(Problem::new(problemas::CAMBIO_NO_PERMITIDO).detail(detail).with("estado", Estado::NoAsistio).with("anotada_en", en))
    }

    pub fn conducta(&self, inasistencias: i64, anulaciones_tardias: i64, ultima: Option<Timestamp>) -> Conducta {
        let exige_pago_previo = self.faltas_max.is_some_and(|max| inasistencias + anulaciones_tardias >= max.into());
        Conducta { inasistencias, anulaciones_tardias, ultima, exige_pago_previo }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some(3), 1, 1, false)]
    #[case(Some(3), 2, 1, true)]
    #[case(Some(1), 0, 1, true)]
    #[case(None, 20, 20, false)]
    fn both_kinds_of_fault_count_for_the_policy(#[case] max: Option<i32>, #[case] no: i64, #[case] tarde: i64, #[case] paga: bool) {
        let ajustes = AjustesCitas { faltas_max: max, ..AjustesCitas::default() };
        assert_eq!(ajustes.conducta(no, tarde, None).exige_pago_previo, paga);
    }

    #[test]
    fn a_no_show_is_corrected_within_its_time() {
        let ajustes = AjustesCitas { correccion_horas: 2, ..AjustesCitas::default() };
        let en: Timestamp = "2026-03-02T15:00:00Z".parse().expect("utc");
        assert!(ajustes.corregible(en, en + SignedDuration::from_hours(2)).is_ok());
        assert!(ajustes.corregible(en, en + SignedDuration::from_mins(121)).is_err());
    }
}
