//! An invented agenda: every day of every sede, from the first vet's hour to the last one's.
//!
//! Vets are served in the order of their clocks, so each room and piece of equipment is asked for in order of time
//! and it is enough to know until when it is taken. Nothing here overlaps; the database checks it again.
use super::{
    historia::{Clase, actualizado, creado, estado, minutes, visita},
    listas::lista,
    rng::Rng,
};
use citas::{CitaImportada, Estado, Turno};
use jiff::{Timestamp, civil::Date};
use kernel::ids::{AmbienteId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId};
use std::collections::HashMap;

/// What a chain has, as far as its agenda is concerned.
pub struct Cadena {
    pub clave: String,
    /// In the order of their codes.
    pub sedes: Vec<Sede>,
    pub servicios: Vec<Servicio>,
    /// In the order of their names; ids differ from one database to the next.
    pub medicos: Vec<UsuarioId>,
    pub turnos: Vec<Turno>,
}

pub struct Sede {
    pub id: SedeId,
    pub codigo: String,
    pub nombre: String,
    pub ubigeo: Option<String>,
    pub ambientes: Vec<(AmbienteId, String)>,
    pub equipos: Vec<(EquipoId, String)>,
}

pub struct Servicio {
    pub id: ServicioId,
    pub nombre: String,
    pub duracion: i64,
    pub antes: i64,
    pub despues: i64,
    pub ambiente: Option<String>,
    pub equipos: Vec<String>,
    pub medicos: Option<Vec<UsuarioId>>,
}

/// A pet that may have an appointment.
pub struct Paciente {
    pub id: MascotaId,
    /// Its place in `Cadena::sedes`.
    pub sede: usize,
    pub especie: &'static str,
    pub nacimiento: Option<Date>,
    pub registro: Timestamp,
}

impl Servicio {
    fn clase(&self) -> &'static Clase {
        Clase::of(&self.nombre)
    }
    fn minutos(&self) -> i64 {
        self.antes + self.duracion + self.despues
    }
}

/// A vet's stretch of work while it is being filled.
struct Puesto {
    medico: UsuarioId,
    desde: Timestamp,
    hasta: Timestamp,
    reloj: Timestamp,
    vendido: i64,
}

/// The free resources of a sede on one day: until when each is taken.
struct Libres<'a> {
    sede: &'a Sede,
    ambientes: HashMap<AmbienteId, Timestamp>,
    equipos: HashMap<EquipoId, Timestamp>,
}

struct Recursos {
    ambiente: Option<AmbienteId>,
    equipos: Vec<EquipoId>,
}

impl Libres<'_> {
    fn find(&self, servicio: &Servicio, at: Timestamp) -> Option<Recursos> {
        let free = |until: Option<&Timestamp>| until.is_none_or(|until| *until <= at);
        let ambiente = match &servicio.ambiente {
            None => None,
            Some(tipo) => {
                let mut fitting = self.sede.ambientes.iter().filter(|(id, of)| of == tipo && free(self.ambientes.get(id)));
                Some(fitting.next()?.0)
            }
        };
        let mut equipos = Vec::with_capacity(servicio.equipos.len());
        for tipo in &servicio.equipos {
            let mut fitting = self.sede.equipos.iter().filter(|(id, of)| of == tipo && !equipos.contains(id) && free(self.equipos.get(id)));
            equipos.push(fitting.next()?.0);
        }
        Some(Recursos { ambiente, equipos })
    }

    fn take(&mut self, recursos: &Recursos, until: Timestamp) {
        self.ambientes.extend(recursos.ambiente.map(|id| (id, until)));
        self.equipos.extend(recursos.equipos.iter().map(|id| (*id, until)));
    }
}

/// Who comes: pets by sede, and the last day on which each came.
struct Publico<'a> {
    pacientes: &'a [Paciente],
    por_sede: Vec<Vec<usize>>,
    ultima: Vec<Option<Date>>,
}

