//! Appointments that come back every so many days or weeks.
use super::{Cita, Conflicto, Impedimento, check_inicio, problemas};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{
    FieldError, Problem,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, SerieId, ServicioId, UsuarioId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Más ocurrencias que estas no caben en una serie.
const VECES_MAX: usize = 104;

/// Cada cuánto se repite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unidad {
    Dias,
    Semanas,
}

/// Qué se hace con las fechas que no se pueden reservar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiHayConflicto {
    /// No se reserva ninguna.
    Rechazar,
    /// Se reservan las demás.
    Omitir,
}

/// Lo que se pide al reservar una serie: la primera cita, cada cuánto se repite y hasta cuándo.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaSerie {
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
    pub servicio_id: ServicioId,
    pub medico_id: UsuarioId,
    /// Ausente: cada vez, el primer ambiente libre del tipo que el servicio necesita.
    pub ambiente_id: Option<AmbienteId>,
    /// Ausente: cada vez, el primer equipo libre de cada tipo que el servicio necesita.
    #[schema(max_items = 10)]
    pub equipos: Option<Vec<EquipoId>>,
    /// La primera vez. Las demás son a la misma hora de la sede.
    pub inicio: Timestamp,
    #[schema(minimum = 1, maximum = 364)]
    pub cada: i64,
    pub unidad: Unidad,
    /// Cuántas veces, contando la primera. O esto o `hasta`.
    #[schema(minimum = 2, maximum = 104)]
    pub veces: Option<usize>,
    /// Último día posible. O esto o `veces`; a lo más 104 veces.
    pub hasta: Option<Date>,
    #[schema(max_length = 500)]
    pub motivo: Option<String>,
    pub si_hay_conflicto: SiHayConflicto,
}

impl NuevaSerie {
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        let mut errors = check_inicio(self.inicio, now);
        if self.veces.is_some() == self.hasta.is_some() {
            errors.push(FieldError::new("/veces", "indique veces o hasta, y no ambos"));
        }
        Problem::check(errors)
    }

    /// When it happens, at the same civil time of the sede. Where the clocks skip that time it moves forward.
    pub fn fechas(&self, zona: &TimeZone, now: Timestamp) -> Result<Vec<Timestamp>, Problem> {
        let first = zona.to_datetime(self.inicio);
        let mut fechas = Vec::new();
        for number in 0.. {
            if self.veces.is_some_and(|veces| number >= veces) {
                break;
            }
            let step = self.cada * i64::try_from(number).unwrap_or(i64::MAX);
            let span = match self.unidad {
                Unidad::Dias => step.days(),
                Unidad::Semanas => step.weeks(),
            };
            let civil = first.checked_add(span).map_err(|_| Problem::field("/cada", "va más allá del calendario"))?;
            if self.hasta.is_some_and(|hasta| civil.date() > hasta) {
                break;
            }
            if fechas.len() == VECES_MAX {
                return Err(Problem::field("/hasta", format!("son más de {VECES_MAX} veces")));
            }
            fechas.push(zona.to_timestamp(civil).map_err(Problem::internal)?);
        }
        match fechas.last() {
            None => Err(Problem::field("/hasta", "es antes de la primera vez")),
            Some(last) if !check_inicio(*last, now).is_empty() => Err(Problem::field(
                if self.hasta.is_some() { "/hasta" } else { "/veces" },
                "la agenda se abre con dos años de anticipación",
            )),
            Some(_) => Ok(fechas),
        }
    }
}

/// Una fecha de la serie, y lo que estorba en ella.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Ocurrencia {
    /// 1 es la primera.
    pub numero: usize,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Se puede reservar.
    pub libre: bool,
    pub impedimentos: Vec<Impedimento>,
    pub conflictos: Vec<Conflicto>,
}

/// Cómo quedaría una serie.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Simulacion {
    pub ocurrencias: Vec<Ocurrencia>,
    pub libres: usize,
}

