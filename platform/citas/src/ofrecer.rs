//! Offering time that became free to those who wait for it: the best match first, one after the other, each for some
//! minutes. Outside of requests, from what the relay hears; whatever is done twice finds the time taken.
use crate::{
    buscar,
    model::{Agenda, AjustesEspera, Antes, Candidata, EstadoOferta, Libre, NuevaRetencion, Ofrecimiento, Retencion, plazo},
    responder,
    retener::retener_hasta,
    store::{self, Recinto, Suerte, Trabajo},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use kernel::{
    Change, Correo, Destino, Event, Job, Problem, Tx,
    ids::{MascotaId, OfertaId, SedeId, ServicioId, TenantId, UsuarioId},
    ports::Avisables,
    token,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::{HashMap, hash_map::Entry};

/// The kind of work: offering what became free.
pub const OFRECER: &str = "hora.ofrecer";
/// The link in the letter.
pub const PREFIJO: &str = "ho_";
/// Of those who wait, how many are looked at at once.
const CANDIDATAS: i64 = 60;
/// And how many in one piece of work, however much became free: who comes after them is asked when something else does.
const MIRADAS: usize = 5_000;
/// What became free may be long enough for several.
const OFERTAS: usize = 8;
/// Starts that are tried for one entry.
const INICIOS: usize = 3;
/// Of a long time, the days that are offered: further ahead nobody waits for a block to end.
const DIAS: usize = 14;

/// Asks for the work that committed events make. Role `huella_jobs`. Says how much.
pub async fn anotar_libres<'a>(
    db: &mut PgConnection,
    now: Timestamp,
    sucesos: impl Iterator<Item = (TenantId, &'a str, &'a Value)>,
) -> Result<u64, Problem> {
    let libres = sucesos.flat_map(|(tenant, tema, cuerpo)| Libre::todas(tema, cuerpo).into_iter().map(move |libre| (tenant, libre)));
    let pedidos: Vec<Trabajo> =
        libres.map(|(tenant, libre)| Trabajo { tenant, clave: libre.clave(), en: libre.en, cuerpo: json!(libre) }).collect();
    store::anotar_donde_esperan(db, now, OFRECER, &pedidos).await
}

/// How a chain offers, and whom it reaches; what one piece of work found out and may still do.
struct Como<'a> {
    ajustes: AjustesEspera,
    alcance: &'a dyn Avisables,
    avisables: HashMap<MascotaId, bool>,
    quedan: usize,
}

impl Como<'_> {
    /// Whether the first of these would be told. All of them are asked about together, so a long list is a few questions.
    async fn avisable(&mut self, tx: &mut Tx, sede: SedeId, candidatas: &[Candidata]) -> Result<bool, Problem> {
        let Some(first) = candidatas.first() else { return Ok(false) };
        if let Some(known) = self.avisables.get(&first.mascota_id) {
            return Ok(*known);
        }
        let unknown: Vec<MascotaId> =
            candidatas.iter().map(|one| one.mascota_id).filter(|mascota| !self.avisables.contains_key(mascota)).collect();
        let told = self.alcance.de_una_hora(tx, sede, &unknown).await?;
        self.avisables.extend(unknown.into_iter().map(|mascota| (mascota, told.contains(&mascota))));
        Ok(told.contains(&first.mascota_id))
    }
}

