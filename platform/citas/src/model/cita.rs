//! An appointment: what is asked for, what it occupies, what it became.
use super::{AnuladaPor, Estado, Impedimento, problemas};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    FieldError, Problem,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, SerieId, ServicioId, TutorId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Una cita. Las horas llevan zona; muéstrelas en la zona de la sede.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Cita {
    pub id: CitaId,
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
    pub medico_id: UsuarioId,
    pub servicio_id: ServicioId,
    pub ambiente_id: Option<AmbienteId>,
    pub equipos: Vec<EquipoId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub estado: Estado,
    pub motivo: Option<String>,
    /// Por qué se anuló.
    pub anulada_motivo: Option<String>,
    /// Quién la anuló. Ausente si no se anuló o nadie lo dijo.
    pub anulada_por: Option<AnuladaPor>,
    /// Reservada por encima de la agenda del médico, con autorización.
    pub sobrecupo: bool,
    /// Por qué se autorizó el sobrecupo.
    pub sobrecupo_motivo: Option<String>,
    /// La serie de la que es una ocurrencia.
    pub serie_id: Option<SerieId>,
    pub version: i32,
}

impl HasVersion for Cita {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Una cita con los nombres que la agenda muestra.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CitaEnAgenda {
    #[serde(flatten)]
    pub cita: Cita,
    pub mascota: String,
    pub especie: String,
    pub tutor: Option<String>,
    /// El propietario de hoy.
    pub tutor_id: Option<TutorId>,
    pub medico: String,
    pub servicio: String,
}

/// Lo que se pide al reservar.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaCita {
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
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
    #[schema(max_length = 500)]
    pub motivo: Option<String>,
    /// Por encima de la agenda del médico: aunque esté ocupado, sin turno o la sede cerrada. Requiere el permiso
    /// cita.sobrecupo, un médico y un motivo.
    #[serde(default)]
    pub sobrecupo: bool,
    /// Por qué se autoriza el sobrecupo.
    #[schema(min_length = 3, max_length = 200, format = "texto")]
    pub sobrecupo_motivo: Option<String>,
    /// Otra duración que la del servicio; solo con sobrecupo.
    #[schema(minimum = 5, maximum = 720)]
    pub duracion_min: Option<i32>,
}

/// El nuevo contenido de una cita. Un motivo que no se repite se quita.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioCita {
    pub sede_id: SedeId,
    pub servicio_id: ServicioId,
    pub medico_id: UsuarioId,
    /// Ausente: el mismo si sigue libre, o el primero libre del tipo que el servicio necesita.
    pub ambiente_id: Option<AmbienteId>,
    /// Ausente: los mismos si siguen libres, o los primeros libres de cada tipo que el servicio necesita.
    #[schema(max_items = 10)]
    pub equipos: Option<Vec<EquipoId>>,
    pub inicio: Timestamp,
    #[schema(max_length = 500)]
    pub motivo: Option<String>,
    /// Ausente: el estado no cambia. Para anular use DELETE.
    pub estado: Option<Estado>,
    /// Ausente: si la cita no se mueve queda como está; si se mueve, sin sobrecupo. Pedir un sobrecupo requiere el
    /// permiso cita.sobrecupo y un motivo.
    pub sobrecupo: Option<bool>,
    /// Por qué se autoriza el sobrecupo.
    #[schema(min_length = 3, max_length = 200, format = "texto")]
    pub sobrecupo_motivo: Option<String>,
    /// Otra duración que la del servicio; solo con sobrecupo.
    #[schema(minimum = 5, maximum = 720)]
    pub duracion_min: Option<i32>,
}

/// How long after its start a visit can still be written down (a walk-in that reception enters late).
const TARDE: SignedDuration = SignedDuration::from_mins(15);
/// How far ahead the agenda is open.
pub const ADELANTE: SignedDuration = SignedDuration::from_hours(24 * 366 * 2);

