//! Booking: choose vet, room and equipment, take them, or say all that stands in the way.
use crate::{
    model::{Cita, Estado, FIN_DEL_DIA, Impedimento, NuevaCita, Opciones, Recursos, Slot, fuera_de_agenda, problemas, traslape},
    store::{self, Contexto},
};
use kernel::{
    Change, Event, Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, UsuarioId},
    problem::kinds,
};
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

/// Attempts of one booking: each lost race costs one.
const INTENTOS: usize = 8;

/// What the caller wants, of a new booking or a move.
pub struct Pedido<'a> {
    pub medico: Option<UsuarioId>,
    pub ambiente: Option<AmbienteId>,
    pub equipos: Option<&'a [EquipoId]>,
}

#[derive(Serialize)]
struct Aviso {
    id: CitaId,
    sede_id: Uuid,
    mascota_id: Uuid,
    medico_id: Uuid,
    inicio: jiff::Timestamp,
    fin: jiff::Timestamp,
    estado: Estado,
}

/// Tells the rest of the platform what became of an appointment.
pub fn avisar(tx: &mut Tx, tema: &'static str, cita: &Cita) {
    let aviso = Aviso {
        id: cita.id,
        sede_id: cita.sede_id.into(),
        mascota_id: cita.mascota_id.into(),
        medico_id: cita.medico_id.into(),
        inicio: cita.inicio,
        fin: cita.fin,
        estado: cita.estado,
    };
    tx.publish(Event::new(tema, aviso).sede(cita.sede_id));
}

/// Books inside the caller's transaction.
pub async fn reservar(tx: &mut Tx, nueva: NuevaCita) -> Result<Cita, Problem> {
    let contexto = store::contexto(tx, nueva.sede_id, nueva.mascota_id, nueva.servicio_id, nueva.medico_id, nueva.inicio).await?;
    let slot = contexto.oferta.slot(nueva.inicio);
    let pedido = Pedido { medico: nueva.medico_id, ambiente: nueva.ambiente_id, equipos: nueva.equipos.as_deref() };
    contexto.check(&pedido, &slot)?;
    let medicos = candidatos(tx, &contexto, &pedido, &slot).await?;
    let opciones = contexto.opciones(&pedido, medicos);
    let mut cita = Cita {
        id: CitaId::new(),
        sede_id: nueva.sede_id,
        mascota_id: nueva.mascota_id,
        medico_id: UsuarioId(Uuid::nil()),
        servicio_id: nueva.servicio_id,
        ambiente_id: None,
        equipos: Vec::new(),
        inicio: slot.inicio,
        fin: slot.fin,
        estado: Estado::Programada,
        motivo: nueva.motivo,
        anulada_motivo: None,
        sobrecupo: false,
        version: 1,
    };
    let taken = contexto.ocupados.iter().copied().collect();
    tomar(tx, &mut cita, &slot, &opciones, Toma::Reserva, taken).await?;
    tx.audit(Change::new("reservar", "cita", cita.id).sede(cita.sede_id).despues(&cita));
    avisar(tx, "cita.reservada", &cita);
    Ok(cita)
}

/// Whether an appointment is written for the first time or goes to another place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Toma {
    Reserva,
    Movida,
}

/// Writes `cita` with the first set of vet, room and equipment that is free, as far as `taken` and the database
/// know. If of some kind nothing is free, the 409 names all that is taken of it.
pub async fn tomar(
    tx: &mut Tx,
    cita: &mut Cita,
    slot: &Slot,
    opciones: &Opciones,
    toma: Toma,
    mut taken: HashSet<Uuid>,
) -> Result<(), Problem> {
    let excepto = (toma == Toma::Movida).then_some(cita.id);
    for _ in 0..INTENTOS {
        if let Some(Recursos { medico, ambiente, equipos }) = opciones.elegir(&taken) {
            (cita.medico_id, cita.ambiente_id, cita.equipos) = (medico, ambiente, equipos);
            let there = match toma {
                Toma::Reserva => store::insert(tx, cita, slot).await?,
                Toma::Movida => store::mover(tx, cita, slot).await?,
            };
            if there {
                return Ok(());
            }
        }
        let conflictos = store::conflictos(tx, cita.mascota_id, slot, opciones, excepto).await?;
        taken = conflictos.iter().map(|conflicto| conflicto.recurso_id).collect();
        if taken.contains(&cita.mascota_id.0) || opciones.elegir(&taken).is_none() {
            let agotados = opciones.agotados(&taken);
            let blocks = |id: Uuid| id == cita.mascota_id.0 || agotados.contains(&id);
            return Err(traslape(&conflictos.into_iter().filter(|c| blocks(c.recurso_id)).collect::<Vec<_>>()));
        }
    }
    // Every attempt met a booking that was then rolled back, or the vet left just now: rare, and trying again is right.
    Err(Problem::new(kinds::UNAVAILABLE).retry_after(1))
}

