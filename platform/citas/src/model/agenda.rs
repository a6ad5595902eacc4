//! When a sede and its vets work: weekly plan, shifts, dated exceptions, holidays, blocked periods, in the civil time of the sede.
use super::Slot;
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::ids::{SedeId, TurnoId, UsuarioId};
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

/// 24:00, the end of a day: a civil time cannot say it, and PostgreSQL keeps microseconds.
pub const FIN_DEL_DIA: Time = Time::constant(23, 59, 59, 999_999_000);

/// A stretch of one day, end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Tramo {
    pub desde: Time,
    pub hasta: Time,
}

impl Tramo {
    fn intersect(self, other: Tramo) -> Option<Tramo> {
        let both = Tramo { desde: self.desde.max(other.desde), hasta: self.hasta.min(other.hasta) };
        (both.desde < both.hasta).then_some(both)
    }
    /// What is left of `self` without `cut`.
    fn minus(self, cut: Tramo) -> impl Iterator<Item = Tramo> {
        let before = Tramo { desde: self.desde, hasta: self.hasta.min(cut.desde) };
        let after = Tramo { desde: self.desde.max(cut.hasta), hasta: self.hasta };
        [before, after].into_iter().filter(|tramo| tramo.desde < tramo.hasta)
    }
}

/// A stretch of every week; `dia` 1 = Monday … 7 = Sunday.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct TramoSemanal {
    pub dia: i8,
    #[serde(flatten)]
    pub tramo: Tramo,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct TramoMedico {
    pub medico_id: UsuarioId,
    #[serde(flatten)]
    pub semanal: TramoSemanal,
}

/// A dated exception: of the sede, or of one vet in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Excepcion {
    pub medico_id: Option<UsuarioId>,
    pub fecha: Date,
    /// `true`: these hours instead of the weekly ones. `false`: not between these hours (none = all day).
    pub abierto: bool,
    pub desde: Option<Time>,
    pub hasta: Option<Time>,
}

impl Excepcion {
    fn tramo(&self) -> Tramo {
        Tramo { desde: self.desde.unwrap_or(Time::MIN), hasta: self.hasta.unwrap_or(FIN_DEL_DIA) }
    }
}

/// A shift that a vet works from one day to another: its hours count there instead of the weekly plan.
#[derive(Debug, Clone, Deserialize)]
pub struct TurnoDeMedico {
    pub medico_id: UsuarioId,
    pub turno_id: TurnoId,
    pub desde: Date,
    pub hasta: Date,
    pub tramos: Vec<TramoSemanal>,
}

/// A blocked period: of a vet, of a room or piece of equipment, or of the whole sede.
#[derive(Debug, Clone, Deserialize)]
pub struct Bloqueado {
    pub medico_id: Option<UsuarioId>,
    pub recurso_id: Option<Uuid>,
    pub desde: Timestamp,
    pub hasta: Timestamp,
}

impl Bloqueado {
    fn toca(&self, desde: Timestamp, hasta: Timestamp) -> bool {
        self.desde < hasta && self.hasta > desde
    }
}

/// All that decides when one sede and its vets work, for some range of days.
#[derive(Debug, Clone)]
pub struct Agenda {
    pub sede_id: SedeId,
    pub zona: TimeZone,
    pub atiende_feriados: bool,
    pub horarios: Vec<TramoSemanal>,
    pub planes: Vec<TramoMedico>,
    pub excepciones: Vec<Excepcion>,
    pub feriados: Vec<Date>,
    pub turnos: Vec<TurnoDeMedico>,
    pub bloqueos: Vec<Bloqueado>,
}

impl Agenda {
    pub fn feriado(&self, fecha: Date) -> bool {
        !self.atiende_feriados && self.feriados.contains(&fecha) && !self.abre_por_excepcion(fecha)
    }

    fn abre_por_excepcion(&self, fecha: Date) -> bool {
        self.excepciones.iter().any(|e| e.medico_id.is_none() && e.fecha == fecha && e.abierto)
    }

    /// When the sede is open on a day.
    pub fn horas_sede(&self, fecha: Date) -> Vec<Tramo> {
        if self.feriado(fecha) { Vec::new() } else { self.horas(fecha, None) }
    }

    /// The shifts that a vet works on a day.
    pub fn turnos_de(&self, medico: UsuarioId, fecha: Date) -> impl Iterator<Item = &TurnoDeMedico> {
        self.turnos.iter().filter(move |turno| turno.medico_id == medico && turno.desde <= fecha && fecha <= turno.hasta)
    }

