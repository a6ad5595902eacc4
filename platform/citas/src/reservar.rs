//! Booking: choose vet, room and equipment, take them, or say all that stands in the way.
use crate::{
    auditar::auditar,
    model::{
        Antes, Cita, Conflicto, Estado, FIN_DEL_DIA, Impedimento, NuevaCita, Opciones, Recursos, Retencion, Slot, fuera_de_agenda,
        problemas, traslape,
    },
    store::{self, Contexto, Deseo, Lugar},
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

/// What the caller wants, of a new booking, a hold or a move.
pub struct Pedido<'a> {
    pub medico: Option<UsuarioId>,
    pub ambiente: Option<AmbienteId>,
    pub equipos: Option<&'a [EquipoId]>,
    /// With an authorised override.
    pub sobrecupo: bool,
}

#[derive(Serialize)]
struct Aviso {
    id: CitaId,
    sede_id: Uuid,
    mascota_id: Option<Uuid>,
    medico_id: Uuid,
    inicio: jiff::Timestamp,
    fin: jiff::Timestamp,
    estado: Estado,
    sobrecupo: bool,
    /// Where it was, if it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    antes: Option<Antes>,
}

/// Tells the rest of the platform what became of an appointment.
pub fn avisar(tx: &mut Tx, tema: &'static str, cita: &Cita) {
    avisar_de(tx, tema, cita, None);
}

/// The same of one that was elsewhere before.
pub fn avisar_de(tx: &mut Tx, tema: &'static str, cita: &Cita, antes: Option<&Cita>) {
    let antes = antes
        .filter(|antes| (antes.inicio, antes.fin, antes.medico_id, antes.sede_id) != (cita.inicio, cita.fin, cita.medico_id, cita.sede_id));
    let aviso = Aviso {
        id: cita.id,
        sede_id: cita.sede_id.into(),
        mascota_id: Some(cita.mascota_id.into()),
        medico_id: cita.medico_id.into(),
        inicio: cita.inicio,
        fin: cita.fin,
        estado: cita.estado,
        sobrecupo: cita.sobrecupo,
        antes: antes.map(|a| Antes { sede_id: a.sede_id, medico_id: a.medico_id, inicio: a.inicio, fin: a.fin }),
    };
    tx.publish(Event::new(tema, aviso).sede(cita.sede_id));
}

/// Books inside the caller's transaction.
pub async fn reservar(tx: &mut Tx, nueva: NuevaCita) -> Result<Cita, Problem> {
    let cita = tomar_cita(tx, nueva).await?;
    avisar(tx, "cita.reservada", &cita);
    Ok(cita)
}

/// The same, and says nothing of it.
pub async fn tomar_cita(tx: &mut Tx, nueva: NuevaCita) -> Result<Cita, Problem> {
    let deseo = Deseo {
        sede: nueva.sede_id,
        mascota: Some(nueva.mascota_id),
        servicio: nueva.servicio_id,
        medico: nueva.medico_id,
        inicio: nueva.inicio,
        duracion_min: nueva.duracion_min,
    };
    let pedido =
        Pedido { medico: nueva.medico_id, ambiente: nueva.ambiente_id, equipos: nueva.equipos.as_deref(), sobrecupo: nueva.sobrecupo };
    let (contexto, slot, opciones) = preparar(tx, &deseo, &pedido, None).await?;
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
        anulada_por: None,
        sobrecupo: nueva.sobrecupo,
        sobrecupo_motivo: nueva.sobrecupo_motivo,
        serie_id: None,
        version: 1,
    };
    tomar(tx, &mut Toma::Reserva(&mut cita), &slot, &opciones, contexto.sabido()).await?;
    auditar(tx, cita.mascota_id, Change::new("reservar", "cita", cita.id).sede(cita.sede_id).despues(&cita)).await?;
    Ok(cita)
}

/// Reads what is known of a wish, refuses what the agenda does not admit, and lists what could serve. `excepto` is what moves.
pub async fn preparar(
    tx: &mut Tx,
    deseo: &Deseo,
    pedido: &Pedido<'_>,
    excepto: Option<CitaId>,
) -> Result<(Contexto, Slot, Opciones), Problem> {
    let contexto = store::contexto(tx, deseo).await?;
    let slot = contexto.oferta.slot(deseo.inicio);
    let reasons = contexto.impedimentos(pedido, &slot)?;
    let medicos = contexto.candidatos(tx, pedido, &slot).await?;
    let opciones = contexto.opciones(pedido, medicos).sin(&contexto.agenda.bloqueados(&slot));
    if reasons.is_empty() {
        return Ok((contexto, slot, opciones));
    }
    let lugar = Lugar { sede: deseo.sede, mascota: deseo.mascota, slot: &slot, opciones: &opciones, excepto };
    let conflictos = estorban(store::conflictos(tx, &lugar).await?, &lugar, pedido.sobrecupo);
    Err(fuera_de_agenda(&reasons, &conflictos))
}