/// Start times are whole minutes, not past and not absurdly far.
pub fn check_inicio(inicio: Timestamp, now: Timestamp) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if inicio.as_second().rem_euclid(60) != 0 || inicio.subsec_nanosecond() != 0 {
        errors.push(FieldError::new("/inicio", "debe ser un minuto entero"));
    }
    if now.duration_since(inicio) > TARDE {
        errors.push(FieldError::new("/inicio", "ya pasó"));
    }
    if inicio.duration_since(now) > ADELANTE {
        errors.push(FieldError::new("/inicio", "la agenda se abre con dos años de anticipación"));
    }
    errors
}

/// An override has a reason, and another length has an override.
pub(super) fn check_sobrecupo(sobrecupo: bool, motivo: Option<&str>, duracion: Option<i32>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match (sobrecupo, motivo) {
        (true, None) => errors.push(FieldError::new("/sobrecupo_motivo", "es obligatorio con sobrecupo")),
        (false, Some(_)) => errors.push(FieldError::new("/sobrecupo_motivo", "solo va con sobrecupo")),
        _ => {}
    }
    if duracion.is_some() && !sobrecupo {
        errors.push(FieldError::new("/duracion_min", "solo se cambia con sobrecupo"));
    }
    errors
}

impl NuevaCita {
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        let mut errors = check_inicio(self.inicio, now);
        errors.extend(check_sobrecupo(self.sobrecupo, self.sobrecupo_motivo.as_deref(), self.duracion_min));
        if self.sobrecupo && self.medico_id.is_none() {
            errors.push(FieldError::new("/medico_id", "es obligatorio con sobrecupo"));
        }
        Problem::check(errors)
    }
}

/// What a service takes of the agenda.
#[derive(Debug, Clone, Deserialize)]
pub struct Oferta {
    pub duracion_min: i32,
    pub antes_min: i32,
    pub despues_min: i32,
    pub ambiente_tipo: Option<String>,
    pub equipos_tipos: Vec<String>,
}

/// The visit itself and, with its buffers, the time that it occupies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub desde: Timestamp,
    pub hasta: Timestamp,
}

impl Oferta {
    pub fn slot(&self, inicio: Timestamp) -> Slot {
        let minutes = |n: i32| SignedDuration::from_mins(i64::from(n));
        let fin = inicio + minutes(self.duracion_min);
        Slot { inicio, fin, desde: inicio - minutes(self.antes_min), hasta: fin + minutes(self.despues_min) }
    }
}

/// Un recurso ocupado. De una sede que usted no puede ver solo se dice qué recurso y cuándo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflicto {
    /// `medico`, `ambiente`, `equipo`, `mascota`, o `traslado`: el médico está en otra sede y no llega.
    pub recurso: String,
    pub recurso_id: uuid::Uuid,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mascota_id: Option<MascotaId>,
    /// No es una cita sino una hora retenida, que se libera entonces si nadie la confirma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retenida_hasta: Option<Timestamp>,
}

impl Conflicto {
    /// Whether an authorised override may pass over it.
    pub fn autorizable(&self) -> bool {
        matches!(self.recurso.as_str(), "medico" | "traslado")
    }
}

/// The 409 that names all conflicts.
pub fn traslape(conflictos: &[Conflicto]) -> Problem {
    let mut names: Vec<&str> = conflictos.iter().map(|c| c.recurso.as_str()).collect();
    names.dedup();
    Problem::new(problemas::CONFLICTO)
        .detail(format!("Ya ocupado a esa hora: {}.", names.join(", ")))
        .with("conflictos", conflictos)
        .with("autorizable", conflictos.iter().all(Conflicto::autorizable))
}

