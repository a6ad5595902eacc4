//! Looking for gaps: the next ones of a service, in one or several sedes.
use crate::{
    model::{Agenda, Busqueda, Hueco, Ocupacion, Oferta, hay_hueco, huecos},
    store::{self, Alcance, Recinto},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{
    Problem, Tx,
    ids::{SedeId, UsuarioId},
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

/// What is taken from `start` to `until` days after `desde`, and a day around.
pub async fn ocupacion(tx: &mut Tx, recintos: &[Recinto], desde: Timestamp, start: i64, until: i64) -> Result<Ocupacion, Problem> {
    let edge = |day: i64| -> Result<Timestamp, Problem> { desde.checked_add((24 * day).hours()).map_err(Problem::internal) };
    let mut medicos: Vec<UsuarioId> = recintos.iter().flat_map(|r| r.medicos.iter().copied()).collect();
    medicos.sort_unstable();
    medicos.dedup();
    let sedes: Vec<SedeId> = recintos.iter().map(|r| r.agenda.sede_id).collect();
    let alcance = Alcance { medicos: &medicos, sedes: &sedes, desde: edge(start - 1)?, hasta: edge(until + 1)? };
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