    /// When a vet works in the sede on a day: the vet's own hours inside the sede's.
    pub fn horas_medico(&self, medico: UsuarioId, fecha: Date) -> Vec<Tramo> {
        let propias = self.horas(fecha, Some(medico));
        let sede = self.horas_sede(fecha);
        let mut horas: Vec<Tramo> = propias.iter().flat_map(|own| sede.iter().filter_map(|open| own.intersect(*open))).collect();
        horas.sort_unstable();
        horas
    }

    /// The week's hours on a day: the sede's, or a vet's shifts, else the vet's weekly plan.
    fn semanales(&self, fecha: Date, de: Option<UsuarioId>) -> Vec<Tramo> {
        let dia = fecha.weekday().to_monday_one_offset();
        let Some(medico) = de else {
            return self.horarios.iter().filter(|t| t.dia == dia).map(|t| t.tramo).collect();
        };
        let por_turno: Vec<&TurnoDeMedico> = self.turnos_de(medico, fecha).collect();
        if por_turno.is_empty() {
            self.planes.iter().filter(|p| p.medico_id == medico && p.semanal.dia == dia).map(|p| p.semanal.tramo).collect()
        } else {
            por_turno.iter().flat_map(|turno| &turno.tramos).filter(|t| t.dia == dia).map(|t| t.tramo).collect()
        }
    }

    /// The week's hours with the exceptions of that day, whatever is blocked in them.
    pub(super) fn previstas(&self, fecha: Date, de: Option<UsuarioId>) -> Vec<Tramo> {
        let hoy = || self.excepciones.iter().filter(|e| e.fecha == fecha && e.medico_id == de);
        let especiales: Vec<Tramo> = hoy().filter(|e| e.abierto).map(Excepcion::tramo).collect();
        let mut horas = if especiales.is_empty() { self.semanales(fecha, de) } else { especiales };
        for cierre in hoy().filter(|e| !e.abierto) {
            horas = horas.into_iter().flat_map(|tramo| tramo.minus(cierre.tramo())).collect();
        }
        horas.sort_unstable();
        merge(horas)
    }

    /// The same without what is blocked.
    fn horas(&self, fecha: Date, de: Option<UsuarioId>) -> Vec<Tramo> {
        let mut horas = self.previstas(fecha, de);
        for bloqueado in self.bloqueos.iter().filter(|b| b.recurso_id.is_none() && b.medico_id == de) {
            if let Some(cut) = self.en_el_dia(bloqueado, fecha) {
                horas = horas.into_iter().flat_map(|tramo| tramo.minus(cut)).collect();
            }
        }
        horas
    }

    /// The part of a blocked period that lies in a day.
    fn en_el_dia(&self, bloqueado: &Bloqueado, fecha: Date) -> Option<Tramo> {
        let (desde, hasta) = (self.zona.to_datetime(bloqueado.desde), self.zona.to_datetime(bloqueado.hasta));
        let tramo = Tramo {
            desde: if desde.date() < fecha { Time::MIN } else { desde.time() },
            hasta: if hasta.date() > fecha { FIN_DEL_DIA } else { hasta.time() },
        };
        (desde.date() <= fecha && fecha <= hasta.date() && tramo.desde < tramo.hasta).then_some(tramo)
    }

    /// Whether a time touches a blocked period of the sede, or of this vet in it.
    pub fn bloqueada(&self, inicio: Timestamp, fin: Timestamp, de: Option<UsuarioId>) -> bool {
        self.bloqueos.iter().any(|b| b.recurso_id.is_none() && b.medico_id == de && b.toca(inicio, fin))
    }

    /// Rooms and equipment that are blocked at some moment of a slot, with its buffers.
    pub fn bloqueados(&self, slot: &Slot) -> HashSet<Uuid> {
        self.bloqueos.iter().filter(|b| b.toca(slot.desde, slot.hasta)).filter_map(|b| b.recurso_id).collect()
    }

    /// The day of an instant in the sede's zone.
    pub fn fecha(&self, en: Timestamp) -> Date {
        self.zona.to_datetime(en).date()
    }

    /// Whether the stretches of each day cover the whole visit, also across midnight.
    pub(super) fn cubre(&self, tramos: impl Fn(Date) -> Vec<Tramo>, inicio: Timestamp, fin: Timestamp) -> bool {
        let mut covered = inicio;
        for fecha in self.fecha(inicio).series(jiff::Span::new().days(1)).take_while(|fecha| *fecha <= self.fecha(fin)) {
            for tramo in tramos(fecha) {
                let (Ok(desde), Ok(hasta)) = (self.instante(fecha, tramo.desde), self.instante(fecha, tramo.hasta)) else { return false };
                if desde <= covered {
                    covered = covered.max(hasta);
                }
            }
        }
        covered >= fin
    }

