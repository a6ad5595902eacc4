//! A day's mix at the desks of all sedes: the same requests in the same order by the same number of people, whatever there is.
use crate::{
    gente::Gente,
    multiplicar::{NOMBRES, hoy},
    open_loop::Ask,
    queries::queries,
    slots::PER_DAY,
};
use anyhow::{Context, Result, ensure};
use jiff::{Timestamp, ToSpan, civil::Date, tz};
use serde_json::json;
use sqlx::PgPool;
use std::{cell::Cell, collections::HashMap, rc::Rc};
use uuid::Uuid;

/// Requests of all kinds in their shares repeat after so many.
const CYCLE: u64 = 400;
/// Shares no factor with `CYCLE`: neighbours in time are of all kinds.
const STRIDE: u64 = 139;
/// From this day on agendas are free.
const FREE_FROM: i64 = 31;
/// Different searches, a third of them misspelt.
const SEARCHES: usize = 300;

/// What somebody at the desk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clase {
    Reservar,
    Huecos,
    DiaDeLaSede,
    DiaDelMedico,
    Buscar,
    Historial,
    Cita,
}

/// 5 % bookings, 3 % free times, 5 % day of the sede, 10 % day of a vet, 9.5 % searches, 5 % timelines, the rest one appointment.
fn clase(n: u64) -> Clase {
    match n * STRIDE % CYCLE {
        0..20 => Clase::Reservar,
        20..32 => Clase::Huecos,
        32..52 => Clase::DiaDeLaSede,
        52..92 => Clase::DiaDelMedico,
        92..130 => Clase::Buscar,
        130..150 => Clase::Historial,
        _ => Clase::Cita,
    }
}

