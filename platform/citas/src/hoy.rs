//! How the day of a sede goes.
use crate::{
    model::{EsperaDeHoy, Hoy, Inasistencias, Sala, esperando, ocupacion, por_estado},
    store::{self, Filtro},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, UsuarioId},
};
use std::collections::BTreeSet;

/// More than any sede sees in a day.
const CITAS_MAX: i64 = 5_000;
/// Days of which no-shows are counted, today included.
const SEMANA: i64 = 7;

fn instante(fecha: Date, zona: &TimeZone) -> Result<Timestamp, Problem> {
    fecha.to_zoned(zona.clone()).map(|at| at.timestamp()).map_err(Problem::internal)
}

/// The figures of today in a sede, and whose data is in them.
pub async fn hoy(tx: &mut Tx, sede: SedeId) -> Result<(Hoy, Vec<MascotaId>), Problem> {
    let ahora = tx.now();
    let zona = store::zona(tx, sede).await?.ok_or_else(Problem::not_found)?;
    let zona = TimeZone::get(&zona).map_err(Problem::internal)?;
    let fecha = zona.to_datetime(ahora).date();
    let (desde, hasta) = (instante(fecha, &zona)?, instante(fecha.saturating_add(1.day()), &zona)?);
    let filtro = Filtro {
        sede: Some(sede),
        medico: None,
        ambiente: None,
        mascota: None,
        desde,
        hasta,
        con_anuladas: true,
        despues_de: None,
        limite: CITAS_MAX,
    };
    let citas = store::listar(tx, &filtro).await?;
    let visitas = store::sala(tx, sede, desde, hasta, true).await?;
    let sala = Sala::new(sede, fecha, ahora).llenar(visitas, Vec::new());
    let (promedio_min, atendidas) = store::hoy::espera(tx, sede, desde, hasta).await?;
    let primero = fecha.saturating_sub((SEMANA - 1).days());
    let (hoy, semana, semana_citas) = store::hoy::inasistencias(tx, sede, instante(primero, &zona)?, desde, hasta).await?;
    let agenda = store::agendas(tx, Some(sede), fecha, fecha).await?.into_iter().next();
    let ocupacion = match agenda {
        Some(agenda) => {
            let con_citas = citas.iter().map(|fila| fila.cita.medico_id);
            let medicos: BTreeSet<UsuarioId> = agenda.medicos().into_iter().chain(con_citas).collect();
            let nombres = store::nombres(tx, &medicos.into_iter().collect::<Vec<_>>()).await?;
            ocupacion(&agenda, fecha, &citas, nombres)
        }
        // A sede that is closed for good has no agenda.
        None => Vec::new(),
    };
    let espera = EsperaDeHoy { ahora: esperando(sala), promedio_min, atendidas };
    let seen = espera.ahora.iter().map(|one| one.mascota_id).collect();
    let inasistencias = Inasistencias { hoy, semana, semana_citas, desde: primero, hasta: fecha };
    Ok((Hoy { sede_id: sede, fecha, ahora, citas: por_estado(&citas), espera, inasistencias, ocupacion }, seen))
}
