//! Telling that the hours of a sede or of its vets are others, and which time that opens for those who wait.
use crate::{
    model::{ExcepcionConfigurada, Feriado, HorarioSede, Libre, Turno, TurnoAsignado, instante, nuevos},
    store,
};
use jiff::{
    SignedDuration,
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::{
    Event, Problem, Tx,
    ids::{SedeId, UsuarioId},
};
use serde::Serialize;
use serde_json::json;

/// How far ahead new hours of the week are offered.
const ADELANTE: SignedDuration = SignedDuration::from_hours(24 * 14);

#[derive(Serialize)]
struct Aviso<'a, T> {
    #[serde(flatten)]
    que: &'a T,
    /// The time that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    abre: Option<Libre>,
}

#[derive(Serialize)]
struct AvisoFeriado<'a> {
    #[serde(flatten)]
    feriado: &'a Feriado,
    /// The time that it opens, a sede each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    abre: Vec<Libre>,
}

/// The week of a sede, or of a vet in it, is another one.
pub fn semana(tx: &mut Tx, sede: SedeId, medico: Option<UsuarioId>, antes: &[HorarioSede], tramos: &[HorarioSede]) {
    let abre = por_semana(tx, sede, medico, nuevos(antes, tramos));
    let (tema, que) = match medico {
        Some(medico) => ("plan.cambiado", json!({ "sede_id": sede, "medico_id": medico, "tramos": tramos })),
        None => ("horario.cambiado", json!({ "sede_id": sede, "tramos": tramos })),
    };
    tx.publish(Event::new(tema, Aviso { que: &que, abre }).sede(sede));
}

/// A shift has other hours, for all who work it.
pub fn turno_cambiado(tx: &mut Tx, antes: &Turno, turno: &Turno) {
    let abre = por_semana(tx, turno.sede_id, None, nuevos(&antes.tramos, &turno.tramos));
    tx.publish(Event::new("turno.cambiado", Aviso { que: turno, abre }).sede(turno.sede_id));
}

/// A vet works a shift from one day to another.
pub async fn turno_asignado(tx: &mut Tx, asignado: &TurnoAsignado, turno: &Turno) -> Result<(), Problem> {
    let abre = entre_dias(tx, asignado, turno.tramos.clone()).await?;
    tx.publish(Event::new("turno.asignado", Aviso { que: asignado, abre }).sede(asignado.sede_id));
    Ok(())
}

/// A vet works it no more: the weekly plan counts again.
pub async fn turno_quitado(tx: &mut Tx, asignado: &TurnoAsignado) -> Result<(), Problem> {
    let abre = entre_dias(tx, asignado, Vec::new()).await?;
    tx.publish(Event::new("turno.quitado", Aviso { que: asignado, abre }).sede(asignado.sede_id));
    Ok(())
}

/// A special day was made. One that closes opens nothing.
pub async fn excepcion_creada(tx: &mut Tx, excepcion: &ExcepcionConfigurada) -> Result<(), Problem> {
    let horas = excepcion.abierto.then_some((excepcion.desde, excepcion.hasta));
    let abre = match horas {
        Some(horas) => en_un_dia(tx, excepcion, horas).await?,
        None => None,
    };
    tx.publish(Event::new("excepcion.creada", Aviso { que: excepcion, abre }).sede(excepcion.sede_id));
    Ok(())
}

/// A special day was taken away: what it closed is open again, and what it replaced may be.
pub async fn excepcion_quitada(tx: &mut Tx, excepcion: &ExcepcionConfigurada) -> Result<(), Problem> {
    let horas = if excepcion.abierto { (None, None) } else { (excepcion.desde, excepcion.hasta) };
    let abre = en_un_dia(tx, excepcion, horas).await?;
    tx.publish(Event::new("excepcion.quitada", Aviso { que: excepcion, abre }).sede(excepcion.sede_id));
    Ok(())
}

/// The chain made a holiday: it closes, so it opens nothing.
pub fn feriado_creado(tx: &mut Tx, feriado: &Feriado) {
    tx.publish(Event::new("feriado.creado", feriado));
}

/// One is called otherwise.
pub fn feriado_cambiado(tx: &mut Tx, feriado: &Feriado) {
    tx.publish(Event::new("feriado.cambiado", feriado));
}

/// One was taken away: that day is open again in every sede that it closed. One event, for it is one day of the chain.
pub async fn feriado_quitado(tx: &mut Tx, feriado: &Feriado) -> Result<(), Problem> {
    let mut abre = Vec::new();
    for (sede, nombre) in store::sedes_que_cierran(tx, &feriado.ambito).await? {
        let zona = TimeZone::get(&nombre).map_err(Problem::internal)?;
        abre.extend(entre(tx, &zona, sede, (feriado.fecha, Time::MIN), (feriado.fecha, Time::MAX)));
    }
    tx.publish(Event::new("feriado.quitado", AvisoFeriado { feriado, abre }));
    Ok(())
}

fn por_semana(tx: &Tx, sede_id: SedeId, medico_id: Option<UsuarioId>, semana: Vec<HorarioSede>) -> Option<Libre> {
    let inicio = tx.now();
    let opens = !semana.is_empty();
    opens.then(|| Libre { sede_id, medico_id, inicio, fin: inicio + ADELANTE, semana, retencion: None, en: None })
}

async fn entre_dias(tx: &mut Tx, asignado: &TurnoAsignado, semana: Vec<HorarioSede>) -> Result<Option<Libre>, Problem> {
    let TurnoAsignado { sede_id, medico_id, desde, hasta, .. } = *asignado;
    libre(tx, sede_id, Some(medico_id), (desde, Time::MIN), (hasta, Time::MAX), semana).await
}

async fn en_un_dia(
    tx: &mut Tx,
    excepcion: &ExcepcionConfigurada,
    (desde, hasta): (Option<Time>, Option<Time>),
) -> Result<Option<Libre>, Problem> {
    let (first, last) = ((excepcion.fecha, desde.unwrap_or(Time::MIN)), (excepcion.fecha, hasta.unwrap_or(Time::MAX)));
    libre(tx, excepcion.sede_id, excepcion.medico_id, first, last, Vec::new()).await
}

/// From one civil time of the sede to another; `None` if that is over, or outside of the calendar.
async fn libre(
    tx: &mut Tx,
    sede_id: SedeId,
    medico_id: Option<UsuarioId>,
    desde: (Date, Time),
    hasta: (Date, Time),
    semana: Vec<HorarioSede>,
) -> Result<Option<Libre>, Problem> {
    let Some(nombre) = store::zona(tx, sede_id).await? else { return Ok(None) };
    let zona = TimeZone::get(&nombre).map_err(Problem::internal)?;
    Ok(entre(tx, &zona, sede_id, desde, hasta).map(|libre| Libre { medico_id, semana, ..libre }))
}

/// The same where the zone is known: of every vet, and all hours.
fn entre(tx: &Tx, zona: &TimeZone, sede_id: SedeId, desde: (Date, Time), hasta: (Date, Time)) -> Option<Libre> {
    let ends = instante(zona, desde.0, desde.1).zip(instante(zona, hasta.0, hasta.1));
    let (inicio, fin) = ends.filter(|(_, fin)| *fin > tx.now())?;
    Some(Libre { sede_id, medico_id: None, inicio, fin, semana: Vec::new(), retencion: None, en: None })
}