/// The 422 that names every reason of the agenda against a time, and all that is taken besides. `autorizable`: with
/// a sobrecupo it could be done.
pub fn fuera_de_agenda(impedimentos: &[Impedimento], conflictos: &[Conflicto]) -> Problem {
    let lines: Vec<&str> = impedimentos.iter().map(|i| i.detalle()).collect();
    let autorizable = impedimentos.iter().all(|i| i.autorizable()) && conflictos.iter().all(Conflicto::autorizable);
    Problem::new(problemas::FUERA_DE_AGENDA)
        .detail(lines.join(" "))
        .with("impedimentos", impedimentos)
        .with("conflictos", conflictos)
        .with("autorizable", autorizable)
}

impl Cita {
    pub fn anular(&mut self, motivo: String, por: AnuladaPor) -> Result<(), Problem> {
        if !self.estado.siguientes().contains(&Estado::Anulada) {
            return Err(self.estado.no_permite("Esa cita ya no se puede anular."));
        }
        self.estado = Estado::Anulada;
        self.anulada_motivo = Some(motivo);
        self.anulada_por = Some(por);
        self.version += 1;
        Ok(())
    }

    pub fn pasar_a(&mut self, nuevo: Estado, now: Timestamp) -> Result<(), Problem> {
        if nuevo == Estado::Anulada {
            return Err(self.estado.no_permite("Para anular use DELETE con un motivo."));
        }
        self.estado.pasar_a(nuevo)?;
        if nuevo == Estado::NoAsistio && now < self.inicio {
            return Err(self.estado.no_permite("Todavía no llega la hora de la cita."));
        }
        self.estado = nuevo;
        self.version += 1;
        Ok(())
    }

    /// Whether `cambio` asks for another time or other resources.
    pub fn se_mueve(&self, cambio: &CambioCita) -> bool {
        self.sede_id != cambio.sede_id
            || self.servicio_id != cambio.servicio_id
            || self.medico_id != cambio.medico_id
            || self.inicio != cambio.inicio
            || cambio.sobrecupo.is_some_and(|wanted| wanted != self.sobrecupo)
            || (cambio.sobrecupo_motivo.is_some() && cambio.sobrecupo_motivo != self.sobrecupo_motivo)
            || cambio.duracion_min.is_some_and(|minutos| self.fin.duration_since(self.inicio) != SignedDuration::from_mins(minutos.into()))
            || (cambio.ambiente_id.is_some() && cambio.ambiente_id != self.ambiente_id)
            || cambio.equipos.as_ref().is_some_and(|wanted| !mismos(wanted, &self.equipos))
    }
}

impl CambioCita {
    /// What a move asks for must be whole; what stays may be sent back as it was read.
    pub fn check_sobrecupo(&self) -> Result<(), Problem> {
        Problem::check(check_sobrecupo(self.sobrecupo.unwrap_or_default(), self.sobrecupo_motivo.as_deref(), self.duracion_min))
    }
}

fn mismos(a: &[EquipoId], b: &[EquipoId]) -> bool {
    a.iter().all(|id| b.contains(id)) && b.iter().all(|id| a.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_widen_what_is_occupied_and_not_the_visit() {
        let oferta = Oferta { duracion_min: 30, antes_min: 10, despues_min: 5, ambiente_tipo: None, equipos_tipos: vec![] };
        let inicio: Timestamp = "2026-11-23T15:00:00Z".parse().expect("utc");
        let slot = oferta.slot(inicio);
        assert_eq!(slot.fin.to_string(), "2026-11-23T15:30:00Z");
        assert_eq!((slot.desde.to_string(), slot.hasta.to_string()), ("2026-11-23T14:50:00Z".into(), "2026-11-23T15:35:00Z".into()));
    }

    #[test]
    fn a_start_is_a_whole_minute_of_the_near_future() {
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().expect("utc");
        let faults = |text: &str| check_inicio(text.parse().expect("utc"), now).len();
        assert_eq!(faults("2026-11-23T15:00:00Z"), 0);
        assert_eq!(faults("2026-11-23T14:50:00Z"), 0);
        assert_eq!(faults("2026-11-23T14:40:30Z"), 2);
        assert_eq!(faults("2029-11-23T15:00:00Z"), 1);
    }
}