/// What is written: an appointment or a hold for the first time, or an appointment that goes to another place.
pub enum Toma<'a> {
    Reserva(&'a mut Cita),
    Retencion(&'a mut Retencion),
    Movida(&'a mut Cita),
}

impl Toma<'_> {
    fn ocupar(&mut self, Recursos { medico, ambiente, equipos }: Recursos) {
        match self {
            Self::Reserva(cita) | Self::Movida(cita) => (cita.medico_id, cita.ambiente_id, cita.equipos) = (medico, ambiente, equipos),
            Self::Retencion(hold) => (hold.medico_id, hold.ambiente_id, hold.equipos) = (medico, ambiente, equipos),
        }
    }

    async fn escribir(&self, tx: &mut Tx, slot: &Slot) -> Result<bool, Problem> {
        match self {
            Self::Reserva(cita) => store::insert(tx, (&**cita).into(), slot).await,
            Self::Retencion(hold) => store::insert(tx, (&**hold).into(), slot).await,
            Self::Movida(cita) => store::mover(tx, cita, slot).await,
        }
    }

    fn lugar<'b>(&self, slot: &'b Slot, opciones: &'b Opciones) -> Lugar<'b> {
        let (sede, mascota, excepto) = match self {
            Self::Reserva(cita) => (cita.sede_id, Some(cita.mascota_id), None),
            Self::Retencion(hold) => (hold.sede_id, hold.mascota_id, None),
            Self::Movida(cita) => (cita.sede_id, Some(cita.mascota_id), Some(cita.id)),
        };
        Lugar { sede, mascota, slot, opciones, excepto }
    }

    fn sobrecupo(&self) -> bool {
        matches!(self, Self::Reserva(cita) | Self::Movida(cita) if cita.sobrecupo)
    }
}

/// Of all that is taken, what stands in the way: the pet, and vets, rooms and equipment of each kind of which nothing
/// else would do. An override passes over the vets.
pub fn estorban(conflictos: Vec<Conflicto>, lugar: &Lugar<'_>, sobrecupo: bool) -> Vec<Conflicto> {
    let counts = |conflicto: &Conflicto| !(sobrecupo && conflicto.autorizable());
    let taken: HashSet<Uuid> = conflictos.iter().filter(|c| counts(c)).map(|c| c.recurso_id).collect();
    let agotados = lugar.opciones.agotados(&taken);
    let blocks = |id: Uuid| lugar.mascota.is_some_and(|mascota| mascota.0 == id) || agotados.contains(&id);
    conflictos.into_iter().filter(|c| counts(c) && blocks(c.recurso_id)).collect()
}

/// What is known to be taken before anything is tried.
#[derive(Default)]
pub struct Sabido {
    pub tomados: HashSet<Uuid>,
    /// All of it with its reasons, where somebody looked.
    pub conflictos: Option<Vec<Conflicto>>,
}

impl Sabido {
    pub fn solo(tomados: impl IntoIterator<Item = Uuid>) -> Self {
        Self { tomados: tomados.into_iter().collect(), conflictos: None }
    }
}

/// Writes with the first set of vet, room and equipment that is free, as far as what is known and the database say. If of
/// some kind nothing is free, the 409 names all that is taken of it.
pub async fn tomar(tx: &mut Tx, toma: &mut Toma<'_>, slot: &Slot, opciones: &Opciones, sabido: Sabido) -> Result<(), Problem> {
    let Sabido { tomados: mut taken, conflictos: mut sabidos } = sabido;
    let sobrecupo = toma.sobrecupo();
    let vets: HashSet<Uuid> = opciones.medicos.iter().filter(|_| sobrecupo).map(|id| id.0).collect();
    taken.retain(|id| !vets.contains(id));
    for _ in 0..INTENTOS {
        if let Some(recursos) = opciones.elegir(&taken) {
            toma.ocupar(recursos);
            if toma.escribir(tx, slot).await? {
                return Ok(());
            }
            // Whatever was known before, it was not this.
            sabidos = None;
        }
        let lugar = toma.lugar(slot, opciones);
        let conflictos = match sabidos.take() {
            Some(conflictos) => conflictos,
            None => store::conflictos(tx, &lugar).await?,
        };
        taken = conflictos.iter().map(|conflicto| conflicto.recurso_id).filter(|id| !vets.contains(id)).collect();
        let estorban = estorban(conflictos, &lugar, sobrecupo);
        if !estorban.is_empty() {
            return Err(traslape(&estorban));
        }
        // Nothing that counts: what refused is over, or a booking that was rolled back since.
        store::soltar_vencidas(tx, &lugar).await?;
    }
    // Every attempt met a booking that was then rolled back, or the vet left just now: rare, and trying again is right.
    Err(Problem::new(kinds::UNAVAILABLE).retry_after(1))
}

/// All that stands in the way of what an appointment has, or would have if it were active; holds that are over go.
pub async fn conflictos_de(tx: &mut Tx, cita: &Cita) -> Result<Vec<Conflicto>, Problem> {
    let slot = store::slot(tx, cita.id).await?;
    // One that ended early and goes on after all wants its planned time back.
    let slot = Slot { hasta: slot.hasta.max(slot.fin), ..slot };
    let opciones = Opciones {
        medicos: vec![cita.medico_id],
        ambientes: cita.ambiente_id.map(|id| vec![id]),
        equipos: cita.equipos.iter().map(|id| vec![*id]).collect(),
    };
    let lugar = Lugar { sede: cita.sede_id, mascota: Some(cita.mascota_id), slot: &slot, opciones: &opciones, excepto: Some(cita.id) };
    let conflictos = estorban(store::conflictos(tx, &lugar).await?, &lugar, cita.sobrecupo);
    if conflictos.is_empty() {
        store::soltar_vencidas(tx, &lugar).await?;
    }
    Ok(conflictos)
}

impl Contexto {
    pub fn sabido(&self) -> Sabido {
        Sabido { tomados: self.ocupados.iter().copied().collect(), conflictos: self.conflictos.clone() }
    }

    /// The vets to try: the one asked for, or all who could, the one with the fewest appointments that day first. None
    /// if nobody works then.
    async fn candidatos(&self, tx: &mut Tx, pedido: &Pedido<'_>, slot: &Slot) -> Result<Vec<UsuarioId>, Problem> {
        if let Some(medico) = pedido.medico {
            return Ok(vec![medico]);
        }
        let agenda = &self.agenda;
        let mut sorted = self.disponibles(slot);
        if sorted.len() > 1 {
            let fecha = agenda.fecha(slot.inicio);
            let desde = agenda.instante(fecha, jiff::civil::Time::midnight()).map_err(Problem::internal)?;
            let hasta = agenda.instante(fecha, FIN_DEL_DIA).map_err(Problem::internal)?;
            let load = store::citas_del_dia(tx, agenda.sede_id, &sorted, desde, hasta).await?;
            let count = |medico: &UsuarioId| load.iter().find(|(id, _)| id == medico).map_or(0, |(_, n)| *n);
            sorted.sort_by_key(|medico| (count(medico), *medico));
        }
        Ok(sorted)
    }

    /// Those who give the service and work then.
    fn disponibles(&self, slot: &Slot) -> Vec<UsuarioId> {
        let works = |medico: &UsuarioId| self.da_el_servicio(*medico) && self.agenda.trabaja(*medico, slot.inicio, slot.fin);
        self.agenda.medicos().into_iter().filter(works).collect()
    }

    fn da_el_servicio(&self, medico: UsuarioId) -> bool {
        self.medicos.contains(&medico) && self.medicos_del_servicio.as_ref().is_none_or(|those| those.contains(&medico))
    }

    /// Every reason of the agenda against it, not the first.
    pub fn impedimentos(&self, pedido: &Pedido<'_>, slot: &Slot) -> Result<Vec<Impedimento>, Problem> {
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
        let (inicio, fin) = (slot.inicio, slot.fin);
        self.agenda.contra_la_sede(inicio, fin).into_iter().for_each(|reason| unless(false, reason));
        if let Some(medico) = pedido.medico {
            unless(self.medicos.contains(&medico), Impedimento::MedicoInactivo);
            unless(self.medicos_del_servicio.as_ref().is_none_or(|those| those.contains(&medico)), Impedimento::MedicoNoDaElServicio);
            self.agenda.contra_el_medico(medico, inicio, fin).into_iter().for_each(|reason| unless(false, reason));
        } else {
            let free = |medico| self.da_el_servicio(medico) && self.agenda.contra_el_medico(medico, inicio, fin).is_empty();
            unless(self.agenda.medicos().into_iter().any(free), Impedimento::MedicoSinTurno);
        }
        unless(self.oferta.ambiente_tipo.is_none() || !self.ambientes.is_empty(), Impedimento::SinAmbienteDelTipo);
        unless(pedido.ambiente.is_none_or(|wanted| self.ambientes.contains(&wanted)), Impedimento::AmbienteInactivo);
        unless(self.oferta.equipos_tipos.iter().all(|tipo| self.equipos.iter().any(|e| e.tipo == *tipo)), Impedimento::SinEquipoDelTipo);
        unless(pedido.equipos.is_none_or(|wanted| self.cubren(wanted)), Impedimento::SinEquipoDelTipo);
        reasons.extend(self.bloqueados(pedido, slot));
        reasons.retain(|reason| !(pedido.sobrecupo && reason.autorizable()));
        Ok(reasons)
    }

    /// Rooms or equipment that the visit needs, of which all are blocked then.
    fn bloqueados(&self, pedido: &Pedido<'_>, slot: &Slot) -> impl Iterator<Item = Impedimento> {
        let opciones = self.opciones(pedido, Vec::new());
        let spent = opciones.agotados(&self.agenda.bloqueados(slot));
        let rooms = opciones.ambientes.iter().flatten().any(|id| spent.contains(&id.0)).then_some(Impedimento::AmbienteBloqueado);
        let pieces = opciones.equipos.iter().flatten().any(|id| spent.contains(&id.0)).then_some(Impedimento::EquipoBloqueado);
        rooms.into_iter().chain(pieces)
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
