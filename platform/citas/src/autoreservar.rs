//! Booking by owners themselves: what they are offered, a slot held while they fill in the form, the booking.
use crate::{
    buscar::proximos,
    faltar, gestionar, identificar,
    model::{
        Autoreserva, ConFaltas, Confirmacion, ConsentimientoOpcional, EstadoAutoreserva, HoraElegida, HoraGuardada, Hueco, HuecoPublico,
        NuevaRetencion, ReservaHecha, ReservaPropia, Retencion, problemas,
    },
    retener,
    store::{self, NuevaAutoreserva, Sesion},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use kernel::{
    Change, Event, Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, ServicioId, TutorId, UsuarioId},
    token,
};
use pacientes::{Canal, Finalidad, MascotaNueva, NuevoConsentimiento};

/// The link to a booking.
pub const ENLACE: &str = "hv_";
const SECRETO: &str = "reserva";
const DIA: SignedDuration = SignedDuration::from_hours(24);

/// What a sede offers; 404 where nothing is.
pub async fn ofrecida(tx: &mut Tx, sede: SedeId) -> Result<Autoreserva, Problem> {
    let there = store::autoreserva(tx, sede).await?.filter(|a| a.autoreserva.activa);
    there.map(|a| a.autoreserva).ok_or_else(|| Problem::not_found().detail("En esa sede no se reserva por aquí."))
}

/// Of which service, with whom, from when on.
pub struct Busca {
    pub sede: SedeId,
    pub servicio: ServicioId,
    pub medico: Option<UsuarioId>,
    pub desde: Timestamp,
    pub dias: i64,
    pub limite: usize,
}

/// Free times that owners may take; `at` is where the question stands, `?` or `/`.
pub async fn huecos(tx: &mut Tx, ofrece: &Autoreserva, busca: &Busca, at: &str) -> Result<Vec<Hueco>, Problem> {
    if !ofrece.servicios.contains(&busca.servicio) {
        return Err(Problem::field(format!("{at}servicio_id"), "no se reserva por aquí"));
    }
    if busca.medico.is_some_and(|medico| !ofrece.elige_medico || !ofrece.admite_medico(medico)) {
        return Err(Problem::field(format!("{at}medico_id"), "no se elige por aquí"));
    }
    let Some(oferta) = store::oferta(tx, busca.servicio).await? else { return Ok(Vec::new()) };
    let (first, last) = ofrece.ventana(tx.now());
    let desde = busca.desde.max(first);
    // Beyond what the sede opens there is nothing, and beyond that the calendar ends.
    if desde > last {
        return Ok(Vec::new());
    }
    let from = desde.to_zoned(TimeZone::UTC).date();
    let mut recintos = store::recintos(tx, Some(&[busca.sede]), busca.servicio, busca.medico, from).await?;
    for recinto in &mut recintos {
        recinto.medicos.retain(|medico| ofrece.admite_medico(*medico));
    }
    // Each vet has a gap of the same time; who cannot choose is shown it once.
    let each: usize = recintos.iter().map(|recinto| recinto.medicos.len()).sum();
    let found = proximos(tx, &recintos, &oferta, desde, busca.dias.min(i64::from(ofrece.dias_max) + 1), busca.limite * each.max(1)).await?;
    Ok(found.into_iter().filter(|hueco| hueco.inicio >= first && hueco.inicio <= last).collect())
}

/// The same as everybody may see it.
pub fn publicos(ofrece: &Autoreserva, huecos: Vec<Hueco>, limite: usize) -> Vec<HuecoPublico> {
    let shown =
        huecos.into_iter().map(|h| HuecoPublico { inicio: h.inicio, fin: h.fin, medico_id: ofrece.elige_medico.then_some(h.medico_id) });
    let mut shown: Vec<HuecoPublico> = shown.collect();
    shown.dedup();
    shown.truncate(limite);
    shown
}

