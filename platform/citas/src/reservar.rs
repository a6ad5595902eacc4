//! Booking and moving: choose vet, room and equipment, take them, or say all that stands in the way.
use crate::{
    model::{CambioCita, Cita, Estado, Impedimento, NuevaCita, Recursos, Slot, check_inicio, fuera_de_agenda, problemas, traslape},
    store::{self, Contexto},
};
use kernel::{
    Change, Event, IfMatch, Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, UsuarioId},
};
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

/// Attempts of one booking: each lost race costs one.
const INTENTOS: usize = 8;

/// What the caller wants, of a new booking or a move.
struct Pedido<'a> {
    medico: Option<UsuarioId>,
    ambiente: Option<AmbienteId>,
    equipos: Option<&'a [EquipoId]>,
    /// The moved appointment: what it holds counts as free.
    propia: Option<CitaId>,
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
    let pedido = Pedido { medico: nueva.medico_id, ambiente: nueva.ambiente_id, equipos: nueva.equipos.as_deref(), propia: None };
    contexto.check(&pedido, &slot)?;
    let mut cita = Cita {
        id: CitaId::new(),
        sede_id: nueva.sede_id,
        mascota_id: nueva.mascota_id,
        medico_id: UsuarioId(Uuid::nil()),
        servicio_id: nueva.servicio_id,
        ambiente_id: None,
        inicio: slot.inicio,
        fin: slot.fin,
        estado: Estado::Programada,
        motivo: nueva.motivo,
        anulada_motivo: None,
        sobrecupo: false,
        version: 1,
    };
    let recursos = tomar(tx, &contexto, &pedido, &cita, &slot).await?;
    cita.medico_id = recursos.medico;
    cita.ambiente_id = recursos.ambiente;
    tx.audit(Change::new("reservar", "cita", cita.id).sede(cita.sede_id).despues(&cita));
    avisar(tx, "cita.reservada", &cita);
    Ok(cita)
}

