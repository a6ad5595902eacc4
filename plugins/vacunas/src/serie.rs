//! Where a pet stands with one antigen: which doses counted, and when the next one is due.
use crate::pauta::Pauta;
use huella_plugin_sdk::{Date, Months};

/// A dose as the record tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dosis {
    /// Its place among the facts.
    pub index: usize,
    pub fecha: Date,
    /// When its label or its vet wants the next one.
    pub proxima: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Etapa {
    /// No dose that counts.
    SinEmpezar,
    /// So many of so many doses.
    EnSerie { puestas: usize, de: usize },
    /// The time between two doses went by: from the first one again.
    Interrumpida,
    /// The series is done: its first booster is next, or a later one.
    Completa { refuerzos: usize },
    /// No booster for so long that protection cannot be counted on.
    Caduca,
}

/// What is due and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Estado {
    pub etapa: Etapa,
    pub toca: Date,
    /// The doses that counted since the series began, the oldest first.
    pub cuentan: Vec<Dosis>,
    /// Given too early, or too soon after another.
    pub no_cuentan: Vec<Dosis>,
    /// Its label or its vet says when, not the schedule.
    pub por_indicacion: bool,
    /// Nothing says since when: no age and no dose. `toca` is the day of asking then, which is another one tomorrow.
    pub sin_fecha: bool,
}

/// A series while it is read from the oldest dose to the newest.
struct Lectura<'a> {
    pauta: &'a Pauta,
    nacimiento: Option<Date>,
    serie: Vec<Dosis>,
    refuerzos: usize,
    completa: bool,
    no_cuentan: Vec<Dosis>,
}

/// Doses in order of time; none lies in the future.
pub fn leer(pauta: &Pauta, nacimiento: Option<Date>, doses: &[Dosis], today: Date) -> Estado {
    let mut lectura = Lectura { pauta, nacimiento, serie: Vec::new(), refuerzos: 0, completa: false, no_cuentan: Vec::new() };
    doses.iter().for_each(|dose| lectura.tomar(*dose));
    lectura.estado(today)
}

impl Lectura<'_> {
    fn weeks(&self, at: Date) -> Option<i32> {
        self.nacimiento.map(|birth| at.weeks_since(birth))
    }

    fn tomar(&mut self, dose: Dosis) {
        let too_young = self.weeks(dose.fecha).is_some_and(|weeks| weeks < self.pauta.valida_desde_semanas);
        let too_soon = self.serie.last().is_some_and(|last| dose.fecha.days_since(last.fecha) < self.pauta.intervalo_minimo_dias);
        if too_young || too_soon {
            return self.no_cuentan.push(dose);
        }
        if self.is_lost(dose.fecha) {
            (self.serie, self.refuerzos, self.completa) = (Vec::new(), 0, false);
        }
        self.serie.push(dose);
        if self.completa {
            self.refuerzos += 1;
        } else {
            self.completa = self.serie.len() >= self.needed() && self.is_old_enough(dose.fecha);
        }
    }

    /// Whether what was given so far no longer helps on that day.
    fn is_lost(&self, on: Date) -> bool {
        let Some(last) = self.serie.last() else { return false };
        match (self.completa, self.pauta.caduca_meses) {
            (true, Some(months)) => on > last.fecha.months_later(months),
            (true, None) => false,
            (false, _) => on.days_since(last.fecha) > self.pauta.intervalo_maximo_dias,
        }
    }

    fn began(&self) -> Option<i32> {
        self.serie.first().and_then(|first| self.weeks(first.fecha))
    }

    fn needed(&self) -> usize {
        self.pauta.doses_from(self.began())
    }

    fn is_old_enough(&self, at: Date) -> bool {
        match (self.pauta.last_from(self.began()), self.weeks(at)) {
            (Some(from), Some(weeks)) => weeks >= from,
            _ => true,
        }
    }

    fn estado(self, today: Date) -> Estado {
        let (etapa, toca) = self.next(today);
        let wanted = self.indicated(toca).filter(|_| matches!(etapa, Etapa::EnSerie { .. } | Etapa::Completa { .. }));
        let sin_fecha = self.nacimiento.is_none() && self.serie.is_empty() && self.no_cuentan.is_empty();
        let (toca, por_indicacion) = (wanted.unwrap_or(toca), wanted.is_some());
        Estado { etapa, toca, cuentan: self.serie, no_cuentan: self.no_cuentan, por_indicacion, sin_fecha }
    }

    fn next(&self, today: Date) -> (Etapa, Date) {
        let Some(last) = self.serie.last() else {
            let first = self.nacimiento.map(|birth| birth.days_later(7 * self.pauta.primera_semanas));
            // A dose that was too early is followed by the next one in time, not by one at once.
            let after = self.no_cuentan.last().map(|dose| dose.fecha.days_later(self.pauta.intervalo_dias));
            return (Etapa::SinEmpezar, first.max(after).unwrap_or(today));
        };
        if self.completa {
            let months = if self.refuerzos == 0 { self.pauta.refuerzo_meses } else { self.pauta.revacunacion_meses };
            let etapa = if self.is_lost(today) { Etapa::Caduca } else { Etapa::Completa { refuerzos: self.refuerzos } };
            return (etapa, last.fecha.months_later(months));
        }
        let (given, needed) = (self.serie.len(), self.needed());
        let mut due = last.fecha.days_later(self.pauta.intervalo_dias);
        if given + 1 >= needed
            && let (Some(weeks), Some(birth)) = (self.pauta.last_from(self.began()), self.nacimiento)
        {
            due = due.max(birth.days_later(7 * weeks));
        }
        let lost = self.is_lost(today);
        (if lost { Etapa::Interrumpida } else { Etapa::EnSerie { puestas: given, de: needed.max(given + 1) } }, due)
    }

    /// What the last dose's label or vet wants. A product of several antigens has one date: that of its shortest series says
    /// nothing about an antigen whose own is done.
    fn indicated(&self, planned: Date) -> Option<Date> {
        let last = self.serie.last()?;
        let wanted = last.proxima.filter(|wanted| *wanted != planned)?;
        let (own, given) = (planned.days_since(last.fecha), wanted.days_since(last.fecha));
        (given > 0 && 2 * given >= own).then_some(wanted)
    }
}