pub fn taken() -> Problem {
    Problem::new(problemas::HORA_NO_DISPONIBLE).detail("Esa hora ya no está disponible: elija otra.")
}

/// Who else has the time, or why the agenda does not admit it, is nobody's business here.
pub fn unexplained(problem: Problem) -> Problem {
    if problem.is_lost_race() || problem.status().is_server_error() { problem } else { taken() }
}

/// Holds a time for a session, and lets go of the one that it held before.
pub async fn guardar(tx: &mut Tx, sesion: &Sesion, elegida: &HoraElegida) -> Result<HoraGuardada, Problem> {
    let ofrece = ofrecida(tx, elegida.sede_id).await?;
    if let Some(antes) = sesion.cita_id {
        if store::hecha(tx, antes).await?.is_some() {
            return Err(Problem::new(problemas::AUTORESERVA_HECHA).detail("Ya reservó: para otra reserva pida otro código."));
        }
        if store::retencion(tx, antes).await?.is_some() {
            retener::soltar(tx, antes).await?;
        }
    }
    let busca = Busca {
        sede: elegida.sede_id,
        servicio: elegida.servicio_id,
        medico: elegida.medico_id,
        desde: elegida.inicio,
        dias: 1,
        limite: 1,
    };
    let mut free = huecos(tx, &ofrece, &busca, "/").await?;
    free.retain(|hueco| hueco.inicio == elegida.inicio);
    let retencion = tomar(tx, &ofrece, elegida, &free).await?;
    store::ligar(tx, sesion.id, Some((retencion.id, retencion.sede_id))).await?;
    Ok(HoraGuardada { sede_id: retencion.sede_id, inicio: retencion.inicio, fin: retencion.fin, hasta: retencion.retenida_hasta })
}

async fn tomar(tx: &mut Tx, ofrece: &Autoreserva, elegida: &HoraElegida, free: &[Hueco]) -> Result<Retencion, Problem> {
    let hasta = tx.now() + SignedDuration::from_mins(ofrece.retencion_min.into());
    for hueco in free {
        let nueva = NuevaRetencion {
            sede_id: elegida.sede_id,
            mascota_id: None,
            servicio_id: elegida.servicio_id,
            medico_id: Some(hueco.medico_id),
            ambiente_id: None,
            equipos: None,
            inicio: elegida.inicio,
            minutos: None,
        };
        match retener::retener_hasta(tx, nueva, hasta).await.map_err(unexplained) {
            Err(problem) if problem.status() == problemas::HORA_NO_DISPONIBLE.status => {}
            done => return done,
        }
    }
    Err(taken())
}

/// Books what a session holds. Said twice, it is the same booking.
pub async fn confirmar(tx: &mut Tx, sesion: &Sesion, propia: &ReservaPropia) -> Result<ReservaHecha, Problem> {
    let id = sesion.cita_id.ok_or_else(|| taken().detail("Primero elija una hora."))?;
    if let Some(answer) = respuesta(tx, id).await? {
        return Ok(answer);
    }
    // One at a time of an address or phone, so that two of its sessions do not pass the caps together or register two owners.
    store::bloquear_palabra(tx, &sesion.indice).await?;
    let retencion = store::lock_retencion(tx, id).await?.filter(|held| held.retenida_hasta > tx.now()).ok_or_else(taken)?;
    let ofrece = ofrecida(tx, retencion.sede_id).await?;
    if propia.acepta_condiciones != ofrece.condiciones_version {
        return Err(Problem::field("/acepta_condiciones", "no es la versión vigente de las condiciones"));
    }
    let known = identificar::tutores(tx, sesion).await?;
    let por_aprobar = topes(tx, &ofrece, &known).await?;
    let ofrece = Autoreserva { aprobar: ofrece.aprobar || por_aprobar, ..ofrece };
    let (tutor, mascota) = quien(tx, sesion, &ofrece, propia, &known, retencion.sede_id).await?;
    let estado = reservar(tx, &ofrece, &retencion, mascota, propia).await?;
    let (enlace, resumen) = token::make(ENLACE, tx.who().tenant);
    let (enlace_sellado, red) = (tx.seal_secret(SECRETO, &enlace)?, identificar::red(tx));
    let nueva = NuevaAutoreserva {
        cita: id,
        sede: retencion.sede_id,
        tutor,
        tutor_nuevo: known.is_empty(),
        destino: &sesion.indice,
        red: &red,
        motivo: propia.motivo.as_deref(),
        condiciones_version: &ofrece.condiciones_version,
        estado,
        resumen: &resumen,
        enlace_sellado: &enlace_sellado,
    };
    store::insert_autoreserva(tx, &nueva).await?;
    consentir(tx, tutor, id, propia).await?;
    gestionar::escribir(tx, id, estado).await?;
    respuesta(tx, id).await?.ok_or_else(Problem::not_found)
}