/// Tries vets, rooms and pieces of equipment in order of preference until one set is free.
async fn tomar(tx: &mut Tx, contexto: &Contexto, pedido: &Pedido<'_>, cita: &Cita, slot: &Slot) -> Result<Recursos, Problem> {
    let medicos = candidatos(tx, contexto, pedido, slot).await?;
    let mut taken: HashSet<Uuid> = contexto.ocupados.iter().copied().collect();
    let mut last = Vec::new();
    for _ in 0..INTENTOS {
        let (recursos, free) = contexto.elegir(pedido, &medicos, &taken)?;
        if free {
            let guarded = !recursos.equipos.is_empty();
            if guarded {
                tx.mark().await?;
            }
            if store::insert(tx, cita, slot, &recursos).await? {
                return Ok(recursos);
            }
            if guarded {
                tx.back_to_mark().await?;
            }
        }
        // Something is taken: by the time we look, all of it can be named.
        last = store::conflictos(tx, cita.mascota_id, slot, &recursos, None).await?;
        if last.iter().any(|c| c.recurso == "mascota") || (!free && !last.is_empty()) {
            break;
        }
        taken.extend(last.iter().map(|c| c.recurso_id));
    }
    if last.is_empty() {
        // Every attempt met a booking that was then rolled back: rare, and trying again is right.
        return Err(Problem::new(kernel::problem::kinds::UNAVAILABLE).retry_after(1));
    }
    Err(traslape(&last))
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
    let hasta = agenda.instante(fecha, jiff::civil::Time::MAX).map_err(Problem::internal)?;
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
    fn check(&self, pedido: &Pedido<'_>, slot: &Slot) -> Result<(), Problem> {
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

    /// The first free of each, and whether all of it is free. What is not free is still named, for the 409.
    fn elegir(&self, pedido: &Pedido<'_>, medicos: &[UsuarioId], taken: &HashSet<Uuid>) -> Result<(Recursos, bool), Problem> {
        let mut free = true;
        let mut first = |options: &[Uuid]| -> Option<Uuid> {
            let found = options.iter().find(|id| !taken.contains(id)).copied();
            free &= found.is_some();
            found.or_else(|| options.first().copied())
        };
        let medicos: Vec<Uuid> = medicos.iter().map(|id| id.0).collect();
        let Some(medico) = first(&medicos) else { return Err(Problem::new(problemas::SIN_MEDICO)) };
        let ambiente = match (pedido.ambiente, &self.oferta.ambiente_tipo) {
            (Some(wanted), _) => first(&[wanted.0]),
            (None, Some(_)) => first(&self.ambientes.iter().map(|id| id.0).collect::<Vec<_>>()),
            (None, None) => None,
        };
        let mut equipos: Vec<EquipoId> = match pedido.equipos {
            Some(wanted) => wanted.iter().filter_map(|id| first(&[id.0])).map(EquipoId).collect(),
            None => {
                let of_kind = |tipo: &String| self.equipos.iter().filter(|e| e.tipo == *tipo).map(|e| e.id.0).collect::<Vec<_>>();
                self.oferta.equipos_tipos.iter().filter_map(|tipo| first(&of_kind(tipo))).map(EquipoId).collect()
            }
        };
        equipos.sort_unstable();
        equipos.dedup();
        Ok((Recursos { medico: UsuarioId(medico), ambiente: ambiente.map(AmbienteId), equipos }, free))
    }
}

/// Changes an appointment inside the caller's transaction: other data, another state, or another time.
pub async fn cambiar(tx: &mut Tx, id: CitaId, if_match: IfMatch, cambio: &CambioCita) -> Result<Cita, Problem> {
    let antes = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    let mut cita = if antes.se_mueve(cambio) { mover(tx, &antes, cambio).await? } else { reescribir(tx, &antes, cambio).await? };
    if let Some(estado) = cambio.estado.filter(|estado| *estado != cita.estado) {
        let version = cita.version;
        cita.pasar_a(estado, tx.now())?;
        cita.version = version;
        guardar_estado(tx, &cita).await?;
    }
    tx.audit(Change::new("cambiar", "cita", id).sede(cita.sede_id).antes(&antes).despues(&cita));
    avisar(tx, "cita.cambiada", &cita);
    Ok(cita)
}

/// The row, held, if nobody changed it since it was read.
async fn hold(tx: &mut Tx, read: &Cita) -> Result<Cita, Problem> {
    let held = store::lock(tx, read.id).await?.ok_or_else(Problem::not_found)?;
    if held.version == read.version { Ok(held) } else { Err(Problem::new(kernel::problem::kinds::STALE).with("version", held.version)) }
}

async fn reescribir(tx: &mut Tx, antes: &Cita, cambio: &CambioCita) -> Result<Cita, Problem> {
    let mut cita = hold(tx, antes).await?;
    cita.motivo.clone_from(&cambio.motivo);
    cita.version += 1;
    store::save_motivo(tx, &cita).await?;
    Ok(cita)
}

async fn mover(tx: &mut Tx, antes: &Cita, cambio: &CambioCita) -> Result<Cita, Problem> {
    if !antes.estado.movible() {
        return Err(antes.estado.no_permite("Esa cita ya no se puede mover."));
    }
    if antes.inicio != cambio.inicio {
        Problem::check(check_inicio(cambio.inicio, tx.now()))?;
    }
    let contexto = store::contexto(tx, cambio.sede_id, antes.mascota_id, cambio.servicio_id, Some(cambio.medico_id), cambio.inicio).await?;
    let slot = contexto.oferta.slot(cambio.inicio);
    let pedido =
        Pedido { medico: Some(cambio.medico_id), ambiente: cambio.ambiente_id, equipos: cambio.equipos.as_deref(), propia: Some(antes.id) };
    contexto.check(&pedido, &slot)?;
    let suyos = store::equipos(tx, antes.id).await?;
    let propios: Vec<Uuid> =
        [Some(antes.medico_id.0), antes.ambiente_id.map(Uuid::from)].into_iter().flatten().chain(suyos.iter().map(|e| e.0)).collect();
    let taken: HashSet<Uuid> = contexto.ocupados.iter().copied().filter(|id| !propios.contains(id)).collect();
    let (recursos, _) = contexto.elegir(&pedido, &[cambio.medico_id], &taken)?;

    let mut all = propios;
    all.extend([recursos.medico.0, antes.mascota_id.0]);
    all.extend(recursos.ambiente.map(Uuid::from));
    all.extend(recursos.equipos.iter().map(|e| e.0));
    store::bloquear_recursos(tx, &all).await?;
    let mut cita = hold(tx, antes).await?;
    let conflictos = store::conflictos(tx, cita.mascota_id, &slot, &recursos, pedido.propia).await?;
    if !conflictos.is_empty() {
        return Err(traslape(&conflictos));
    }
    cita.sede_id = cambio.sede_id;
    cita.servicio_id = cambio.servicio_id;
    cita.medico_id = recursos.medico;
    cita.ambiente_id = recursos.ambiente;
    cita.inicio = slot.inicio;
    cita.fin = slot.fin;
    cita.motivo.clone_from(&cambio.motivo);
    cita.version += 1;
    tx.mark().await?;
    if let Err(error) = store::mover(tx, &cita, &slot, &recursos.equipos).await {
        // A booking slipped in between our look and our write.
        return Err(perdida(tx, error, &cita, &slot, &recursos).await);
    }
    Ok(cita)
}

/// Turns a refusal of the exclusion constraints into the 409 that names all conflicts.
async fn perdida(tx: &mut Tx, error: sqlx::Error, cita: &Cita, slot: &Slot, recursos: &Recursos) -> Problem {
    if !es_traslape(&error) {
        return error.into();
    }
    let look = async {
        tx.back_to_mark().await?;
        store::conflictos(tx, cita.mascota_id, slot, recursos, Some(cita.id)).await
    };
    look.await.map_or_else(|problem| problem, |conflictos| traslape(&conflictos))
}

/// 23P01: an exclusion constraint.
fn es_traslape(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|db| db.code()).is_some_and(|code| code == "23P01")
}

