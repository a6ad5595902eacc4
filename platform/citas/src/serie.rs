//! Appointments that come back: all of them booked, moved or cancelled in one transaction.
use crate::{
    auditar::{auditar, auditar_todo},
    cambiar::{cambiar_una, guardar_estado, seguir},
    facultad::Facultad,
    model::{
        Alcance, AnuladaPor, CambioCita, Cita, Estado, NoCambia, NuevaSerie, Ocurrencia, Recursos, Serie, SiHayConflicto, Simulacion, Slot,
        problemas, serie_con_conflictos,
    },
    reservar::{Pedido, avisar, estorban},
    store::{self, Deseo, Lugar},
};
use jiff::tz::TimeZone;
use kernel::{
    Change, IfMatch, Problem, Tx,
    ids::{CitaId, SerieId},
    problem::kinds,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Each lost race costs one.
const INTENTOS: usize = 3;

/// A date of the series with what it would take.
struct Fecha {
    ocurrencia: Ocurrencia,
    slot: Slot,
    recursos: Option<Recursos>,
}

/// Every date with all that stands in its way, in two statements however many there are. `reintento`: something that
/// is over refused before, so it goes first.
async fn evaluar(tx: &mut Tx, nueva: &NuevaSerie, reintento: bool) -> Result<Vec<Fecha>, Problem> {
    let deseo = Deseo {
        sede: nueva.sede_id,
        mascota: Some(nueva.mascota_id),
        servicio: nueva.servicio_id,
        medico: Some(nueva.medico_id),
        inicio: nueva.inicio,
        duracion_min: None,
    };
    let pedido = Pedido { medico: Some(nueva.medico_id), ambiente: nueva.ambiente_id, equipos: nueva.equipos.as_deref(), sobrecupo: false };
    let contexto = store::contexto(tx, &deseo).await?;
    let slots: Vec<Slot> = nueva.fechas(&contexto.agenda.zona, tx.now())?.into_iter().map(|inicio| contexto.oferta.slot(inicio)).collect();
    let Some(first) = slots.first() else { return Ok(Vec::new()) };
    let opciones = contexto.opciones(&pedido, vec![nueva.medico_id]);
    let lugar = Lugar { sede: nueva.sede_id, mascota: Some(nueva.mascota_id), slot: first, opciones: &opciones, excepto: None };
    if reintento {
        store::soltar_vencidas_de_varios(tx, &lugar, &slots).await?;
    }
    let conflictos = store::conflictos_de_varios(tx, &lugar, &slots).await?;
    let mut fechas = Vec::with_capacity(slots.len());
    for (index, slot) in slots.iter().enumerate() {
        let own: Vec<_> = conflictos.iter().filter(|(of, _)| *of == index).map(|(_, conflicto)| conflicto.clone()).collect();
        let taken: HashSet<Uuid> = own.iter().map(|conflicto| conflicto.recurso_id).collect();
        let impedimentos = contexto.impedimentos(&pedido, slot)?;
        let here = opciones.clone().sin(&contexto.agenda.bloqueados(slot));
        let conflictos = estorban(own, &Lugar { opciones: &here, ..lugar }, false);
        let recursos = here.elegir(&taken).filter(|_| impedimentos.is_empty() && conflictos.is_empty());
        let libre = recursos.is_some();
        let ocurrencia = Ocurrencia { numero: index + 1, inicio: slot.inicio, fin: slot.fin, libre, impedimentos, conflictos };
        fechas.push(Fecha { ocurrencia, slot: *slot, recursos });
    }
    Ok(fechas)
}

/// How a series would turn out; nothing is written.
pub async fn simular(tx: &mut Tx, nueva: &NuevaSerie) -> Result<Simulacion, Problem> {
    let ocurrencias: Vec<Ocurrencia> = evaluar(tx, nueva, false).await?.into_iter().map(|fecha| fecha.ocurrencia).collect();
    let libres = ocurrencias.iter().filter(|ocurrencia| ocurrencia.libre).count();
    Ok(Simulacion { ocurrencias, libres })
}

/// Books a series inside the caller's transaction: all of its dates, or all that are free.
pub async fn reservar(tx: &mut Tx, nueva: &NuevaSerie) -> Result<Serie, Problem> {
    let serie_id = SerieId::new();
    for intento in 0..INTENTOS {
        let fechas = evaluar(tx, nueva, intento > 0).await?;
        let libres = fechas.iter().filter(|fecha| fecha.ocurrencia.libre).count();
        if libres == 0 || (libres < fechas.len() && nueva.si_hay_conflicto == SiHayConflicto::Rechazar) {
            return Err(serie_con_conflictos(&fechas.into_iter().map(|fecha| fecha.ocurrencia).collect::<Vec<_>>()));
        }
        let (mut citas, mut omitidas) = (Vec::with_capacity(libres), Vec::new());
        for Fecha { ocurrencia, slot, recursos } in fechas {
            match recursos {
                Some(recursos) => citas.push((cita(nueva, serie_id, &slot, recursos), slot)),
                None => omitidas.push(ocurrencia),
            }
        }
        if store::insert_serie(tx, serie_id, &citas).await? {
            let citas: Vec<Cita> = citas.into_iter().map(|(cita, _)| cita).collect();
            let line = |cita: &Cita| Change::new("reservar", "cita", cita.id).sede(cita.sede_id).despues(cita);
            auditar_todo(tx, nueva.mascota_id, citas.iter().map(line).collect()).await?;
            for cita in &citas {
                avisar(tx, "cita.reservada", cita);
            }
            return Ok(Serie { serie_id, citas, omitidas });
        }
    }
    Err(Problem::new(kinds::UNAVAILABLE).retry_after(1))
}

fn cita(nueva: &NuevaSerie, serie_id: SerieId, slot: &Slot, recursos: Recursos) -> Cita {
    Cita {
        id: CitaId::new(),
        sede_id: nueva.sede_id,
        mascota_id: nueva.mascota_id,
        medico_id: recursos.medico,
        servicio_id: nueva.servicio_id,
        ambiente_id: recursos.ambiente,
        equipos: recursos.equipos,
        inicio: slot.inicio,
        fin: slot.fin,
        estado: Estado::Programada,
        motivo: nueva.motivo.clone(),
        anulada_motivo: None,
        anulada_por: None,
        sobrecupo: false,
        sobrecupo_motivo: None,
        serie_id: Some(serie_id),
        version: 1,
    }
}

/// The other appointments of the series that a change reaches: never those that have begun.
async fn otras(tx: &mut Tx, cita: &Cita, alcance: Alcance) -> Result<Vec<CitaId>, Problem> {
    let Some(serie) = cita.serie_id else { return Err(Problem::field("?alcance", "la cita no es de una serie")) };
    let desde = if alcance == Alcance::Siguientes { cita.inicio.max(tx.now()) } else { tx.now() };
    let mut ids = store::de_la_serie(tx, serie, desde).await?;
    ids.retain(|id| *id != cita.id);
    Ok(ids)
}

/// Waits while another change of its series is under way that takes several dates or other places: such a change takes rows and
/// places one date after the other, and two of them would wait for each other. `false`: it is of no series.
async fn esperar_turno(tx: &mut Tx, leida: &Cita) -> Result<bool, Problem> {
    let Some(serie) = leida.serie_id else { return Ok(false) };
    store::bloquear(tx, &[serie.into()]).await?;
    Ok(true)
}

/// The appointment as it is once its turn has come, before its row is held: what was read before may have changed meanwhile.
pub async fn en_turno(tx: &mut Tx, leida: Cita) -> Result<Cita, Problem> {
    if !esperar_turno(tx, &leida).await? {
        return Ok(leida);
    }
    store::find(tx, leida.id).await?.ok_or_else(Problem::not_found)
}

/// Why an appointment is cancelled, and by whom.
pub struct Baja<'a> {
    pub motivo: &'a str,
    pub por: AnuladaPor,
}