/// What an owner is told of a booking, if there is one.
async fn respuesta(tx: &mut Tx, cita: CitaId) -> Result<Option<ReservaHecha>, Problem> {
    let Some(hecha) = store::hecha(tx, cita).await? else { return Ok(None) };
    let ruta = ruta(tx, &hecha.enlace_sellado)?;
    Ok(Some(ReservaHecha { estado: hecha.estado, sede_id: hecha.sede_id, inicio: hecha.inicio, fin: hecha.fin, ruta }))
}

/// The page of a booking.
pub fn ruta(tx: &Tx, enlace_sellado: &str) -> Result<String, Problem> {
    Ok(ruta_de(&tx.open_secret(SECRETO, enlace_sellado)?))
}

pub fn ruta_de(enlace: &str) -> String {
    format!("/api/v1/reservas/{enlace}")
}

/// 409 if the owner has as many appointments ahead as the sede allows, or the network booked enough today. `true`: the sede has
/// to approve this one.
async fn topes(tx: &mut Tx, ofrece: &Autoreserva, known: &[TutorId]) -> Result<bool, Problem> {
    let full = |detail: String| Err(Problem::new(problemas::TOPE_DE_RESERVAS).detail(detail));
    let pets: Vec<MascotaId> = pacientes::mascotas_de(tx, known).await?.into_iter().map(|pet| pet.id).collect();
    let ahead = store::por_venir(tx, &pets).await?.len();
    if ahead >= ofrece.abiertas_max.unsigned_abs() as usize {
        return full(format!("Ya tiene {ahead} citas por venir: para otra, llame a la sede."));
    }
    let por_aprobar = con_faltas(tx, known).await?;
    let (red, desde) = (identificar::red(tx), tx.now() - DIA);
    store::bloquear_palabra(tx, &red).await?;
    if store::de_red(tx, &red, desde).await? >= i64::from(ofrece.por_dia_max) {
        return full("Hoy ya se hicieron muchas reservas desde su red: llame a la sede.".into());
    }
    Ok(por_aprobar)
}

/// Of who lost as many appointments as the chain bears: 409, or `true`, as it says.
async fn con_faltas(tx: &mut Tx, known: &[TutorId]) -> Result<bool, Problem> {
    for tutor in known {
        if faltar::conducta(tx, *tutor).await?.exige_pago_previo {
            return match store::ajustes(tx).await?.con_faltas {
                ConFaltas::Aprobar => Ok(true),
                ConFaltas::Rechazar => {
                    Err(Problem::new(problemas::PAGO_PREVIO).detail("Para esta reserva se pide un pago antes: llame a la sede."))
                }
            };
        }
    }
    Ok(false)
}