    /// Civil time of the sede to an instant. In a zone with daylight saving a time that the clocks skip moves
    /// forward, one that they repeat is the first.
    pub fn instante(&self, fecha: Date, hora: Time) -> Result<Timestamp, jiff::Error> {
        let civil = if hora >= FIN_DEL_DIA { fecha.tomorrow()?.to_datetime(Time::midnight()) } else { fecha.to_datetime(hora) };
        self.zona.to_timestamp(civil)
    }

    pub fn trabaja(&self, medico: UsuarioId, inicio: Timestamp, fin: Timestamp) -> bool {
        self.cubre(|fecha| self.horas_medico(medico, fecha), inicio, fin)
    }

    /// The vets with a plan or a shift in this sede, in no particular order, each once.
    pub fn medicos(&self) -> Vec<UsuarioId> {
        let excepcionales = self.excepciones.iter().filter(|e| e.abierto).filter_map(|e| e.medico_id);
        let mut medicos: Vec<UsuarioId> =
            self.planes.iter().map(|p| p.medico_id).chain(excepcionales).chain(self.turnos.iter().map(|t| t.medico_id)).collect();
        medicos.sort_unstable();
        medicos.dedup();
        medicos
    }
}

/// Stretches that touch or overlap become one, so that a visit may span 10:00–13:00 and 13:00–15:00.
fn merge(sorted: Vec<Tramo>) -> Vec<Tramo> {
    let mut merged: Vec<Tramo> = Vec::with_capacity(sorted.len());
    for tramo in sorted {
        match merged.last_mut() {
            Some(last) if tramo.desde <= last.hasta => last.hasta = last.hasta.max(tramo.hasta),
            _ => merged.push(tramo),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Impedimento;
    use jiff::civil::{date, time};
    use rstest::rstest;

    fn tramo(desde: i8, hasta: i8) -> Tramo {
        Tramo { desde: time(desde, 0, 0, 0), hasta: time(hasta, 0, 0, 0) }
    }

    /// Monday to Friday 9–13 and 13–18; the vet on Mondays 10–17.
    fn agenda(medico: UsuarioId) -> Agenda {
        let horarios = (1..=5).flat_map(|dia| [TramoSemanal { dia, tramo: tramo(9, 13) }, TramoSemanal { dia, tramo: tramo(13, 18) }]);
        Agenda {
            sede_id: SedeId::new(),
            zona: TimeZone::get("America/Lima").expect("known zone"),
            atiende_feriados: false,
            horarios: horarios.collect(),
            planes: vec![TramoMedico { medico_id: medico, semanal: TramoSemanal { dia: 1, tramo: tramo(10, 17) } }],
            excepciones: Vec::new(),
            feriados: vec![date(2026, 12, 8)],
            turnos: Vec::new(),
            bloqueos: Vec::new(),
        }
    }

    fn lima(text: &str) -> Timestamp {
        format!("{text}-05:00").parse().expect("a time in Lima")
    }

    #[rstest]
    #[case("2026-11-23T10:00:00", "2026-11-23T10:30:00", true)] // Monday, inside
    #[case("2026-11-23T12:30:00", "2026-11-23T13:30:00", true)] // across two stretches that touch
    #[case("2026-11-23T09:30:00", "2026-11-23T10:30:00", false)] // before the vet comes
    #[case("2026-11-23T16:45:00", "2026-11-23T17:15:00", false)] // past the vet's end
    #[case("2026-11-24T10:00:00", "2026-11-24T10:30:00", false)] // Tuesday: no plan
    fn a_visit_fits_the_vets_plan(#[case] inicio: &str, #[case] fin: &str, #[case] fits: bool) {
        let medico = UsuarioId::new();
        assert_eq!(agenda(medico).trabaja(medico, lima(inicio), lima(fin)), fits);
    }

    #[test]
    fn a_holiday_closes_unless_the_sede_opens_that_day() {
        let medico = UsuarioId::new();
        let mut agenda = agenda(medico);
        let (inicio, fin) = (lima("2026-12-08T10:00:00"), lima("2026-12-08T10:30:00"));
        assert_eq!(agenda.contra_la_sede(inicio, fin), [Impedimento::Feriado]);
        let night = (lima("2026-12-08T20:00:00"), lima("2026-12-08T20:30:00"));
        assert_eq!(agenda.contra_la_sede(night.0, night.1), [Impedimento::Feriado, Impedimento::SedeCerrada]);
        assert_eq!(agenda.contra_el_medico(medico, night.0, night.1), [Impedimento::MedicoSinTurno], "though the sede is closed too");
        let especial = Excepcion {
            medico_id: None,
            fecha: date(2026, 12, 8),
            abierto: true,
            desde: Some(time(9, 0, 0, 0)),
            hasta: Some(time(12, 0, 0, 0)),
        };
        agenda.excepciones.push(especial);
        assert!(agenda.contra_la_sede(inicio, fin).is_empty());
        let afternoon = (lima("2026-12-08T12:00:00"), lima("2026-12-08T12:30:00"));
        assert_eq!(agenda.contra_la_sede(afternoon.0, afternoon.1), [Impedimento::SedeCerrada]);
    }

    #[test]
    fn an_absence_cuts_a_hole() {
        let medico = UsuarioId::new();
        let mut agenda = agenda(medico);
        let ausente = Excepcion {
            medico_id: Some(medico),
            fecha: date(2026, 11, 23),
            abierto: false,
            desde: Some(time(12, 0, 0, 0)),
            hasta: Some(time(14, 0, 0, 0)),
        };
        agenda.excepciones.push(ausente);
        assert_eq!(agenda.horas_medico(medico, date(2026, 11, 23)), [tramo(10, 12), tramo(14, 17)]);
        assert_eq!(agenda.horas_medico(medico, date(2026, 11, 30)), [tramo(10, 17)]);
    }

    #[test]
    fn on_the_dates_of_a_shift_the_weekly_plan_does_not_count() {
        let medico = UsuarioId::new();
        let mut agenda = agenda(medico);
        let tarde = TurnoDeMedico {
            medico_id: medico,
            turno_id: TurnoId::new(),
            desde: date(2026, 11, 23),
            hasta: date(2026, 11, 29),
            tramos: vec![TramoSemanal { dia: 2, tramo: tramo(14, 20) }],
        };
        agenda.turnos.push(tarde);
        let horas = |agenda: &Agenda, dia| agenda.horas_medico(medico, date(2026, 11, dia));
        assert_eq!((horas(&agenda, 23), horas(&agenda, 24), horas(&agenda, 30)), (vec![], vec![tramo(14, 18)], vec![tramo(10, 17)]));
        agenda.turnos.push(TurnoDeMedico { tramos: vec![TramoSemanal { dia: 2, tramo: tramo(9, 10) }], ..agenda.turnos[0].clone() });
        assert_eq!(horas(&agenda, 24), [tramo(9, 10), tramo(14, 18)]);
    }

    #[rstest]
    #[case(None, &[Impedimento::SedeBloqueada], &[])]
    #[case(Some(()), &[], &[Impedimento::MedicoBloqueado])]
    fn a_block_cuts_the_hours_of_the_sede_or_of_one_vet(
        #[case] of_vet: Option<()>,
        #[case] sede: &[Impedimento],
        #[case] vet: &[Impedimento],
    ) {
        let medico = UsuarioId::new();
        let mut agenda = agenda(medico);
        // From Sunday night until Monday noon.
        let (desde, hasta) = (lima("2026-11-22T22:00:00"), lima("2026-11-23T12:00:00"));
        agenda.bloqueos.push(Bloqueado { medico_id: of_vet.map(|()| medico), recurso_id: None, desde, hasta });
        let (inicio, fin) = (lima("2026-11-23T11:45:00"), lima("2026-11-23T12:15:00"));
        assert_eq!((agenda.contra_la_sede(inicio, fin).as_slice(), agenda.contra_el_medico(medico, inicio, fin).as_slice()), (sede, vet));
        assert!(!agenda.trabaja(medico, inicio, fin));
        assert_eq!(agenda.horas_medico(medico, date(2026, 11, 23)), [tramo(12, 17)]);
        assert!(agenda.trabaja(medico, lima("2026-11-23T12:00:00"), lima("2026-11-23T12:30:00")));
    }

    #[test]
    fn the_day_is_the_sedes_day() {
        let medico = UsuarioId::new();
        // 02:00 UTC on Tuesday is still Monday evening in Lima.
        assert_eq!(agenda(medico).fecha("2026-11-24T02:00:00Z".parse().expect("utc")), date(2026, 11, 23));
    }

    proptest::proptest! {
        #[test]
        fn cutting_never_leaves_the_cut_part(a in 0i8..23, b in 0i8..23, c in 0i8..23, d in 0i8..23) {
            let (whole, cut) = (tramo(a.min(b), a.max(b) + 1), tramo(c.min(d), c.max(d) + 1));
            for left in whole.minus(cut) {
                proptest::prop_assert!(left.intersect(cut).is_none());
                proptest::prop_assert_eq!(left.intersect(whole), Some(left));
            }
        }
    }
}