/// Cancels an appointment, and of its series as many as asked for.
pub async fn anular(tx: &mut Tx, id: CitaId, baja: &Baja<'_>, alcance: Alcance, quien: Facultad<'_>) -> Result<Cita, Problem> {
    if alcance != Alcance::Esta {
        let leida = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
        esperar_turno(tx, &leida).await?;
    }
    let cita = anular_una(tx, id, baja, quien).await?;
    if alcance != Alcance::Esta {
        for otra in otras(tx, &cita, alcance).await? {
            anular_una(tx, otra, baja, quien).await?;
        }
    }
    Ok(cita)
}

async fn anular_una(tx: &mut Tx, id: CitaId, baja: &Baja<'_>, quien: Facultad<'_>) -> Result<Cita, Problem> {
    let antes = store::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    quien.cambiar(&antes)?;
    dar_de_baja(tx, antes, baja).await
}

/// Cancels an appointment that is held.
pub async fn dar_de_baja(tx: &mut Tx, antes: Cita, baja: &Baja<'_>) -> Result<Cita, Problem> {
    let mut cita = antes.clone();
    cita.anular(baja.motivo.to_owned(), baja.por)?;
    guardar_estado(tx, &cita).await?;
    seguir(tx, &antes, &cita).await?;
    auditar(tx, cita.mascota_id, Change::new("anular", "cita", cita.id).sede(cita.sede_id).antes(&antes).despues(&cita)).await?;
    avisar(tx, "cita.anulada", &cita);
    Ok(cita)
}