/// Offers what became free. `cuerpo` is that of the work.
pub async fn ofrecer(tx: &mut Tx, cuerpo: &Value, alcance: &dyn Avisables) -> Result<(), Problem> {
    let libre = Libre::deserialize(cuerpo).map_err(Problem::internal)?;
    store::bloquear_lista(tx).await?;
    if let Some(en) = sigue_retenida(tx, &libre).await? {
        // Put off since.
        let later = Libre { en: Some(en), ..libre };
        let clave = later.clave().unwrap_or_default();
        return tx.enqueue(Job::new(OFRECER, later).once(clave).at(en)).await.map(drop);
    }
    let mut como = Como { ajustes: store::ajustes_espera(tx).await?, alcance, avisables: HashMap::new(), quedan: MIRADAS };
    if !como.ajustes.activa || libre.fin <= tx.now() {
        return Ok(());
    }
    let Some(nombre) = store::zona(tx, libre.sede_id).await? else { return Ok(()) };
    let zona = TimeZone::get(&nombre).map_err(Problem::internal)?;
    for fecha in libre.dias(tx.now(), &zona).take(DIAS) {
        for medico in medicos(tx, &libre, fecha).await? {
            for parte in libre.partes(medico, fecha, &zona) {
                for _ in 0..OFERTAS {
                    if !ofrecer_una(tx, &parte, (&nombre, fecha), &mut como).await? {
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Whose time it is.
async fn medicos(tx: &mut Tx, libre: &Libre, fecha: Date) -> Result<Vec<UsuarioId>, Problem> {
    match libre.medico_id {
        Some(medico) => Ok(vec![medico]),
        None => Ok(store::agendas(tx, Some(libre.sede_id), fecha, fecha).await?.iter().flat_map(Agenda::medicos).collect()),
    }
}

/// Until when the hold that had it still holds. If nobody answered the offer it was made for, that is over with it.
async fn sigue_retenida(tx: &mut Tx, libre: &Libre) -> Result<Option<Timestamp>, Problem> {
    let Some(id) = libre.retencion else { return Ok(None) };
    match store::lock_retencion(tx, id).await? {
        Some(retencion) if retencion.retenida_hasta > tx.now() => Ok(Some(retencion.retenida_hasta)),
        Some(_) => responder::al_soltar(tx, id, EstadoOferta::Vencida).await.map(|()| None),
        None => Ok(None),
    }
}

/// Where and when one service fits into what became free.
struct Lugares {
    recinto: Recinto,
    inicios: Vec<(Timestamp, Timestamp)>,
}

/// Goes down the list until somebody takes it. `false`: nobody wants what is left, or it does not fit.
async fn ofrecer_una(tx: &mut Tx, libre: &Antes, dia: (&str, Date), como: &mut Como<'_>) -> Result<bool, Problem> {
    let mut lugares = HashMap::new();
    let mut despues = None;
    loop {
        let candidatas = store::candidatas(tx, libre, dia, despues, CANDIDATAS).await?;
        despues = candidatas.last().map(|last| last.lugar);
        como.quedan = como.quedan.saturating_sub(candidatas.len());
        let more = candidatas.len() as i64 == CANDIDATAS && como.quedan > 0;
        if ofrecer_a(tx, libre, dia.1, como, &mut lugares, &candidatas).await? {
            return Ok(true);
        }
        if !more {
            return Ok(false);
        }
    }
}

async fn ofrecer_a(
    tx: &mut Tx,
    libre: &Antes,
    fecha: Date,
    como: &mut Como<'_>,
    lugares: &mut HashMap<ServicioId, Option<Lugares>>,
    candidatas: &[Candidata],
) -> Result<bool, Problem> {
    let minimo = tx.now() + SignedDuration::from_mins(como.ajustes.anticipacion_min.into());
    for (at, candidata) in candidatas.iter().enumerate() {
        let servicio = candidata.servicio_id;
        let known = match lugares.entry(servicio) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(caben(tx, libre, servicio, fecha, minimo).await?),
        };
        let Some(Lugares { recinto, inicios }) = known else { continue };
        let agenda = &recinto.agenda;
        let suit = inicios.iter().filter(|(inicio, fin)| candidata.le_sirve(agenda, *inicio, *fin));
        let suit: Vec<Timestamp> = suit.take(INICIOS).map(|(inicio, _)| *inicio).collect();
        // Whom nobody can tell is left to reception, which sees who waits and what is free.
        if suit.is_empty() || !como.avisable(tx, libre.sede_id, &candidatas[at..]).await? {
            continue;
        }
        for inicio in suit {
            let hasta = plazo(agenda, tx.now(), como.ajustes.oferta_min, inicio);
            match retener_hasta(tx, hold(candidata, libre, inicio), hasta).await {
                Ok(retencion) => return anotar(tx, candidata, &retencion).await.map(|()| true),
                Err(problem) if problem.is_lost_race() || problem.status().is_server_error() => return Err(problem),
                // Taken in the meantime, or the pet is elsewhere then.
                Err(_) => {}
            }
        }
    }
    Ok(false)
}

fn hold(candidata: &Candidata, libre: &Antes, inicio: Timestamp) -> NuevaRetencion {
    NuevaRetencion {
        sede_id: libre.sede_id,
        mascota_id: Some(candidata.mascota_id),
        servicio_id: candidata.servicio_id,
        medico_id: Some(libre.medico_id),
        ambiente_id: None,
        equipos: None,
        inicio,
        minutos: None,
    }
}

/// Starts of a service that use some of what became free: the one that was given up, then those on the usual steps.
async fn caben(tx: &mut Tx, libre: &Antes, servicio: ServicioId, fecha: Date, minimo: Timestamp) -> Result<Option<Lugares>, Problem> {
    let Some(oferta) = store::oferta(tx, servicio).await? else { return Ok(None) };
    let (sedes, medico) = ([libre.sede_id], Some(libre.medico_id));
    let recintos = store::recintos(tx, Some(&sedes), servicio, medico, fecha).await?;
    // From the day before: what fits may begin before the hour that became free.
    let ocupacion = buscar::ocupacion(tx, &recintos, libre.inicio - SignedDuration::from_hours(24), 0, 2).await?;
    let Some(recinto) = recintos.into_iter().next() else { return Ok(None) };
    let exact = libre.inicio >= minimo && recinto.hay_hueco(&oferta, &ocupacion, libre.medico_id, libre.inicio);
    let mut inicios = Vec::new();
    if exact {
        inicios.push((libre.inicio, oferta.slot(libre.inicio).fin));
    }
    let steps = recinto.huecos(&oferta, &ocupacion, fecha, minimo).into_iter().map(|hueco| (hueco.inicio, hueco.fin));
    inicios.extend(steps.filter(|(inicio, fin)| libre.toca(*inicio, *fin) && !(exact && *inicio == libre.inicio)));
    Ok(Some(Lugares { recinto, inicios }))
}

/// Writes the offer down together with all that follows from it, so that whoever dies in between leaves nothing half done.
async fn anotar(tx: &mut Tx, candidata: &Candidata, retencion: &Retencion) -> Result<(), Problem> {
    let (enlace, resumen) = token::make(PREFIJO, tx.who().tenant);
    let oferta = Ofrecimiento {
        id: OfertaId::new(),
        sede_id: retencion.sede_id,
        cita_id: retencion.id,
        medico_id: retencion.medico_id,
        inicio: retencion.inicio,
        fin: retencion.fin,
        hasta: retencion.retenida_hasta,
    };
    store::insert_oferta(tx, candidata.id, &oferta, &resumen).await?;
    store::save_suerte(tx, candidata.id, Suerte::Ofrecida).await?;
    escribir(tx, oferta.id, &enlace).await?;
    let antes = Antes { sede_id: oferta.sede_id, medico_id: oferta.medico_id, inicio: oferta.inicio, fin: oferta.fin };
    let over = Libre { retencion: Some(oferta.cita_id), en: Some(oferta.hasta), ..Libre::from(antes) };
    let clave = over.clave().unwrap_or_default();
    tx.enqueue(Job::new(OFRECER, over).once(clave).at(oferta.hasta)).await?;
    tx.audit(Change::new("ofrecer", "espera", candidata.id).sede(oferta.sede_id).despues(&oferta));
    tx.publish(Event::new("espera.ofrecida", json!({ "id": candidata.id, "oferta": oferta })).sede(oferta.sede_id));
    Ok(())
}

/// Writes to whom it was offered, if there is anybody.
pub async fn escribir(tx: &mut Tx, oferta: OfertaId, enlace: &str) -> Result<(), Problem> {
    let Some(contada) = store::oferta_contada(tx, oferta).await? else { return Ok(()) };
    let Some(contacto) = pacientes::contacto_de_mascota(tx, contada.mascota_id).await? else { return Ok(()) };
    let datos = json!({
        "oferta": oferta,
        "inicio": contada.inicio,
        "hasta": contada.hasta,
        "mascota": contada.mascota,
        "servicio": contada.servicio,
        "medico": contada.medico,
        "ruta": format!("/api/v1/ofertas/{enlace}"),
    });
    let letter = Correo::new("espera_oferta", oferta.to_string(), Destino::Tutor(contacto.tutor));
    tx.enviar(&letter.sede(contada.sede_id).datos(datos).vence(contada.hasta)).await.map(drop)
}

/// Whether an offer can still be answered.
pub async fn sigue_ofrecida(tx: &mut Tx, id: OfertaId) -> Result<bool, Problem> {
    let oferta = store::oferta_contada(tx, id).await?;
    Ok(oferta.is_some_and(|oferta| oferta.estado.abierta(oferta.hasta, tx.now()).is_ok()))
}