/// SplitMix64: who asks has nothing to do with what is asked.
fn mezclado(n: u64) -> u64 {
    let z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One of so many.
fn uno(n: u64, de: usize) -> usize {
    (mezclado(n) % de.max(1) as u64) as usize
}

/// Which vet and which time the booking of this number takes in a sede: all vets of a time, then the next time.
fn turno(number: u64, medicos: usize) -> (usize, u64) {
    ((number % medicos as u64) as usize, number / medicos as u64)
}

struct Sede {
    id: Uuid,
    servicio: Uuid,
    medicos: Vec<Uuid>,
    mascotas: Vec<Uuid>,
    /// Of the weeks around today.
    visitas: Vec<Visita>,
    reservadas: Cell<u64>,
}

struct Visita {
    id: Uuid,
    medico: Uuid,
    mascota: Uuid,
    fecha: String,
}

pub struct Jornada {
    gente: Rc<Gente>,
    sedes: Vec<Sede>,
    /// Where each person sits.
    donde: Vec<usize>,
    busquedas: Vec<String>,
    hoy: Date,
}

impl Jornada {
    pub async fn de(db: &PgPool, gente: Rc<Gente>) -> Result<Self> {
        let mut sedes = sedes(db).await?;
        let places: HashMap<(Uuid, Uuid), usize> =
            sedes.iter().enumerate().map(|(index, (tenant, sede))| ((*tenant, sede.id), index)).collect();
        let place = |tenant: Uuid, sede: Uuid| places.get(&(tenant, sede)).copied().context("una sede que no está");
        for (tenant, sede, visita) in visitas(db).await? {
            sedes[place(tenant, sede)?].1.visitas.push(visita);
        }
        let donde = gente.puestos.iter().map(|(tenant, sede)| place(*tenant, *sede)).collect::<Result<_>>()?;
        let sedes: Vec<Sede> = sedes.into_iter().map(|(_, sede)| sede).collect();
        let whole =
            sedes.iter().all(|sede| sede.mascotas.len() >= sede.medicos.len() && !sede.medicos.is_empty() && !sede.visitas.is_empty());
        ensure!(whole, "hay sedes sin médicos, mascotas o citas");
        Ok(Self { gente, sedes, donde, busquedas: queries(NOMBRES, SEARCHES), hoy: hoy()? })
    }

    pub fn personas(&self) -> usize {
        self.donde.len()
    }

    /// Request number `n` of the mix.
    pub fn ask(&self, n: u64) -> Result<Ask> {
        let person = uno(n, self.donde.len());
        let sede = &self.sedes[self.donde[person]];
        let token = self.gente.token(person)?;
        let visita = &sede.visitas[uno(!n, sede.visitas.len())];
        let path = match clase(n) {
            Clase::Reservar => return self.reservar(sede, token),
            Clase::Huecos => huecos(sede),
            Clase::DiaDeLaSede => format!("/api/v1/citas?sede_id={}&fecha={}", sede.id, visita.fecha),
            Clase::DiaDelMedico => format!("/api/v1/citas?medico_id={}&fecha={}", visita.medico, visita.fecha),
            Clase::Buscar => format!("/api/v1/pacientes?buscar={}&limite=20", self.busquedas[uno(!n, self.busquedas.len())]),
            Clase::Historial => format!("/api/v1/pacientes/{}/historial", visita.mascota),
            Clase::Cita => format!("/api/v1/citas/{}", visita.id),
        };
        Ok(Ask::get(token, path))
    }

    /// What each person asks first, so that what an instance remembers of people and agendas is there, as on any day but the first.
    pub fn primera(&self, n: u64) -> Result<Ask> {
        let person = n as usize % self.donde.len();
        Ok(Ask::get(self.gente.token(person)?, huecos(&self.sedes[self.donde[person]])))
    }

    /// A time that nobody had.
    fn reservar(&self, sede: &Sede, token: Rc<str>) -> Result<Ask> {
        let number = sede.reservadas.replace(sede.reservadas.get() + 1);
        let (medico, time) = turno(number, sede.medicos.len());
        let mascota = sede.mascotas[number as usize % sede.mascotas.len()];
        let inicio = instante(self.hoy, time)?;
        let body = json!({ "sede_id": sede.id, "medico_id": sede.medicos[medico], "servicio_id": sede.servicio, "mascota_id": mascota, "inicio": inicio });
        Ok(Ask::create(token, "/api/v1/citas/reservar", body.to_string().into()))
    }
}

fn huecos(sede: &Sede) -> String {
    format!("/api/v1/disponibilidad?servicio_id={}&sedes={}&limite=10", sede.servicio, sede.id)
}

/// Appointments of 15 minutes and 5 of buffer, from 8 to 20 every day.
fn instante(hoy: Date, time: u64) -> Result<Timestamp> {
    let day = hoy.checked_add((FREE_FROM + (time / PER_DAY) as i64).days())?;
    let civil = day.at(8, 0, 0, 0) + (20 * (time % PER_DAY) as i64).minutes();
    Ok(civil.to_zoned(tz::TimeZone::fixed(tz::offset(-5)))?.timestamp())
}

/// Chain, sede, service, vets, pets, and how many bookings were made before: these go on after them.
type Fila = (Uuid, Uuid, Uuid, Vec<Uuid>, Vec<Uuid>, i64);

/// With their chains.
async fn sedes(db: &PgPool) -> Result<Vec<(Uuid, Sede)>> {
    let rows: Vec<Fila> = sqlx::query_as(
        "select s.tenant_id, s.id, v.id,
                array(select distinct p.medico_id from planes_medicos p where p.tenant_id = s.tenant_id and p.sede_id = s.id order by 1),
                array(select distinct c.mascota_id from citas c where c.tenant_id = s.tenant_id and c.sede_id = s.id
                         and c.inicio >= now() and c.inicio < now() + interval '20 days'),
                (select count(*) from citas c where c.tenant_id = s.tenant_id and c.sede_id = s.id and c.inicio >= $1::timestamptz)
           from sedes s join servicios v on v.tenant_id = s.tenant_id and v.codigo = 'CONS' order by md5(s.id::text)",
    )
    .bind(instante(hoy()?, 0)?.to_string())
    .fetch_all(db)
    .await?;
    let sede = |(tenant, id, servicio, medicos, mascotas, before): Fila| {
        let reservadas = Cell::new(before.unsigned_abs());
        (tenant, Sede { id, servicio, medicos, mascotas, visitas: Vec::new(), reservadas })
    };
    Ok(rows.into_iter().map(sede).collect())
}

/// A few appointments of each sede, with chain and sede.
async fn visitas(db: &PgPool) -> Result<Vec<(Uuid, Uuid, Visita)>> {
    let rows: Vec<(Uuid, Uuid, Uuid, Uuid, Uuid, String)> = sqlx::query_as(
        "select c.tenant_id, c.sede_id, c.id, c.medico_id, c.mascota_id, to_char(c.inicio at time zone 'America/Lima', 'YYYY-MM-DD')
           from sedes s cross join lateral (
             select * from citas c where c.tenant_id = s.tenant_id and c.sede_id = s.id
                and c.inicio >= now() - interval '15 days' and c.inicio < now() + interval '15 days' order by md5(c.id::text) limit 8) c",
    )
    .fetch_all(db)
    .await?;
    let visita = |(tenant, sede, id, medico, mascota, fecha)| (tenant, sede, Visita { id, medico, mascota, fecha });
    Ok(rows.into_iter().map(visita).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_cycle_has_all_kinds_in_their_shares() {
        let mut counts: HashMap<Clase, u64> = HashMap::new();
        (7 * CYCLE..8 * CYCLE).for_each(|n| *counts.entry(clase(n)).or_default() += 1);
        let of = |kind| counts.get(&kind).copied().unwrap_or_default();
        let shares =
            [Clase::Reservar, Clase::Huecos, Clase::DiaDeLaSede, Clase::DiaDelMedico, Clase::Buscar, Clase::Historial, Clase::Cita].map(of);
        assert_eq!(shares, [20, 12, 20, 40, 38, 20, 250]);
    }

    /// Their number may share all its factors with the cycle.
    #[test]
    fn everybody_does_everything() {
        let people = CYCLE as usize;
        let done: HashSet<(usize, Clase)> = (0..200_000).map(|n| (uno(n, people), clase(n))).collect();
        assert_eq!(done.len(), people * 7);
    }

    #[test]
    fn nobody_is_booked_twice() {
        let (hoy, medicos, mascotas) = (jiff::civil::date(2030, 1, 1), 2, 30);
        let mut taken = HashSet::new();
        for number in 0..5_000 {
            let (medico, time) = turno(number, medicos);
            let inicio = instante(hoy, time).expect("a time");
            assert!(taken.insert((medico, inicio)), "vet {medico} at {inicio} again");
            assert!(taken.insert((medicos + number as usize % mascotas, inicio)), "the pet of {number} twice at {inicio}");
        }
    }

    #[test]
    fn searches_are_for_names_that_there_are() {
        assert_eq!(queries(NOMBRES, SEARCHES).len(), SEARCHES);
    }
}
