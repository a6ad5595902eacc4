//! The next gaps of a service: the vets' hours minus what is taken.
use super::{Agenda, Oferta, Slot};
use jiff::{SignedDuration, Timestamp, civil::Date};
use kernel::ids::{SedeId, UsuarioId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Una hora en la que se puede reservar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hueco {
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
}

/// When each resource is taken, as seen from a sede: a vet who is in another one is also on the way.
#[derive(Debug, Default)]
pub struct Ocupacion(HashMap<(SedeId, Uuid), Vec<(Timestamp, Timestamp)>>);

impl Ocupacion {
    pub fn add(&mut self, sede: SedeId, resource: Uuid, desde: Timestamp, hasta: Timestamp) {
        self.0.entry((sede, resource)).or_default().push((desde, hasta));
    }
    fn libre(&self, sede: SedeId, resource: Uuid, slot: &Slot) -> bool {
        self.0.get(&(sede, resource)).is_none_or(|busy| busy.iter().all(|(desde, hasta)| *hasta <= slot.desde || *desde >= slot.hasta))
    }
    fn alguno_libre(&self, sede: SedeId, resources: &[Uuid], slot: &Slot) -> bool {
        resources.iter().any(|resource| self.libre(sede, *resource, slot))
    }
}

/// What a sede offers for the service that is looked for.
pub struct Busqueda<'a> {
    pub agenda: &'a Agenda,
    pub oferta: &'a Oferta,
    pub medicos: &'a [UsuarioId],
    /// Rooms of the kind needed; `None` if the service needs none.
    pub ambientes: Option<&'a [Uuid]>,
    /// For each kind of equipment needed, the pieces of it.
    pub equipos: &'a [Vec<Uuid>],
}

/// Start times on whole multiples of this.
const PASO: SignedDuration = SignedDuration::from_mins(15);

/// All gaps of one sede on one day from `desde` on, each vet apart, in time order.
pub fn huecos(busqueda: &Busqueda<'_>, ocupacion: &Ocupacion, fecha: Date, desde: Timestamp) -> Vec<Hueco> {
    let mut found = Vec::new();
    let agenda = busqueda.agenda;
    for medico in busqueda.medicos {
        for tramo in agenda.horas_medico(*medico, fecha) {
            let (Ok(abre), Ok(cierra)) = (agenda.instante(fecha, tramo.desde), agenda.instante(fecha, tramo.hasta)) else { continue };
            let mut inicio = align(abre.max(desde), abre);
            while let slot = busqueda.oferta.slot(inicio)
                && slot.inicio < cierra
            {
                // What goes on past midnight may still be covered by the next day.
                let attended = slot.fin <= cierra || agenda.trabaja(*medico, slot.inicio, slot.fin);
                if attended && cabe(busqueda, ocupacion, *medico, &slot) {
                    found.push(Hueco { sede_id: agenda.sede_id, medico_id: *medico, inicio: slot.inicio, fin: slot.fin });
                }
                inicio += PASO;
            }
        }
    }
    found.sort_by_key(|hueco| (hueco.inicio, hueco.medico_id));
    found
}

/// Whether a visit may begin just then, on no step.
pub fn hay_hueco(busqueda: &Busqueda<'_>, ocupacion: &Ocupacion, medico: UsuarioId, inicio: Timestamp) -> bool {
    let slot = busqueda.oferta.slot(inicio);
    busqueda.medicos.contains(&medico) && busqueda.agenda.trabaja(medico, slot.inicio, slot.fin) && cabe(busqueda, ocupacion, medico, &slot)
}

fn cabe(busqueda: &Busqueda<'_>, ocupacion: &Ocupacion, medico: UsuarioId, slot: &Slot) -> bool {
    let sede = busqueda.agenda.sede_id;
    ocupacion.libre(sede, medico.into(), slot)
        && busqueda.ambientes.is_none_or(|ambientes| ocupacion.alguno_libre(sede, ambientes, slot))
        && busqueda.equipos.iter().all(|piezas| ocupacion.alguno_libre(sede, piezas, slot))
}

/// The first step of 15 minutes, counted from when the stretch opens, that is not before `desde`.
fn align(desde: Timestamp, abre: Timestamp) -> Timestamp {
    let past = desde.duration_since(abre).as_secs();
    let steps = (past + PASO.as_secs() - 1).div_euclid(PASO.as_secs()).max(0);
    abre + SignedDuration::from_secs(steps * PASO.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{TramoMedico, TramoSemanal, agenda::Tramo};
    use jiff::{
        civil::{date, time},
        tz::TimeZone,
    };

    fn lima(text: &str) -> Timestamp {
        format!("{text}-05:00").parse().expect("a time in Lima")
    }

    #[test]
    fn gaps_avoid_what_is_taken_with_its_buffers() {
        let medico = UsuarioId::new();
        let tramo = Tramo { desde: time(9, 0, 0, 0), hasta: time(11, 0, 0, 0) };
        let agenda = Agenda {
            sede_id: SedeId::new(),
            zona: TimeZone::get("America/Lima").expect("known"),
            atiende_feriados: false,
            horarios: vec![TramoSemanal { dia: 1, tramo }],
            planes: vec![TramoMedico { medico_id: medico, semanal: TramoSemanal { dia: 1, tramo } }],
            excepciones: vec![],
            feriados: vec![],
            turnos: vec![],
            bloqueos: vec![],
        };
        let oferta = Oferta { duracion_min: 30, antes_min: 0, despues_min: 10, ambiente_tipo: None, equipos_tipos: vec![] };
        let room = Uuid::now_v7();
        let busqueda = Busqueda { agenda: &agenda, oferta: &oferta, medicos: &[medico], ambientes: Some(&[room]), equipos: &[] };
        let mut ocupacion = Ocupacion::default();
        ocupacion.add(agenda.sede_id, medico.into(), lima("2026-11-23T09:45:00"), lima("2026-11-23T10:00:00"));
        let starts = |ocupacion: &Ocupacion| -> Vec<String> {
            huecos(&busqueda, ocupacion, date(2026, 11, 23), lima("2026-11-23T09:01:00"))
                .iter()
                .map(|h| agenda.zona.to_datetime(h.inicio).time().to_string())
                .collect()
        };
        // 9:15 would last, with its buffer, until 9:55.
        assert_eq!(starts(&ocupacion), ["10:00:00", "10:15:00", "10:30:00"]);
        ocupacion.add(agenda.sede_id, room, lima("2026-11-23T10:00:00"), lima("2026-11-23T10:30:00"));
        assert_eq!(starts(&ocupacion), ["10:30:00"]);
    }
}