/// Una serie reservada, con las fechas que se omitieron.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Serie {
    pub serie_id: SerieId,
    pub citas: Vec<Cita>,
    pub omitidas: Vec<Ocurrencia>,
}

/// The 409 that lists what stands in the way of each date.
pub fn serie_con_conflictos(ocurrencias: &[Ocurrencia]) -> Problem {
    let blocked = ocurrencias.iter().filter(|o| !o.libre).count();
    Problem::new(problemas::SERIE_CON_CONFLICTOS)
        .detail(format!("{blocked} de {} fechas no se pueden reservar.", ocurrencias.len()))
        .with("ocurrencias", ocurrencias)
}

/// A qué citas de una serie alcanza un cambio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alcance {
    #[default]
    Esta,
    /// Esta y las que vienen después.
    Siguientes,
    /// Todas las que todavía no empiezan.
    Todas,
}

/// Una cita de la serie que no se pudo cambiar con las demás.
#[derive(Debug, Serialize)]
pub struct NoCambia {
    pub cita_id: CitaId,
    pub inicio: Timestamp,
    pub problema: Problem,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    fn serie(inicio: &str, cada: i64, unidad: Unidad, veces: Option<usize>, hasta: Option<Date>) -> NuevaSerie {
        NuevaSerie {
            sede_id: SedeId::new(),
            mascota_id: MascotaId::new(),
            servicio_id: ServicioId::new(),
            medico_id: UsuarioId::new(),
            ambiente_id: None,
            equipos: None,
            inicio: inicio.parse().expect("an instant"),
            cada,
            unidad,
            veces,
            hasta,
            motivo: None,
            si_hay_conflicto: SiHayConflicto::Omitir,
        }
    }

    #[rstest]
    #[case(2, Unidad::Semanas, Some(3), None, &["2026-03-02T10:00", "2026-03-16T10:00", "2026-03-30T10:00"])]
    #[case(10, Unidad::Dias, None, Some(date(2026, 3, 22)), &["2026-03-02T10:00", "2026-03-12T10:00", "2026-03-22T10:00"])]
    fn dates_are_counted_in_civil_time(
        #[case] cada: i64,
        #[case] unidad: Unidad,
        #[case] veces: Option<usize>,
        #[case] hasta: Option<Date>,
        #[case] expected: &[&str],
    ) {
        let now = "2026-03-01T00:00:00Z".parse().expect("utc");
        // In a zone where the clocks go forward on the 29th the civil hour stays.
        for (zona, first) in [("America/Lima", "2026-03-02T15:00:00Z"), ("Europe/Madrid", "2026-03-02T09:00:00Z")] {
            let zona = TimeZone::get(zona).expect("known");
            let fechas = serie(first, cada, unidad, veces, hasta).fechas(&zona, now).expect("dates");
            let civil: Vec<String> = fechas.iter().map(|at| zona.to_datetime(*at).strftime("%Y-%m-%dT%H:%M").to_string()).collect();
            assert_eq!(civil, expected);
        }
    }

    #[test]
    fn a_series_ends() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("utc");
        let zona = TimeZone::UTC;
        let refused = |serie: NuevaSerie| serie.check(now).and_then(|()| serie.fechas(&zona, now).map(drop)).is_err();
        let first = "2026-03-02T15:00:00Z";
        assert!(refused(serie(first, 1, Unidad::Dias, None, None)));
        assert!(refused(serie(first, 1, Unidad::Dias, Some(2), Some(date(2026, 4, 1)))));
        assert!(refused(serie(first, 1, Unidad::Dias, None, Some(date(2026, 12, 31)))), "more than 104");
        assert!(refused(serie(first, 1, Unidad::Dias, None, Some(date(2026, 3, 1)))), "over before it begins");
        assert!(refused(serie(first, 52, Unidad::Semanas, Some(4), None)), "beyond the open agenda");
        assert!(!refused(serie(first, 1, Unidad::Semanas, Some(104), None)));
    }
}