/// The vets to try: the one asked for, or all who could, the one with the fewest appointments that day first.
async fn candidatos(tx: &mut Tx, contexto: &Contexto, pedido: &Pedido<'_>, slot: &Slot) -> Result<Vec<UsuarioId>, Problem> {
    if let Some(medico) = pedido.medico {
        return Ok(vec![medico]);
    }
    let agenda = &contexto.agenda;
    let able: Vec<UsuarioId> =
        agenda.medicos().into_iter().filter(|m| contexto.da_el_servicio(*m) && agenda.trabaja(*m, slot.inicio, slot.fin)).collect();
    if able.is_empty() {
        return Err(fuera_de_agenda(&[Impedimento::MedicoSinTurno]));
    }
    let fecha = agenda.fecha(slot.inicio);
    let desde = agenda.instante(fecha, jiff::civil::Time::midnight()).map_err(Problem::internal)?;
    let hasta = agenda.instante(fecha, FIN_DEL_DIA).map_err(Problem::internal)?;
    let load = store::citas_del_dia(tx, &able, desde, hasta).await?;
    let count = |medico: &UsuarioId| load.iter().find(|(id, _)| id == medico).map_or(0, |(_, n)| *n);
    let mut sorted = able;
    sorted.sort_by_key(|medico| (count(medico), *medico));
    Ok(sorted)
}

impl Contexto {
    fn da_el_servicio(&self, medico: UsuarioId) -> bool {
        self.medicos.contains(&medico) && self.medicos_del_servicio.as_ref().is_none_or(|those| those.contains(&medico))
    }

    /// Every reason of the agenda against it, not the first.
    pub fn check(&self, pedido: &Pedido<'_>, slot: &Slot) -> Result<(), Problem> {
        if self.fallecida {
            return Err(Problem::new(problemas::MASCOTA_FALLECIDA));
        }
        let mut reasons = Vec::new();
        let mut unless = |holds: bool, reason| {
            if !holds {
                reasons.push(reason);
            }
        };
        unless(self.sede_activa, Impedimento::SedeInactiva);
        unless(self.servicio_activo, Impedimento::ServicioInactivo);
        let open = self.agenda.atiende(slot.inicio, slot.fin);
        if let Err(reason) = open {
            unless(false, reason);
        }
        if let Some(medico) = pedido.medico {
            unless(self.medicos.contains(&medico), Impedimento::MedicoInactivo);
            unless(self.medicos_del_servicio.as_ref().is_none_or(|those| those.contains(&medico)), Impedimento::MedicoNoDaElServicio);
            unless(open.is_err() || self.agenda.trabaja(medico, slot.inicio, slot.fin), Impedimento::MedicoSinTurno);
        }
        unless(self.oferta.ambiente_tipo.is_none() || !self.ambientes.is_empty(), Impedimento::SinAmbienteDelTipo);
        unless(pedido.ambiente.is_none_or(|wanted| self.ambientes.contains(&wanted)), Impedimento::AmbienteInactivo);
        unless(self.oferta.equipos_tipos.iter().all(|tipo| self.equipos.iter().any(|e| e.tipo == *tipo)), Impedimento::SinEquipoDelTipo);
        unless(pedido.equipos.is_none_or(|wanted| self.cubren(wanted)), Impedimento::SinEquipoDelTipo);
        if reasons.is_empty() { Ok(()) } else { Err(fuera_de_agenda(&reasons)) }
    }

    /// Whether these pieces are of this sede and cover every kind that the service needs.
    fn cubren(&self, wanted: &[EquipoId]) -> bool {
        let known = |id: &EquipoId| self.equipos.iter().find(|e| e.id == *id);
        wanted.iter().all(|id| known(id).is_some())
            && self.oferta.equipos_tipos.iter().all(|tipo| wanted.iter().filter_map(known).any(|e| e.tipo == *tipo))
    }

    /// What could serve, of what is asked for.
    pub fn opciones(&self, pedido: &Pedido<'_>, medicos: Vec<UsuarioId>) -> Opciones {
        let ambientes = match (pedido.ambiente, &self.oferta.ambiente_tipo) {
            (Some(wanted), _) => Some(vec![wanted]),
            (None, Some(_)) => Some(self.ambientes.clone()),
            (None, None) => None,
        };
        let of_kind = |tipo: &String| self.equipos.iter().filter(|e| e.tipo == *tipo).map(|e| e.id).collect();
        let equipos = match pedido.equipos {
            Some(wanted) => wanted.iter().map(|id| vec![*id]).collect(),
            None => self.oferta.equipos_tipos.iter().map(of_kind).collect(),
        };
        Opciones { medicos, ambientes, equipos }
    }
}