impl<'a> Publico<'a> {
    fn new(pacientes: &'a [Paciente], sedes: usize) -> Self {
        let mut por_sede = vec![Vec::new(); sedes];
        pacientes.iter().enumerate().for_each(|(index, paciente)| por_sede[paciente.sede].push(index));
        Self { pacientes, por_sede, ultima: vec![None; pacientes.len()] }
    }

    /// Somebody who is registered by then and was not here in the last days. Some come much more often than others,
    /// and a few are away from their own sede.
    fn next(&mut self, rng: &mut Rng, sede: usize, clase: &Clase, inicio: Timestamp, fecha: Date) -> Option<&'a Paciente> {
        let sede = if rng.chance(0.03) { rng.below(self.por_sede.len()) } else { sede };
        let list = &self.por_sede[sede];
        for _ in 0..30 {
            let index = *list.get((rng.unit().powf(1.5) * list.len() as f64) as usize)?;
            let paciente = &self.pacientes[index];
            let rested = self.ultima[index].is_none_or(|day| day.until(fecha).is_ok_and(|span| span.get_days() >= 4));
            let fits = clase.especies.is_empty() || clase.especies.contains(&paciente.especie);
            if rested && fits && paciente.registro < inicio {
                self.ultima[index] = Some(fecha);
                return Some(paciente);
            }
        }
        None
    }
}

/// All appointments of a chain, in order of the days.
pub fn generar(cadena: &Cadena, pacientes: &[Paciente], now: Timestamp) -> Vec<CitaImportada> {
    let mut rng = Rng::new(&format!("agenda/{}", cadena.clave));
    let base: Vec<f64> = cadena.sedes.iter().map(|_| rng.within(0.735, 0.815)).collect();
    let rank: HashMap<UsuarioId, usize> = cadena.medicos.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let mut days: Vec<Date> = cadena.turnos.iter().map(|turno| turno.fecha).collect();
    days.sort_unstable();
    days.dedup();
    let mut publico = Publico::new(pacientes, cadena.sedes.len());
    let mut citas = Vec::new();
    for fecha in days {
        let mut elsewhere: Vec<Turno> = Vec::new();
        for (index, sede) in cadena.sedes.iter().enumerate() {
            let mut turnos: Vec<Turno> = cadena.turnos.iter().filter(|t| t.fecha == fecha && t.sede_id == sede.id).copied().collect();
            turnos.sort_by_key(|turno| (turno.desde, rank.get(&turno.medico_id)));
            let turnos: Vec<Turno> = turnos.into_iter().flat_map(|turno| without(turno, &elsewhere)).collect();
            let target = target(&mut rng, base[index], fecha, turnos.first().map(|turno| turno.desde), now);
            citas.extend(Dia { cadena, index, fecha, target, now }.fill(&mut rng, &turnos, &mut publico));
            elsewhere.extend(turnos);
        }
    }
    // A series of its own: what is drawn here changes nothing of the agenda.
    let mut rng = Rng::new(&format!("visitas/{}", cadena.clave));
    citas.iter_mut().for_each(|cita| cita.visita = visita(&mut rng, cita, now));
    citas
}

/// What is left of a stretch when the same vet is in another sede.
fn without(turno: Turno, elsewhere: &[Turno]) -> Vec<Turno> {
    let mut left = vec![turno];
    for other in elsewhere.iter().filter(|other| other.medico_id == turno.medico_id) {
        let cut = |t: Turno| [Turno { hasta: t.hasta.min(other.desde), ..t }, Turno { desde: t.desde.max(other.hasta), ..t }];
        left = left.into_iter().flat_map(cut).filter(|t| t.desde < t.hasta).collect();
    }
    left
}