/// The owner and the pet of a booking: of the session's own, or registered now.
async fn quien(
    tx: &mut Tx,
    sesion: &Sesion,
    ofrece: &Autoreserva,
    propia: &ReservaPropia,
    known: &[TutorId],
    sede: SedeId,
) -> Result<(TutorId, MascotaId), Problem> {
    let refused = |at: &'static str| Problem::field(at, "esa especie no se atiende por aquí");
    match (propia.mascota_id, &propia.mascota) {
        (Some(id), None) => {
            let own = pacientes::mascotas_de(tx, known).await?.into_iter().find(|pet| pet.id == id);
            let own = own.ok_or_else(|| Problem::field("/mascota_id", "no es una de sus mascotas"))?;
            if ofrece.admite_especie(&own.especie) { Ok((own.tutor_id, own.id)) } else { Err(refused("/mascota_id")) }
        }
        (None, Some(pet)) => {
            if !ofrece.admite_especie(&pet.especie) {
                return Err(refused("/mascota/especie"));
            }
            let tutor = match (known.first(), &propia.tutor) {
                (Some(tutor), _) => Ok(*tutor),
                (None, Some(nuevo)) => Err(identificar::con_lo_comprobado(tx, sesion, nuevo)?),
                (None, None) => return Err(Problem::field("/tutor", "es obligatorio: la cadena todavía no le conoce")),
            };
            let mascota = MascotaNueva::sencilla(&pet.nombre, &pet.especie, pet.sexo);
            pacientes::registrar_propio(tx, tutor, mascota, sede).await
        }
        (Some(_), Some(_)) => Err(Problem::field("/mascota", "indique mascota_id o mascota, no ambas")),
        (None, None) => Err(Problem::field("/mascota", "es obligatoria: indique mascota_id o mascota")),
    }
}

/// The hold becomes the appointment, or waits for the sede to approve it.
async fn reservar(
    tx: &mut Tx,
    ofrece: &Autoreserva,
    retencion: &Retencion,
    mascota: MascotaId,
    propia: &ReservaPropia,
) -> Result<EstadoAutoreserva, Problem> {
    if !ofrece.aprobar {
        let confirmacion = Confirmacion { mascota_id: Some(mascota), motivo: propia.motivo.clone() };
        retener::confirmar(tx, retencion.id, confirmacion).await.map_err(unexplained)?;
        return Ok(EstadoAutoreserva::Reservada);
    }
    let hasta = ofrece.aprobar_hasta(tx.now(), retencion.inicio);
    if !store::apartar(tx, retencion.id, mascota, propia.motivo.as_deref(), hasta).await? {
        return Err(taken().detail("Su mascota ya tiene una cita a esa hora."));
    }
    let despues = Retencion { mascota_id: Some(mascota), retenida_hasta: hasta, version: retencion.version + 1, ..retencion.clone() };
    tx.audit(Change::new("pedir", "cita", retencion.id).sede(retencion.sede_id).antes(retencion).despues(&despues));
    tx.publish(Event::new("autoreserva.pedida", &despues).sede(retencion.sede_id));
    // The hold is over later than was said before.
    tx.publish(Event::new("cita.retenida", &despues).sede(retencion.sede_id));
    Ok(EstadoAutoreserva::Pendiente)
}

async fn consentir(tx: &mut Tx, tutor: TutorId, cita: CitaId, propia: &ReservaPropia) -> Result<(), Problem> {
    let optional = propia.consiente.iter().map(|which| match which {
        ConsentimientoOpcional::Recordatorios => Finalidad::Recordatorios,
        ConsentimientoOpcional::Marketing => Finalidad::Marketing,
    });
    for finalidad in std::iter::once(Finalidad::Atencion).chain(optional) {
        let nuevo = NuevoConsentimiento {
            finalidad,
            otorgado: true,
            medio: None,
            canal: Canal::Web,
            texto_version: propia.acepta_condiciones.clone(),
            evidencia: Some(format!("autoreserva {cita}")),
        };
        pacientes::consentir(tx, tutor, &nuevo).await?;
    }
    Ok(())
}
