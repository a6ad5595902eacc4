//! The death of a pet.
use super::tutor;
use jiff::{Timestamp, civil::Date};
use kernel::{FieldError, Sedes, ids::MascotaId, ports::CitaBreve, version::HasVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Registra el fallecimiento de una mascota.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoFallecimiento {
    pub fecha: Date,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub causa: String,
    #[schema(max_length = 2000)]
    pub nota: Option<String>,
}

impl NuevoFallecimiento {
    /// Checked against the pet's birth, unless that was estimated, and in the form in which it is kept.
    pub fn check(self, nacimiento: Option<Date>, hoy: Date) -> Result<Self, Vec<FieldError>> {
        let wrong = |detail: &'static str| Err(vec![FieldError::new("/fecha", detail)]);
        if self.fecha > hoy {
            return wrong("no puede ser una fecha futura");
        }
        if nacimiento.is_some_and(|nacimiento| self.fecha < nacimiento) {
            return wrong("es anterior al nacimiento de la mascota");
        }
        Ok(Self { causa: tutor::tidy(&self.causa), nota: tutor::tidy_or_none(self.nota), ..self })
    }
}

/// El fallecimiento de una mascota.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fallecimiento {
    pub id: Uuid,
    pub mascota_id: MascotaId,
    pub fecha: Date,
    pub causa: String,
    pub nota: Option<String>,
    /// Las citas que se anularon al registrarlo, en toda la cadena. No vuelven si se corrige.
    pub citas_anuladas: Vec<CitaBreve>,
    pub registrado_en: Timestamp,
    /// Cuándo se corrigió, si se registró por error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corregido_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corregido_motivo: Option<String>,
}

impl Fallecimiento {
    /// Of appointments in other sedes only where and when.
    pub fn seen_from(mut self, sedes: &Sedes) -> Self {
        for cita in self.citas_anuladas.iter_mut().filter(|cita| !sedes.contains(cita.sede_id)) {
            cita.id = None;
        }
        self
    }
}

impl HasVersion for Fallecimiento {
    /// Written once, corrected at most once.
    fn version(&self) -> i32 {
        1 + i32::from(self.corregido_en.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case(date(2026, 3, 2), None, true)]
    #[case(date(2026, 3, 3), None, false)]
    #[case(date(2020, 5, 1), Some(date(2020, 5, 1)), true)]
    #[case(date(2020, 4, 30), Some(date(2020, 5, 1)), false)]
    fn a_death_lies_between_birth_and_today(#[case] fecha: Date, #[case] nacimiento: Option<Date>, #[case] fits: bool) {
        let nuevo = NuevoFallecimiento { fecha, causa: " Falla  renal ".into(), nota: Some(" ".into()) };
        let checked = nuevo.check(nacimiento, date(2026, 3, 2));
        assert_eq!(checked.is_ok(), fits);
        assert!(checked.is_err() || checked.is_ok_and(|ok| (ok.causa.as_str(), ok.nota) == ("Falla renal", None)));
    }
}
