//! Free slots. Every one is handed out once in the whole run, whoever asks, so that every booking is a valid one.
use crate::{chains::Cadena, open_loop::Ask};
use anyhow::{Result, ensure};
use jiff::{Timestamp, ToSpan, civil::Date, tz};
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use uuid::Uuid;

/// Appointments of 15 minutes and 5 of buffer, from 8 to 20 every day.
pub const PER_DAY: u64 = 36;
/// The agenda is open for two years.
const DAYS: u64 = 700;
const TIMES: u64 = DAYS * PER_DAY;
/// Shares no factor with `TIMES`: in such steps one comes by each of them, in an order that looks random.
const STRIDE: u64 = 7_919;
/// Times that are handed out together.
const BLOCK: u64 = 16;

/// The times of one chain's agenda. A time goes as a whole, with all vets and rooms of the chain, so that two who
/// book never meet: not even over a room.
pub struct Slots {
    first_day: Date,
    given: Cell<u64>,
}

impl Slots {
    pub fn from(first_day: Date) -> Self {
        Self { first_day, given: Cell::new(0) }
    }

    /// The next times, by number in the agenda. There is no way back, so no time goes out twice.
    fn take(&self, count: u64) -> Result<Vec<u64>> {
        let given = self.given.get();
        ensure!(given + count <= TIMES, "la agenda de {DAYS} días se agotó");
        self.given.set(given + count);
        Ok((given..given + count).map(|n| n * STRIDE % TIMES).collect())
    }

    fn instant(&self, time: u64) -> Result<Timestamp> {
        let midnight = self.first_day.checked_add(((time / PER_DAY) as i64).days())?;
        let civil = midnight.at(8, 0, 0, 0) + (20 * (time % PER_DAY) as i64).minutes();
        Ok(civil.to_zoned(tz::TimeZone::fixed(tz::offset(-5)))?.timestamp())
    }
}

/// One bookable slot.
#[derive(Debug, Clone)]
pub struct Turno {
    pub sede: Uuid,
    pub medico: Uuid,
    /// Every vet has a room of the same number.
    pub ambiente: Uuid,
    /// The first vet of a sede works with its equipment, all others without any.
    pub equipo: Option<Uuid>,
    pub mascota: Uuid,
    pub inicio: Timestamp,
}

impl Turno {
    pub fn servicio(&self, cadena: &Cadena) -> Uuid {
        if self.equipo.is_some() { cadena.con_equipo } else { cadena.servicio }
    }
}

/// A stock of slots of some chains, in turns, refilled from their agendas.
pub struct Supply {
    sources: Vec<Source>,
    next: Cell<usize>,
}

struct Source {
    cadena: Rc<Cadena>,
    sede: Option<usize>,
    stock: RefCell<std::vec::IntoIter<Turno>>,
}

impl Supply {
    pub fn of(chains: &[Rc<Cadena>]) -> Self {
        Self { sources: chains.iter().map(|cadena| Source::new(cadena, None)).collect(), next: Cell::new(0) }
    }
    pub fn of_sede(cadena: &Rc<Cadena>, sede: usize) -> Self {
        Self { sources: vec![Source::new(cadena, Some(sede))], next: Cell::new(0) }
    }

    pub fn next(&self) -> Result<(&Cadena, Turno)> {
        let next = self.next.get();
        self.next.set((next + 1) % self.sources.len());
        let source = &self.sources[next];
        Ok((&source.cadena, source.next()?))
    }

    /// Books the next one.
    pub fn ask(&self) -> Result<Ask> {
        let (cadena, turno) = self.next()?;
        let servicio = turno.servicio(cadena);
        let Turno { sede, medico, mascota, inicio, .. } = turno;
        let body = json!({ "sede_id": sede, "medico_id": medico, "servicio_id": servicio, "mascota_id": mascota, "inicio": inicio });
        Ok(Ask::create(cadena.booker(sede), "/api/v1/citas/reservar", body.to_string().into()))
    }
}