/// Which share of the planned hours is to be booked that day.
fn target(rng: &mut Rng, base: f64, fecha: Date, desde: Option<Timestamp>, now: Timestamp) -> f64 {
    let weekday = [0.02, 0.0, -0.02, -0.01, 0.01, 0.03, 0.01][fecha.weekday().to_monday_zero_offset() as usize];
    let ahead = desde.map_or(0.0, |desde| desde.duration_since(now).as_secs_f64() / 86_400.0).clamp(0.0, 30.0);
    (base + weekday + rng.within(-0.035, 0.035) - 0.05 * ahead / 30.0).clamp(0.68, 0.84)
}

struct Dia<'a> {
    cadena: &'a Cadena,
    index: usize,
    fecha: Date,
    target: f64,
    now: Timestamp,
}

impl Dia<'_> {
    fn fill(&self, rng: &mut Rng, turnos: &[Turno], publico: &mut Publico<'_>) -> Vec<CitaImportada> {
        let puesto = |t: &Turno| Puesto { medico: t.medico_id, desde: t.desde, hasta: t.hasta, reloj: t.desde, vendido: 0 };
        let mut puestos: Vec<Puesto> = turnos.iter().map(puesto).collect();
        let mut libres = Libres { sede: &self.cadena.sedes[self.index], ambientes: HashMap::new(), equipos: HashMap::new() };
        let mut citas = Vec::new();
        while let Some(puesto) = puestos.iter_mut().filter(|puesto| puesto.reloj < puesto.hasta).min_by_key(|puesto| puesto.reloj) {
            let gap = self.gap(rng, puesto);
            if gap > 0 {
                puesto.reloj += minutes(gap);
                continue;
            }
            let Some((servicio, recursos)) = self.offer(rng, puesto, &libres) else {
                puesto.reloj += minutes(5);
                continue;
            };
            let hasta = puesto.reloj + minutes(servicio.minutos());
            let Some(cita) = self.cita(rng, puesto, servicio, &recursos, publico) else {
                puesto.reloj += minutes(5);
                continue;
            };
            let anulada = cita.estado == Estado::Anulada;
            citas.push(cita);
            // A cancelled hour is often given to somebody else.
            if !anulada {
                puesto.vendido += servicio.minutos();
                puesto.reloj = hasta;
                libres.take(&recursos, hasta);
            }
        }
        citas
    }

    /// Minutes to leave free now, so that the share that is booked stays near the target.
    fn gap(&self, rng: &mut Rng, puesto: &Puesto) -> i64 {
        let elapsed = puesto.reloj.duration_since(puesto.desde).as_mins();
        let due = puesto.vendido as f64 / self.target - elapsed as f64;
        let due = if puesto.vendido == 0 && elapsed == 0 { rng.within(-10.0, 12.0) } else { due };
        if due < 5.0 { 0 } else { (due * rng.within(0.5, 1.6) / 5.0).round() as i64 * 5 }
    }

    fn offer(&self, rng: &mut Rng, puesto: &Puesto, libres: &Libres<'_>) -> Option<(&Servicio, Recursos)> {
        let left = puesto.hasta.duration_since(puesto.reloj).as_mins();
        let given = |servicio: &&Servicio| servicio.medicos.as_ref().is_none_or(|medicos| medicos.contains(&puesto.medico));
        let fits = self.cadena.servicios.iter().filter(|servicio| servicio.minutos() <= left).filter(given);
        let mut options: Vec<(&Servicio, Option<Recursos>)> =
            fits.filter_map(|servicio| Some((servicio, Some(libres.find(servicio, puesto.reloj)?)))).collect();
        let chosen = rng.weighted(&options, |(servicio, _)| servicio.clase().peso)?.0.id;
        let (servicio, recursos) = options.iter_mut().find(|(servicio, _)| servicio.id == chosen)?;
        Some((*servicio, recursos.take()?))
    }

    fn cita(
        &self,
        rng: &mut Rng,
        puesto: &Puesto,
        servicio: &Servicio,
        recursos: &Recursos,
        publico: &mut Publico<'_>,
    ) -> Option<CitaImportada> {
        let inicio = puesto.reloj + minutes(servicio.antes);
        let fin = inicio + minutes(servicio.duracion);
        let clase = servicio.clase();
        let paciente = publico.next(rng, self.index, clase, inicio, self.fecha)?;
        let estado = estado(rng, inicio, fin, self.now);
        let creado_en = creado(rng, inicio, self.now).max(paciente.registro);
        Some(CitaImportada {
            sede_id: self.cadena.sedes[self.index].id,
            mascota_id: paciente.id,
            medico_id: puesto.medico,
            servicio_id: servicio.id,
            ambiente_id: recursos.ambiente,
            equipos: recursos.equipos.clone(),
            inicio,
            fin,
            ocupado_desde: puesto.reloj,
            ocupado_hasta: fin + minutes(servicio.despues),
            estado,
            motivo: rng.chance(0.7).then(|| clase.motivo(rng).to_owned()),
            anulada_motivo: (estado == Estado::Anulada).then(|| rng.word(lista("anulaciones")).to_owned()),
            creado_en,
            actualizado_en: actualizado(rng, estado, creado_en, inicio, fin, self.now),
            visita: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::collections::HashSet;

    const NOW: &str = "2026-03-02T16:05:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn servicio(nombre: &str, duracion: i64, ambiente: &str, equipos: &[&str]) -> Servicio {
        let equipos = equipos.iter().map(|&tipo| tipo.to_owned()).collect();
        let nombre = nombre.to_owned();
        Servicio {
            id: ServicioId::new(),
            nombre,
            duracion,
            antes: 0,
            despues: 5,
            ambiente: Some(ambiente.to_owned()),
            equipos,
            medicos: None,
        }
    }

    fn sede(codigo: &str) -> Sede {
        let tipos = ["consultorio", "consultorio", "imagenes"];
        Sede {
            id: SedeId::new(),
            codigo: codigo.to_owned(),
            nombre: codigo.to_owned(),
            ubigeo: None,
            ambientes: tipos.iter().map(|&tipo| (AmbienteId::new(), tipo.to_owned())).collect(),
            equipos: vec![(EquipoId::new(), "ecografo".to_owned())],
        }
    }

    /// Two sedes, three vets in the first; one of them has the same hours in the second too. Forty days around now.
    fn cadena() -> Cadena {
        let (lim, cus) = (sede("LIM"), sede("CUS"));
        let medicos: Vec<UsuarioId> = (0..4).map(|_| UsuarioId::new()).collect();
        let mut turnos = Vec::new();
        for day in -30..10_i64 {
            let desde = now() - minutes(185) + SignedDuration::from_hours(24 * day);
            let fecha = desde.to_zoned(jiff::tz::TimeZone::UTC).date();
            let mut add = |sede_id, medico: usize| {
                turnos.push(Turno { sede_id, medico_id: medicos[medico], fecha, desde, hasta: desde + minutes(360) })
            };
            (0..3).for_each(|medico| add(lim.id, medico));
            [2, 3].into_iter().for_each(|medico| add(cus.id, medico));
        }
        let servicios = vec![servicio("Consulta general", 30, "consultorio", &[]), servicio("Ecografía", 40, "imagenes", &["ecografo"])];
        Cadena { clave: "prueba".to_owned(), sedes: vec![lim, cus], servicios, medicos, turnos }
    }

    fn pacientes() -> Vec<Paciente> {
        let registro = now() - SignedDuration::from_hours(24 * 300);
        (0..900)
            .map(|n| Paciente {
                id: MascotaId::new(),
                sede: n % 2,
                especie: if n % 3 == 0 { "gato" } else { "perro" },
                nacimiento: None,
                registro,
            })
            .collect()
    }

    #[test]
    fn nobody_and_nothing_is_in_two_places_at_once() {
        let cadena = cadena();
        let citas = generar(&cadena, &pacientes(), now());
        assert!(citas.len() > 1_000, "{}", citas.len());
        let mut taken: HashMap<uuid::Uuid, Vec<(Timestamp, Timestamp)>> = HashMap::new();
        for cita in citas.iter().filter(|cita| cita.estado.activa()) {
            let resources = [cita.medico_id.0, cita.mascota_id.0].into_iter().chain(cita.ambiente_id.map(|id| id.0));
            for resource in resources.chain(cita.equipos.iter().map(|id| id.0)) {
                taken.entry(resource).or_default().push((cita.ocupado_desde, cita.ocupado_hasta));
            }
        }
        for times in taken.values_mut() {
            times.sort_unstable();
            assert!(times.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{times:?}");
        }
        let planned = |cita: &CitaImportada, turno: &Turno| {
            (turno.medico_id, turno.sede_id) == (cita.medico_id, cita.sede_id)
                && turno.desde <= cita.ocupado_desde
                && cita.ocupado_hasta <= turno.hasta
        };
        assert!(citas.iter().all(|cita| cadena.turnos.iter().any(|turno| planned(cita, turno))), "outside of a vet's plan");
    }

    #[test]
    fn the_agenda_is_as_full_and_as_disappointed_as_promised() {
        let citas = generar(&cadena(), &pacientes(), now());
        let booked: i64 =
            citas.iter().filter(|c| c.estado != Estado::Anulada).map(|c| c.ocupado_hasta.duration_since(c.ocupado_desde).as_mins()).sum();
        // Four vets, though one has a plan in two sedes at once.
        let share = booked as f64 / (40.0 * 4.0 * 360.0);
        assert!((0.66..0.86).contains(&share), "{share}");
        let past: Vec<_> = citas.iter().filter(|cita| cita.fin <= now()).collect();
        let missed = past.iter().filter(|cita| cita.estado == Estado::NoAsistio).count() as f64 / past.len() as f64;
        assert!((0.05..0.10).contains(&missed), "{missed}");
    }

    #[test]
    fn states_and_dates_agree_with_the_clock() {
        use Estado::{Anulada, Confirmada, EnConsulta, EnEspera, NoAsistio, PorCobrar, Programada, Terminada};
        let citas = generar(&cadena(), &pacientes(), now());
        for cita in &citas {
            let allowed: &[Estado] = match (cita.fin <= now(), cita.inicio <= now()) {
                (true, _) => &[Terminada, NoAsistio, PorCobrar, Anulada],
                (_, true) => &[EnConsulta, EnEspera, Anulada],
                _ => &[Programada, Confirmada, EnEspera, Anulada],
            };
            assert!(allowed.contains(&cita.estado), "{cita:?}");
            assert!(
                cita.creado_en <= now()
                    && cita.creado_en < cita.inicio
                    && cita.creado_en <= cita.actualizado_en
                    && cita.actualizado_en <= now()
            );
            assert_eq!(cita.anulada_motivo.is_some(), cita.estado == Anulada);
            if let Some(v) = cita.visita {
                let times = [v.llegada_en, v.consulta_en, v.consulta_fin_en, v.fin_en, now()];
                assert!(cita.estado == Terminada && times.is_sorted(), "{cita:?}");
            }
        }
        let kept = citas.iter().filter(|cita| cita.estado == Terminada);
        assert!(kept.clone().filter(|cita| cita.visita.is_some()).count() * 100 > kept.count() * 95, "who came was in the house");
        let there: HashSet<Estado> = citas.iter().map(|cita| cita.estado).collect();
        assert!([Terminada, EnConsulta, Programada, Confirmada, NoAsistio].iter().all(|estado| there.contains(estado)), "{there:?}");
    }

    #[test]
    fn the_same_chain_gets_the_same_agenda() {
        let (cadena, pacientes) = (cadena(), pacientes());
        let signature = || {
            generar(&cadena, &pacientes, now()).iter().map(|c| (c.inicio, c.mascota_id, c.medico_id, c.estado as u8)).collect::<Vec<_>>()
        };
        assert_eq!(signature(), signature());
    }
}
