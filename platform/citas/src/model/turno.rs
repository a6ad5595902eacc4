//! Shifts, who works them, and the roster that comes of it.
use super::{Agenda, HorarioSede, Semana, agenda::Tramo, plan::hora};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
};
use kernel::{
    FieldError, Problem,
    ids::{SedeId, TurnoAsignadoId, TurnoId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Un turno de una sede: horas de la semana con un nombre.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Turno {
    pub id: TurnoId,
    pub sede_id: SedeId,
    pub nombre: String,
    pub tramos: Vec<HorarioSede>,
    pub version: i32,
}

impl HasVersion for Turno {
    fn version(&self) -> i32 {
        self.version
    }
}

/// El contenido de un turno. Uno que pasa la medianoche son dos tramos: hasta las 24:00 y desde las 00:00 del día siguiente.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosTurno {
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    #[schema(min_items = 1, max_items = 70)]
    pub tramos: Vec<HorarioSede>,
}

impl DatosTurno {
    pub fn check(&self) -> Result<(), Problem> {
        Problem::check(Semana { tramos: self.tramos.clone() }.check())
    }

    pub fn en(self, id: TurnoId, sede_id: SedeId, version: i32) -> Turno {
        let Self { nombre, mut tramos } = self;
        tramos.sort_by_key(|tramo| (tramo.dia, tramo.desde));
        Turno { id, sede_id, nombre, tramos, version }
    }
}

/// Quién hace un turno, y de cuándo a cuándo. En esas fechas reemplaza al horario semanal del médico en la sede.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TurnoAsignado {
    pub id: TurnoAsignadoId,
    pub sede_id: SedeId,
    pub turno_id: TurnoId,
    pub medico_id: UsuarioId,
    pub desde: Date,
    /// Último día, incluido.
    pub hasta: Date,
}

impl HasVersion for TurnoAsignado {
    fn version(&self) -> i32 {
        1
    }
}

/// Un turno por asignar.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoTurnoAsignado {
    pub turno_id: TurnoId,
    pub medico_id: UsuarioId,
    pub desde: Date,
    /// Último día, incluido; a lo más un año después.
    pub hasta: Date,
}

impl NuevoTurnoAsignado {
    pub fn check(&self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self.hasta < self.desde {
            errors.push(FieldError::new("/hasta", "no puede ser antes de desde"));
        } else if self.hasta > self.desde.saturating_add(1.year()) {
            errors.push(FieldError::new("/hasta", "debe ser a lo más un año después de desde"));
        }
        Problem::check(errors)
    }

    pub fn en(self, sede_id: SedeId) -> TurnoAsignado {
        let Self { turno_id, medico_id, desde, hasta } = self;
        TurnoAsignado { id: TurnoAsignadoId::new(), sede_id, turno_id, medico_id, desde, hasta }
    }
}

/// Unas horas de un día.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Horas {
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora")]
    pub desde: Time,
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora")]
    pub hasta: Time,
}

impl From<Tramo> for Horas {
    fn from(tramo: Tramo) -> Self {
        Self { desde: tramo.desde, hasta: tramo.hasta }
    }
}

/// Las horas de un médico en un día, ya sin ausencias ni bloqueos.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MedicoDelDia {
    pub medico_id: UsuarioId,
    pub medico: String,
    pub horas: Vec<Horas>,
    /// Los turnos que hace ese día; ninguno si trabaja por su horario semanal.
    pub turnos: Vec<TurnoId>,
}

/// Quién trabaja en un día.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiaDelRol {
    pub fecha: Date,
    pub feriado: bool,
    /// Cuándo abre la sede.
    pub horas: Vec<Horas>,
    pub medicos: Vec<MedicoDelDia>,
}

/// El rol de turnos de una sede: quién trabaja cuándo, por siete días.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RolDeTurnos {
    pub sede_id: SedeId,
    pub dias: Vec<DiaDelRol>,
}

/// Quién está de turno ahora.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeTurno {
    pub medico_id: UsuarioId,
    pub medico: String,
    /// Hasta cuándo.
    pub hasta: Timestamp,
}

impl Agenda {
    /// Who of these vets works on a day, and when.
    pub fn dia_del_rol(&self, fecha: Date, nombres: &[(UsuarioId, String)]) -> DiaDelRol {
        let horas = |tramos: Vec<Tramo>| tramos.into_iter().map(Horas::from).collect::<Vec<_>>();
        let medico = |(medico_id, medico): &(UsuarioId, String)| MedicoDelDia {
            medico_id: *medico_id,
            medico: medico.clone(),
            horas: horas(self.horas_medico(*medico_id, fecha)),
            turnos: self.turnos_de(*medico_id, fecha).map(|turno| turno.turno_id).collect(),
        };
        let medicos = nombres.iter().map(medico).filter(|medico| !medico.horas.is_empty()).collect();
        DiaDelRol { fecha, feriado: self.feriado(fecha), horas: horas(self.horas_sede(fecha)), medicos }
    }

    /// Who of these vets works at this moment, and until when.
    pub fn de_turno(&self, now: Timestamp, nombres: &[(UsuarioId, String)]) -> Vec<DeTurno> {
        let (hoy, hora) = (self.fecha(now), self.zona.to_datetime(now).time());
        let there = |(medico_id, medico): &(UsuarioId, String)| {
            let tramo = self.horas_medico(*medico_id, hoy).into_iter().find(|tramo| tramo.desde <= hora && hora < tramo.hasta)?;
            let hasta = self.instante(hoy, tramo.hasta).ok()?;
            Some(DeTurno { medico_id: *medico_id, medico: medico.clone(), hasta })
        };
        nombres.iter().filter_map(there).collect()
    }
}