/// Writes a new state. One that takes the slot again (arrived after all) can find it taken.
pub async fn guardar_estado(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    tx.mark().await?;
    let Err(error) = store::save_estado(tx, cita).await else { return Ok(()) };
    let slot = Slot { inicio: cita.inicio, fin: cita.fin, desde: cita.inicio, hasta: cita.fin };
    let recursos = Recursos { medico: cita.medico_id, ambiente: cita.ambiente_id, equipos: Vec::new() };
    Err(perdida(tx, error, cita, &slot, &recursos).await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Agenda, Oferta},
        store::Pieza,
    };
    use jiff::tz::TimeZone;
    use kernel::ids::SedeId;

    fn contexto() -> Contexto {
        let agenda = Agenda {
            sede_id: SedeId::new(),
            zona: TimeZone::UTC,
            atiende_feriados: true,
            horarios: vec![],
            planes: vec![],
            excepciones: vec![],
            feriados: vec![],
        };
        let oferta = Oferta {
            duracion_min: 30,
            antes_min: 0,
            despues_min: 0,
            ambiente_tipo: Some("imagenes".into()),
            equipos_tipos: vec!["ecografo".into()],
        };
        Contexto {
            agenda,
            sede_activa: true,
            oferta,
            servicio_activo: true,
            medicos_del_servicio: None,
            medicos: vec![],
            ambientes: vec![AmbienteId::new(), AmbienteId::new()],
            equipos: vec![Pieza { id: EquipoId::new(), tipo: "ecografo".into() }],
            ocupados: vec![],
            fallecida: false,
        }
    }

    const CUALQUIERA: Pedido<'static> = Pedido { medico: None, ambiente: None, equipos: None, propia: None };

    #[test]
    fn the_first_free_of_each_is_taken() {
        let contexto = contexto();
        let medicos = [UsuarioId::new(), UsuarioId::new()];
        let taken = HashSet::from([medicos[0].0, contexto.ambientes[0].0]);
        let (recursos, free) = contexto.elegir(&CUALQUIERA, &medicos, &taken).expect("there are vets");
        assert!(free);
        assert_eq!((recursos.medico, recursos.ambiente), (medicos[1], Some(contexto.ambientes[1])));
        assert_eq!(recursos.equipos, [contexto.equipos[0].id]);
    }

    #[test]
    fn what_is_taken_is_still_named() {
        let contexto = contexto();
        let medicos = [UsuarioId::new()];
        let taken = HashSet::from([contexto.equipos[0].id.0]);
        let (recursos, free) = contexto.elegir(&CUALQUIERA, &medicos, &taken).expect("there are vets");
        assert!(!free);
        assert_eq!(recursos.equipos, [contexto.equipos[0].id]);
    }
}