/// Changes an appointment, and moves its series as much in civil time, to the same vet and service. All or none.
pub async fn cambiar(
    tx: &mut Tx,
    id: CitaId,
    if_match: IfMatch,
    cambio: &CambioCita,
    quien: Facultad<'_>,
    alcance: Alcance,
) -> Result<Cita, Problem> {
    let leida = store::find(tx, id).await?.ok_or_else(Problem::not_found)?;
    let antes = en_turno(tx, leida).await?;
    if_match.check(antes.version)?;
    let zona = store::zona(tx, antes.sede_id).await?.ok_or_else(Problem::not_found)?;
    let zona = TimeZone::get(&zona).map_err(Problem::internal)?;
    let shift = zona.to_datetime(antes.inicio).until(zona.to_datetime(cambio.inicio)).map_err(Problem::internal)?;
    let mut citas = vec![antes.clone()];
    for otra in otras(tx, &antes, alcance).await? {
        citas.extend(store::find(tx, otra).await?);
    }
    // Later ones first when all go later: each finds its new place left by the one before.
    citas.sort_by_key(|cita| cita.inicio);
    if cambio.inicio > antes.inicio {
        citas.reverse();
    }
    let (mut changed, mut refused) = (None, Vec::new());
    for cita in &citas {
        let own = if cita.id == id {
            cambio.clone()
        } else {
            let civil =
                zona.to_datetime(cita.inicio).checked_add(shift).map_err(|_| Problem::field("/inicio", "va más allá del calendario"))?;
            let inicio = zona.to_timestamp(civil).map_err(Problem::internal)?;
            CambioCita { inicio, estado: None, sobrecupo: None, sobrecupo_motivo: None, duracion_min: None, ..cambio.clone() }
        };
        match cambiar_una(tx, cita, &own, quien).await {
            Ok(done) if done.id == id => changed = Some(done),
            Ok(_) => {}
            Err(problem) if problem.is_lost_race() || problem.status().is_server_error() => return Err(problem),
            Err(problema) => refused.push(NoCambia { cita_id: cita.id, inicio: own.inicio, problema }),
        }
    }
    match changed {
        Some(changed) if refused.is_empty() => Ok(changed),
        _ => {
            let detail = format!("{} de {} citas de la serie no se pueden cambiar; no se cambió ninguna.", refused.len(), citas.len());
            Err(Problem::new(problemas::SERIE_CON_CONFLICTOS).detail(detail).with("no_cambian", refused))
        }
    }
}
