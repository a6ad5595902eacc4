//! A day of a sede in figures.
use super::{Agenda, CitaEnAgenda, Estado, Sala, Triaje};
use jiff::{Timestamp, civil::Date};
use kernel::ids::{CitaId, MascotaId, SedeId, UsuarioId, VisitaId};
use serde::Serialize;
use utoipa::ToSchema;

/// Cómo va el día de una sede.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hoy {
    pub sede_id: SedeId,
    /// El día de hoy, en la hora de la sede.
    pub fecha: Date,
    pub ahora: Timestamp,
    /// Las citas del día, por estado: se ven con `GET /citas?sede_id=&fecha=&con_anuladas=true`.
    pub citas: Vec<PorEstado>,
    pub espera: EsperaDeHoy,
    pub inasistencias: Inasistencias,
    /// De los médicos que hoy trabajan en la sede o tienen citas en ella.
    pub ocupacion: Vec<OcupacionDeMedico>,
}

/// Cuántas citas están en un estado.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PorEstado {
    pub estado: Estado,
    pub cuantas: i64,
}

/// Quién espera, y cuánto se esperó hoy.
#[derive(Debug, Serialize, ToSchema)]
pub struct EsperaDeHoy {
    /// En el orden en que les toca.
    pub ahora: Vec<Esperando>,
    /// De quienes hoy pasaron a consulta; ausente si nadie pasó.
    pub promedio_min: Option<f64>,
    /// Cuántos pasaron a consulta.
    pub atendidas: i64,
}

/// Una mascota que espera.
#[derive(Debug, Serialize, ToSchema)]
pub struct Esperando {
    pub visita_id: VisitaId,
    /// Ausente si vino sin cita.
    pub cita_id: Option<CitaId>,
    pub mascota_id: MascotaId,
    pub mascota: String,
    pub especie: String,
    pub tutor: Option<String>,
    pub medico_id: Option<UsuarioId>,
    pub triaje: Option<Triaje>,
    pub llegada_en: Timestamp,
    pub minutos: i64,
    /// Minutos en los que su triaje pide que la atiendan.
    pub objetivo_min: Option<i64>,
    pub excedida: bool,
}

/// Citas a las que no vinieron, de las que ya debían haber empezado.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Inasistencias {
    pub hoy: i64,
    /// En los siete días que terminan hoy.
    pub semana: i64,
    /// Cuántas citas hubo en ellos, sin las anuladas.
    pub semana_citas: i64,
    pub desde: Date,
    pub hasta: Date,
}

/// Cuánto del día de un médico está tomado.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OcupacionDeMedico {
    pub medico_id: UsuarioId,
    pub medico: String,
    /// Minutos en que atiende hoy en la sede.
    pub disponibles_min: i64,
    /// Minutos de sus citas de hoy en la sede, sin las anuladas ni las que no vinieron; con sobrecupos pueden ser más.
    pub ocupados_min: i64,
    pub citas: i64,
}

const ESTADOS: [Estado; 8] = [
    Estado::Programada,
    Estado::Confirmada,
    Estado::EnEspera,
    Estado::EnConsulta,
    Estado::PorCobrar,
    Estado::Terminada,
    Estado::Anulada,
    Estado::NoAsistio,
];

/// Every state, also those that no appointment is in.
pub fn por_estado(citas: &[CitaEnAgenda]) -> Vec<PorEstado> {
    let count = |estado| citas.iter().filter(|fila| fila.cita.estado == estado).count() as i64;
    ESTADOS.into_iter().map(|estado| PorEstado { estado, cuantas: count(estado) }).collect()
}

/// Those who wait, as the board has them.
pub fn esperando(sala: Sala) -> Vec<Esperando> {
    let waiting = sala.en_espera.into_iter().filter_map(|one| {
        let visita = one.visita?;
        Some(Esperando {
            visita_id: visita.id,
            cita_id: visita.cita_id,
            mascota_id: one.mascota_id,
            mascota: one.mascota,
            especie: one.especie,
            tutor: one.tutor,
            medico_id: one.medico_id,
            triaje: visita.triaje,
            llegada_en: visita.llegada_en,
            minutos: one.espera_min.unwrap_or_default(),
            objetivo_min: one.objetivo_min,
            excedida: one.excedida,
        })
    });
    waiting.collect()
}

/// Vets by name; who has appointments and no hours works all the same.
pub fn ocupacion(agenda: &Agenda, fecha: Date, citas: &[CitaEnAgenda], nombres: Vec<(UsuarioId, String)>) -> Vec<OcupacionDeMedico> {
    let of = |(medico_id, medico): (UsuarioId, String)| {
        let minutes = |tramo: &super::agenda::Tramo| tramo.desde.duration_until(tramo.hasta).as_secs().saturating_add(59) / 60;
        let disponibles_min = agenda.horas_medico(medico_id, fecha).iter().map(minutes).sum();
        let suyas = || citas.iter().map(|fila| &fila.cita).filter(|cita| cita.medico_id == medico_id && cita.estado.activa());
        let ocupados_min = suyas().map(|cita| cita.fin.duration_since(cita.inicio).as_mins()).sum();
        OcupacionDeMedico { medico_id, medico, disponibles_min, ocupados_min, citas: suyas().count() as i64 }
    };
    nombres.into_iter().map(of).filter(|one| one.disponibles_min > 0 || one.citas > 0).collect()
}