impl Source {
    fn new(cadena: &Rc<Cadena>, sede: Option<usize>) -> Self {
        Self { cadena: cadena.clone(), sede, stock: RefCell::default() }
    }

    fn next(&self) -> Result<Turno> {
        let mut stock = self.stock.borrow_mut();
        loop {
            match stock.next() {
                Some(turno) => return Ok(turno),
                None => *stock = self.block()?.into_iter(),
            }
        }
    }

    /// Neighbours differ in time, vet and sede: nobody in life sends 80 people into one minute, one after the other.
    fn block(&self) -> Result<Vec<Turno>> {
        let times = self.cadena.slots.take(BLOCK)?;
        let (sedes, medicos) = (self.cadena.sedes.len(), self.cadena.shape.medicos);
        let vets: Vec<(usize, usize)> = match self.sede {
            Some(sede) => (0..medicos).map(|medico| (sede, medico)).collect(),
            None => (0..sedes * medicos).map(|vet| (vet % sedes, vet / sedes)).collect(),
        };
        let mut turnos = Vec::with_capacity(vets.len() * times.len());
        for row in 0..times.len() {
            for (column, (sede, medico)) in vets.iter().enumerate() {
                turnos.push(self.cadena.turno(*sede, *medico, times[(row + column) % times.len()])?);
            }
        }
        Ok(turnos)
    }
}

impl Cadena {
    /// Each vet has pets that nobody else sees, so that a pet is never wanted twice at one time.
    fn turno(&self, sede: usize, medico: usize, time: u64) -> Result<Turno> {
        let own = self.mascotas.len() / (self.sedes.len() * self.shape.medicos);
        let vet = sede * self.shape.medicos + medico;
        let mascota = self.mascotas[vet * own + time as usize % own];
        let sede = &self.sedes[sede];
        Ok(Turno {
            sede: sede.id,
            medico: sede.medicos[medico],
            ambiente: sede.ambientes[medico],
            equipo: (medico == 0).then_some(sede.equipo),
            mascota,
            inicio: self.slots.instant(time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chains::{Sede, Shape};
    use std::collections::HashSet;

    fn cadena() -> Rc<Cadena> {
        let ids = |count: usize| -> Vec<Uuid> { (0..count).map(|_| Uuid::now_v7()).collect() };
        let shape = Shape { clave: "a".into(), sedes: 3, medicos: 4, mascotas: 120 };
        let sedes = (0..3).map(|_| Sede::new(Uuid::now_v7(), ids(4), ids(4), Uuid::now_v7())).collect();
        Rc::new(Cadena::new(shape, Uuid::now_v7(), [Uuid::now_v7(), Uuid::now_v7()], sedes, ids(120), jiff::civil::date(2030, 1, 1)))
    }

    #[test]
    fn nobody_gets_what_another_has() {
        let cadena = cadena();
        let supplies = [Supply::of(std::slice::from_ref(&cadena)), Supply::of_sede(&cadena, 1), Supply::of(&[cadena.clone(), cadena])];
        let (mut taken, mut times) = (HashSet::new(), [const { Vec::new() }; 3]);
        for n in 0..3_000 {
            let (_, turno) = supplies[n % 3].next().expect("a free slot");
            for resource in [turno.medico, turno.ambiente, turno.mascota].into_iter().chain(turno.equipo) {
                assert!(taken.insert((resource, turno.inicio)), "{turno:?} again");
            }
            times[n % 3].push(turno.inicio);
        }
        let [all, sede, _] = times.map(HashSet::<Timestamp>::from_iter);
        assert!(all.is_disjoint(&sede));
    }

    #[test]
    fn the_agenda_ends() {
        let supply = Supply::of_sede(&cadena(), 0);
        let given = std::iter::from_fn(|| supply.next().ok()).count() as u64;
        assert_eq!(given, TIMES * 4);
    }
}
