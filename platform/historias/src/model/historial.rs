//! The timeline and its order; pure.
use super::HechoClinico;
use crate::antecedentes::Antecedente;
use citas::{EntradaCita, Estado};
use jiff::Timestamp;
use kernel::ids::{CitaId, SedeId, ServicioId, TutorId, UsuarioId};
use pacientes::{EntradaPaciente, Hecho};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Una cita en el historial.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CitaEnHistorial {
    pub cita_id: CitaId,
    pub estado: Estado,
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    pub medico: String,
    pub servicio_id: ServicioId,
    pub servicio: String,
    pub motivo: Option<String>,
    /// Reservada por encima de la agenda del médico, con autorización.
    pub sobrecupo: bool,
}

/// Lo que ocurrió: un hecho de la ficha, una cita, una visita de antes que contó otro sistema, o un hecho clínico.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "origen", content = "detalle", rename_all = "snake_case")]
pub enum Contenido {
    Ficha(Hecho),
    Cita(CitaEnHistorial),
    Antecedente(Antecedente),
    Clinico(Box<HechoClinico>),
}

/// Una entrada del historial.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntradaHistorial {
    pub id: Uuid,
    /// Cuándo ocurrió; de una cita, su inicio; de lo que se contó o se anotó después, el mediodía de su fecha.
    pub en: Timestamp,
    #[serde(flatten)]
    pub contenido: Contenido,
}

impl EntradaHistorial {
    /// Its place in the timeline: newest first, then by id.
    pub fn place(&self) -> (Timestamp, Uuid) {
        (self.en, self.id)
    }
}

impl EntradaHistorial {
    /// The person whose name it shows.
    pub fn tutor(&self) -> Option<TutorId> {
        match &self.contenido {
            Contenido::Ficha(Hecho::Registro { tutor_id, .. } | Hecho::Tutor { tutor_id, .. }) => Some(*tutor_id),
            _ => None,
        }
    }
    pub fn cita(&self) -> Option<CitaId> {
        match &self.contenido {
            Contenido::Cita(cita) => Some(cita.cita_id),
            Contenido::Clinico(hecho) => hecho.cita_id,
            Contenido::Ficha(_) | Contenido::Antecedente(_) => None,
        }
    }
}

impl From<EntradaPaciente> for EntradaHistorial {
    fn from(entrada: EntradaPaciente) -> Self {
        Self { id: entrada.id, en: entrada.en, contenido: Contenido::Ficha(entrada.hecho) }
    }
}

impl From<EntradaCita> for EntradaHistorial {
    fn from(cita: EntradaCita) -> Self {
        let contenido = Contenido::Cita(CitaEnHistorial {
            cita_id: cita.id,
            estado: cita.estado,
            sede_id: cita.sede_id,
            medico_id: cita.medico_id,
            medico: cita.medico_nombre,
            servicio_id: cita.servicio_id,
            servicio: cita.servicio_nombre,
            motivo: cita.motivo,
            sobrecupo: cita.sobrecupo,
        });
        Self { id: cita.id.into(), en: cita.inicio, contenido }
    }
}

impl From<(Timestamp, Antecedente)> for EntradaHistorial {
    fn from((en, antecedente): (Timestamp, Antecedente)) -> Self {
        Self { id: antecedente.id.into(), en, contenido: Contenido::Antecedente(antecedente) }
    }
}

impl From<(Timestamp, HechoClinico)> for EntradaHistorial {
    fn from((en, hecho): (Timestamp, HechoClinico)) -> Self {
        Self { id: hecho.id.into(), en, contenido: Contenido::Clinico(Box::new(hecho)) }
    }
}

/// The newest `limit` of several lists, each of them newest first and with at least `limit` entries unless it
/// has no more.
pub fn merge(lists: Vec<Vec<EntradaHistorial>>, limit: usize) -> Vec<EntradaHistorial> {
    let mut lists: Vec<_> = lists.into_iter().map(|list| list.into_iter().peekable()).collect();
    let mut merged = Vec::with_capacity(limit);
    while merged.len() < limit {
        let newest = lists.iter_mut().filter_map(|list| list.peek().map(EntradaHistorial::place)).max();
        let Some(place) = newest else { break };
        let from = lists.iter_mut().find_map(|list| list.next_if(|entry| entry.place() == place));
        merged.extend(from);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry((second, id): (i64, u128)) -> EntradaHistorial {
        let en = Timestamp::from_second(second).expect("a small number");
        EntradaHistorial { id: Uuid::from_u128(id), en, contenido: Contenido::Ficha(Hecho::Foto) }
    }

    /// As a domain answers: its entries before a position, newest first.
    fn answer(all: &[EntradaHistorial], before: Option<(Timestamp, Uuid)>, limit: usize) -> Vec<EntradaHistorial> {
        let mut mine: Vec<EntradaHistorial> =
            all.iter().filter(|entry| before.is_none_or(|before| entry.place() < before)).cloned().collect();
        mine.sort_by_key(|entry| std::cmp::Reverse(entry.place()));
        mine.truncate(limit);
        mine
    }

    proptest! {
        // Few instants, so that many entries share one.
        #[test]
        fn pages_hold_every_entry_once_in_order(places in prop::collection::btree_set((0i64..6, 1u128..1000), 0..60), size in 1usize..9, cut in 1usize..4) {
            let sources: Vec<Vec<EntradaHistorial>> = (0..cut)
                .map(|source| places.iter().filter(|(_, id)| *id as usize % cut == source).map(|place| entry(*place)).collect())
                .collect();
            let (mut read, mut before) = (Vec::new(), None);
            loop {
                let answers = sources.iter().map(|source| answer(source, before, size + 1)).collect();
                let page = kernel::Page::from_rows(merge(answers, size + 1), size, EntradaHistorial::place);
                before = page.items.last().map(EntradaHistorial::place);
                read.extend(page.items.iter().map(EntradaHistorial::place));
                if page.siguiente.is_none() {
                    break;
                }
            }
            let mut expected: Vec<(Timestamp, Uuid)> = places.iter().map(|place| entry(*place).place()).collect();
            expected.reverse();
            prop_assert_eq!(read, expected);
        }
    }
}
