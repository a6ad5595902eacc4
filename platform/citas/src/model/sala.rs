//! The board of a sede and a day, and how long people waited.
use super::{Cita, CitaEnAgenda, Estado, Triaje, Visita, visita::minutos};
use jiff::{SignedDuration, Timestamp, civil::Date};
use kernel::ids::{MascotaId, SedeId, ServicioId, UsuarioId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// Una mascota en la sala, o por llegar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnSala {
    /// Ausente mientras no llega.
    pub visita: Option<Visita>,
    /// Ausente mientras quien vino sin cita espera.
    pub cita: Option<Cita>,
    pub estado: Estado,
    pub mascota_id: MascotaId,
    pub servicio_id: ServicioId,
    pub medico_id: Option<UsuarioId>,
    pub mascota: String,
    pub especie: String,
    pub tutor: Option<String>,
    pub medico: Option<String>,
    pub servicio: String,
    /// Minutos que espera, o que esperó hasta la consulta.
    pub espera_min: Option<i64>,
    /// Minutos en los que su triaje pide que la atiendan.
    pub objetivo_min: Option<i64>,
    /// TiempoDeEspera, o esperó, más que eso.
    pub excedida: bool,
}

/// La sala de una sede en un día, por estado. TiempoDeEspera primero el más grave, y de iguales quien llegó antes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Sala {
    pub sede_id: SedeId,
    pub fecha: Date,
    pub ahora: Timestamp,
    pub por_llegar: Vec<EnSala>,
    pub en_espera: Vec<EnSala>,
    pub en_consulta: Vec<EnSala>,
    pub por_cobrar: Vec<EnSala>,
    pub terminadas: Vec<EnSala>,
    /// Se fueron sin que las atendieran.
    pub retiradas: Vec<EnSala>,
}

/// A visit with what the board shows of it.
pub struct VisitaConNombres {
    pub visita: Visita,
    pub cita: Option<Cita>,
    pub mascota: String,
    pub especie: String,
    pub tutor: Option<String>,
    pub medico: Option<String>,
    pub servicio: String,
}

impl EnSala {
    fn de_visita(fila: VisitaConNombres, now: Timestamp) -> Self {
        let VisitaConNombres { visita, cita, mascota, especie, tutor, medico, servicio } = fila;
        let hasta = visita.consulta_en.or(visita.retirada_en).unwrap_or(now);
        let objetivo = visita.triaje.map(Triaje::minutos);
        // By the second: somebody who is red waits too long at once.
        let excedida = objetivo.is_some_and(|min| hasta.duration_since(visita.llegada_en) > SignedDuration::from_mins(min));
        Self {
            estado: visita.estado,
            mascota_id: visita.mascota_id,
            servicio_id: visita.servicio_id,
            medico_id: visita.medico_id,
            espera_min: Some(minutos(visita.llegada_en, hasta)),
            objetivo_min: objetivo,
            excedida,
            visita: Some(visita),
            cita,
            mascota,
            especie,
            tutor,
            medico,
            servicio,
        }
    }
}

impl From<CitaEnAgenda> for EnSala {
    fn from(fila: CitaEnAgenda) -> Self {
        let CitaEnAgenda { cita, mascota, especie, tutor, medico, servicio, .. } = fila;
        Self {
            visita: None,
            estado: cita.estado,
            mascota_id: cita.mascota_id,
            servicio_id: cita.servicio_id,
            medico_id: Some(cita.medico_id),
            espera_min: None,
            objetivo_min: None,
            excedida: false,
            cita: Some(cita),
            mascota,
            especie,
            tutor,
            medico: Some(medico),
            servicio,
        }
    }
}

impl Sala {
    pub fn new(sede_id: SedeId, fecha: Date, ahora: Timestamp) -> Self {
        let none = Vec::new;
        Self {
            sede_id,
            fecha,
            ahora,
            por_llegar: none(),
            en_espera: none(),
            en_consulta: none(),
            por_cobrar: none(),
            terminadas: none(),
            retiradas: none(),
        }
    }

    /// Whose data the board shows.
    pub fn mascotas(&self) -> impl Iterator<Item = MascotaId> {
        let columns = [&self.por_llegar, &self.en_espera, &self.en_consulta, &self.por_cobrar, &self.terminadas, &self.retiradas];
        columns.into_iter().flatten().map(|one| one.mascota_id)
    }

    /// Each in its column: those who came, in order of their turn, and the appointments of those who have not, in order of time.
    pub fn llenar(mut self, mut visitas: Vec<VisitaConNombres>, citas: Vec<CitaEnAgenda>) -> Self {
        visitas.sort_by_key(|fila| fila.visita.turno());
        let known: HashSet<_> = visitas.iter().filter_map(|fila| fila.visita.cita_id).collect();
        let ahora = self.ahora;
        let came = visitas.into_iter().map(|fila| EnSala::de_visita(fila, ahora));
        let booked = citas.into_iter().filter(|fila| !known.contains(&fila.cita.id)).map(EnSala::from);
        for one in came.chain(booked) {
            if one.visita.as_ref().is_some_and(|visita| visita.retirada_en.is_some()) {
                self.retiradas.push(one);
                continue;
            }
            match one.estado {
                Estado::Programada | Estado::Confirmada => self.por_llegar.push(one),
                Estado::EnEspera => self.en_espera.push(one),
                Estado::EnConsulta => self.en_consulta.push(one),
                Estado::PorCobrar => self.por_cobrar.push(one),
                Estado::Terminada => self.terminadas.push(one),
                Estado::Anulada | Estado::NoAsistio => {}
            }
        }
        self
    }
}

/// Cuánto esperaron, en minutos.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TiempoDeEspera {
    /// Cuántas visitas llegaron a consulta.
    pub visitas: i64,
    /// La mitad esperó esto o menos.
    pub mediana: f64,
    /// Nueve de cada diez esperaron esto o menos.
    pub p90: f64,
    /// Duración mediana de la consulta; ausente si ninguna terminó.
    pub consulta_mediana: Option<f64>,
    /// Cuántas esperaron más que lo que su triaje pide.
    pub excedidas: i64,
}

/// De qué son unos tiempos: de un día, de una hora del día, de un médico o de un triaje.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TiempoDe<T> {
    pub de: T,
    #[serde(flatten)]
    pub espera: TiempoDeEspera,
}

/// Cuánto se esperó en una sede, de la llegada a la consulta, en la hora de la sede.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TiemposDeSala {
    /// Ausente si nadie llegó a consulta.
    pub total: Option<TiempoDeEspera>,
    pub por_dia: Vec<TiempoDe<Date>>,
    /// Por hora de llegada, de 0 a 23.
    pub por_hora: Vec<TiempoDe<i32>>,
    pub por_medico: Vec<TiempoDe<UsuarioId>>,
    pub por_triaje: Vec<TiempoDe<Triaje>>,
    /// Cuántas se fueron sin que las atendieran.
    pub retiradas: i64,
}
