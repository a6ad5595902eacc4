//! A slot that is kept for some minutes, while its owner fills in a form or pays.
use super::{check_inicio, problemas};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Problem,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Una hora retenida: nadie más puede tomarla hasta que venza. Su `id` será el de la cita que la confirme.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Retencion {
    pub id: CitaId,
    pub sede_id: SedeId,
    /// Ausente mientras no se sepa de qué mascota es.
    pub mascota_id: Option<MascotaId>,
    pub medico_id: UsuarioId,
    pub servicio_id: ServicioId,
    pub ambiente_id: Option<AmbienteId>,
    pub equipos: Vec<EquipoId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Desde entonces vuelve a estar libre.
    pub retenida_hasta: Timestamp,
    pub version: i32,
}

impl HasVersion for Retencion {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Lo que se pide al retener una hora.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaRetencion {
    pub sede_id: SedeId,
    /// Ausente: todavía no se sabe. Se dice al confirmar.
    pub mascota_id: Option<MascotaId>,
    pub servicio_id: ServicioId,
    /// Ausente: cualquier médico libre, empezando por el que menos citas tiene ese día.
    pub medico_id: Option<UsuarioId>,
    /// Ausente: el primer ambiente libre del tipo que el servicio necesita.
    pub ambiente_id: Option<AmbienteId>,
    /// Ausente: el primer equipo libre de cada tipo que el servicio necesita.
    #[schema(max_items = 10)]
    pub equipos: Option<Vec<EquipoId>>,
    /// Inicio de la atención, en minutos enteros.
    pub inicio: Timestamp,
    /// Cuántos minutos se retiene; por defecto 8.
    #[schema(minimum = 5, maximum = 10)]
    pub minutos: Option<i64>,
}

const MINUTOS: i64 = 8;

impl NuevaRetencion {
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        Problem::check(check_inicio(self.inicio, now))
    }
    pub fn hasta(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_mins(self.minutos.unwrap_or(MINUTOS))
    }
}

/// Con qué una hora retenida pasa a ser una cita.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmacion {
    /// Ausente: la de la retención.
    pub mascota_id: Option<MascotaId>,
    #[schema(max_length = 500)]
    pub motivo: Option<String>,
}

impl Retencion {
    /// The pet of the appointment that this hold becomes, if it still holds.
    pub fn confirmar(&self, confirmacion: &Confirmacion, now: Timestamp) -> Result<MascotaId, Problem> {
        if self.retenida_hasta <= now {
            return Err(Problem::new(problemas::RETENCION_VENCIDA)
                .detail("La retención venció y la hora está libre otra vez: resérvela si nadie la tomó.")
                .with("retenida_hasta", self.retenida_hasta));
        }
        confirmacion
            .mascota_id
            .or(self.mascota_id)
            .ok_or_else(|| Problem::field("/mascota_id", "es obligatorio: la retención no tiene mascota"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_good_until_its_end_and_needs_a_pet() {
        let hasta: Timestamp = "2026-11-23T15:08:00Z".parse().expect("utc");
        let mut retencion = Retencion {
            id: CitaId::new(),
            sede_id: SedeId::new(),
            mascota_id: None,
            medico_id: UsuarioId::new(),
            servicio_id: ServicioId::new(),
            ambiente_id: None,
            equipos: vec![],
            inicio: hasta,
            fin: hasta + SignedDuration::from_mins(30),
            retenida_hasta: hasta,
            version: 1,
        };
        let nobody = Confirmacion { mascota_id: None, motivo: None };
        let before = hasta - SignedDuration::from_secs(1);
        let status = |retencion: &Retencion, now| retencion.confirmar(&nobody, now).map_err(|problem| problem.status().as_u16());
        assert_eq!((status(&retencion, before), status(&retencion, hasta)), (Err(422), Err(410)));
        let luna = MascotaId::new();
        retencion.mascota_id = Some(luna);
        assert_eq!(status(&retencion, before), Ok(luna));
    }
}
