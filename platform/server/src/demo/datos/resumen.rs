//! What the database holds of the demonstration, counted there and not while loading.
use super::store;
use citas::Estado;
use jiff::{SignedDuration, Timestamp, civil::Date};
use kernel::{Problem, SystemCtx, Tx, ids::SedeId};
use std::fmt;

/// The figures of all chains of the demonstration.
#[derive(Debug, Clone, Default)]
pub struct Resumen {
    /// How long loading took; zero if everything was there already.
    pub segundos: f64,
    /// Appointments that the database refused while loading.
    pub rechazadas: usize,
    pub cadenas: Vec<ResumenCadena>,
}

#[derive(Debug, Clone)]
pub struct ResumenCadena {
    pub clave: String,
    pub nombre: String,
    pub tutores: i64,
    pub mascotas: i64,
    pub citas: i64,
    pub sedes: Vec<ResumenSede>,
}

#[derive(Debug, Clone)]
pub struct ResumenSede {
    pub codigo: String,
    pub nombre: String,
    pub citas: i64,
    /// Minutes for which vets are planned, and those that are booked (with buffers, without cancelled ones).
    pub minutos_plan: i64,
    pub minutos_reservados: i64,
    /// Of the appointments whose time has come: all, and those to which nobody came.
    pub pasadas: i64,
    pub inasistencias: i64,
}

fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl ResumenSede {
    /// Share of the planned hours that is booked.
    pub fn ocupacion(&self) -> f64 {
        share(self.minutos_reservados, self.minutos_plan)
    }
    pub fn inasistencia(&self) -> f64 {
        share(self.inasistencias, self.pasadas)
    }
}

impl ResumenCadena {
    fn sum(&self, of: fn(&ResumenSede) -> i64) -> i64 {
        self.sedes.iter().map(of).sum()
    }
    pub fn ocupacion(&self) -> f64 {
        share(self.sum(|sede| sede.minutos_reservados), self.sum(|sede| sede.minutos_plan))
    }
    pub fn inasistencia(&self) -> f64 {
        share(self.sum(|sede| sede.inasistencias), self.sum(|sede| sede.pasadas))
    }
}

impl fmt::Display for Resumen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, cadena) in self.cadenas.iter().enumerate() {
            let percent = |share: f64| format!("{:.1} %", share * 100.0).replace('.', ",");
            let of_sedes = || cadena.sedes.iter().map(ResumenSede::ocupacion);
            let (least, most) = (of_sedes().fold(1.0, f64::min), of_sedes().fold(0.0, f64::max));
            write!(
                f,
                "{}{}: {} sedes, {} tutores, {} mascotas, {} citas; ocupación {} (por sede, de {} a {}), inasistencias {}",
                if index == 0 { "" } else { "\n" },
                cadena.nombre,
                cadena.sedes.len(),
                cadena.tutores,
                cadena.mascotas,
                cadena.citas,
                percent(cadena.ocupacion()),
                percent(least),
                percent(most),
                percent(cadena.inasistencia()),
            )?;
        }
        Ok(())
    }
}

/// The days that the demonstration's agenda covers, around the day of `now`.
pub struct Ventana {
    pub desde: Date,
    pub hasta: Date,
}

impl Ventana {
    pub fn new(now: Timestamp) -> Self {
        let hoy = now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5))).date();
        let days = |n: i32| hoy.saturating_add(jiff::Span::new().days(n));
        Self { desde: days(-90), hasta: days(30) }
    }
}

pub async fn contar(system: &SystemCtx, chain: &store::Registrada) -> Result<ResumenCadena, Problem> {
    let mut tx = system.begin(chain.tenant).await?;
    let (tutores, mascotas) = pacientes::cuantos(&mut tx).await?;
    let sedes = sedes(&mut tx).await?;
    let citas = sedes.iter().map(|sede| sede.citas).sum();
    Ok(ResumenCadena { clave: chain.clave.clone(), nombre: chain.nombre.clone(), tutores, mascotas, citas, sedes })
}

async fn sedes(tx: &mut Tx) -> Result<Vec<ResumenSede>, Problem> {
    let now = tx.now();
    let ventana = Ventana::new(now);
    let turnos = citas::turnos(tx, ventana.desde, ventana.hasta).await?;
    // Some days after loading the agenda ends earlier than the window: hours after it are not counted as unsold.
    let day = SignedDuration::from_hours(24);
    let edges = (now - day * 92, now + day * 32);
    let recuento = citas::recuento(tx, edges.0, edges.1).await?;
    let last = recuento.iter().map(|one| one.ultima).max().unwrap_or(now);
    let pasado = citas::recuento(tx, edges.0, now).await?;
    let planned = |sede: SedeId| {
        let own = turnos.iter().filter(|turno| turno.sede_id == sede && turno.desde <= last);
        own.map(|turno| turno.hasta.duration_since(turno.desde).as_mins()).sum()
    };
    let all = store::sedes(tx).await?;
    let sum = |list: &[citas::Recuento], sede: SedeId, of: fn(&citas::Recuento) -> i64, but: &[Estado]| -> i64 {
        list.iter().filter(|one| one.sede_id == sede && !but.contains(&one.estado)).map(of).sum()
    };
    let count = |list: &[citas::Recuento], sede, but: &[Estado]| sum(list, sede, |one| one.citas, but);
    let minutes = |sede, but: &[Estado]| sum(&recuento, sede, |one| one.minutos, but);
    let resumen = all.into_iter().map(|sede| ResumenSede {
        citas: count(&recuento, sede.id, &[]),
        minutos_plan: planned(sede.id),
        minutos_reservados: minutes(sede.id, &[Estado::Anulada]),
        pasadas: count(&pasado, sede.id, &[]),
        inasistencias: count(&pasado, sede.id, &[]) - count(&pasado, sede.id, &[Estado::NoAsistio]),
        codigo: sede.codigo,
        nombre: sede.nombre,
    });
    Ok(resumen.collect())
}
