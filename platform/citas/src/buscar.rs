//! Looking for gaps: the next ones of a service, in one or several sedes.
use crate::{
    model::{Agenda, Busqueda, Hueco, Ocupacion, Oferta, hay_hueco, huecos},
    store::{self, Alcance, Recinto},
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use kernel::{
    Problem, Tx,
    ids::{EquipoId, SedeId, UsuarioId},
};
use uuid::Uuid;

/// Looks day by day until `dias` are over, reading what is taken in steps that grow: mostly the first days have gaps enough.
pub async fn proximos(
    tx: &mut Tx,
    recintos: &[Recinto],
    oferta: &Oferta,
    desde: Timestamp,
    dias: i64,
    limite: usize,
) -> Result<Vec<Hueco>, Problem> {
    let mut found: Vec<Hueco> = Vec::new();
    let (mut start, mut days) = (0, 1);
    while start < dias && found.len() < limite {
        let until = (start + days).min(dias);
        let ocupacion = ocupacion(tx, recintos, desde, start, until).await?;
        for day in start..until {
            for recinto in recintos {
                let fecha = recinto.agenda.fecha(desde).saturating_add(day.days());
                found.extend(recinto.huecos(oferta, &ocupacion, fecha, desde));
            }
            if found.len() >= limite {
                break;
            }
        }
        (start, days) = (until, days * 2);
    }
    found.sort_by_key(|hueco| (hueco.inicio, hueco.sede_id, hueco.medico_id));
    found.truncate(limite);
    Ok(found)
}

/// The most that a service takes before its hour (`servicios.antes_min`).
const ANTES: SignedDuration = SignedDuration::from_hours(4);

/// What is taken, of what the service needs, on the days from `start` to `until` counted from that of `desde`; on the first from
/// `desde` on. The others may begin up to a day earlier than so many times 24 hours after `desde`; all may end a night later.
pub async fn ocupacion(tx: &mut Tx, recintos: &[Recinto], desde: Timestamp, start: i64, until: i64) -> Result<Ocupacion, Problem> {
    let edge = |day: i64| -> Result<Timestamp, Problem> { desde.checked_add((24 * day).hours()).map_err(Problem::internal) };
    let mut medicos: Vec<UsuarioId> = recintos.iter().flat_map(|r| r.medicos.iter().copied()).collect();
    medicos.sort_unstable();
    medicos.dedup();
    let sedes: Vec<SedeId> = recintos.iter().map(|r| r.agenda.sede_id).collect();
    let ambientes: Vec<Uuid> = recintos.iter().flat_map(|r| r.ambientes.iter().copied()).collect();
    let equipos: Vec<EquipoId> = recintos.iter().flat_map(|r| &r.equipos).map(|pieza| pieza.id).collect();
    let alcance = Alcance {
        medicos: &medicos,
        sedes: &sedes,
        ambientes: &ambientes,
        equipos: &equipos,
        desde: if start == 0 { desde.checked_sub(ANTES).map_err(Problem::internal)? } else { edge(start - 1)? },
        hasta: edge(until + 1)?,
    };
    let mut ocupacion = Ocupacion::default();
    store::ambitos_de_ocupacion(tx, &alcance, &mut ocupacion).await?;
    for agenda in recintos.iter().map(|recinto| &recinto.agenda) {
        for bloqueado in &agenda.bloqueos {
            if let Some(recurso) = bloqueado.recurso_id {
                ocupacion.add(agenda.sede_id, recurso, bloqueado.desde, bloqueado.hasta);
            }
        }
    }
    Ok(ocupacion)
}

impl Recinto {
    fn busqueda<T>(&self, oferta: &Oferta, with: impl FnOnce(&Busqueda<'_>) -> T) -> T {
        let equipos: Vec<Vec<Uuid>> =
            oferta.equipos_tipos.iter().map(|tipo| self.equipos.iter().filter(|e| e.tipo == *tipo).map(|e| e.id.0).collect()).collect();
        let agenda: &Agenda = &self.agenda;
        let ambientes = oferta.ambiente_tipo.is_some().then_some(self.ambientes.as_slice());
        with(&Busqueda { agenda, oferta, medicos: &self.medicos, ambientes, equipos: &equipos })
    }

    pub fn huecos(&self, oferta: &Oferta, ocupacion: &Ocupacion, fecha: Date, desde: Timestamp) -> Vec<Hueco> {
        self.busqueda(oferta, |busqueda| huecos(busqueda, ocupacion, fecha, desde))
    }

    /// Whether a visit may begin just then.
    pub fn hay_hueco(&self, oferta: &Oferta, ocupacion: &Ocupacion, medico: UsuarioId, inicio: Timestamp) -> bool {
        self.busqueda(oferta, |busqueda| hay_hueco(busqueda, ocupacion, medico, inicio))
    }
}
