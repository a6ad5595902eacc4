//! What events say about time that became free.
use super::{Bloqueo, FIN_DEL_DIA, HorarioSede};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::ids::{CitaId, SedeId, UsuarioId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where an appointment was before it moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Antes {
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
}

impl Antes {
    pub fn toca(&self, inicio: Timestamp, fin: Timestamp) -> bool {
        inicio < self.fin && fin > self.inicio
    }
}

/// Time in a sede that is free, or will be when a hold is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Libre {
    pub sede_id: SedeId,
    /// Missing: of every vet there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medico_id: Option<UsuarioId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Between them, these hours of the week; all hours if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub semana: Vec<HorarioSede>,
    /// The hold that had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retencion: Option<CitaId>,
    /// When it is free; at once if missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Retenida {
    id: CitaId,
    retenida_hasta: Timestamp,
}

impl From<Antes> for Libre {
    fn from(antes: Antes) -> Self {
        let Antes { sede_id, medico_id, inicio, fin } = antes;
        Self { sede_id, medico_id: Some(medico_id), inicio, fin, semana: Vec::new(), retencion: None, en: None }
    }
}

impl From<Bloqueo> for Libre {
    fn from(bloqueo: Bloqueo) -> Self {
        let Bloqueo { sede_id, medico_id, desde, hasta, .. } = bloqueo;
        Self { sede_id, medico_id, inicio: desde, fin: hasta, semana: Vec::new(), retencion: None, en: None }
    }
}

impl Libre {
    /// The days on which some of it is still to come.
    pub fn dias(&self, now: Timestamp, zona: &TimeZone) -> impl Iterator<Item = Date> + use<> {
        let (first, end) = (zona.to_datetime(self.inicio.max(now)).date(), zona.to_datetime(self.fin));
        first.series(1.day()).take_while(move |fecha| fecha.to_datetime(jiff::civil::Time::midnight()) < end)
    }

    /// What a vet has of it on a day.
    pub fn en_el_dia(&self, medico_id: UsuarioId, fecha: Date, zona: &TimeZone) -> Antes {
        let midnight = |fecha: Date| fecha.to_zoned(zona.clone()).map(|at| at.timestamp());
        let inicio = midnight(fecha).map_or(self.inicio, |begins| begins.max(self.inicio));
        let fin = midnight(fecha.saturating_add(1.day())).map_or(self.fin, |ends| ends.min(self.fin));
        Antes { sede_id: self.sede_id, medico_id, inicio, fin }
    }

    /// The same, in the hours of the week that it names.
    pub fn partes(&self, medico_id: UsuarioId, fecha: Date, zona: &TimeZone) -> Vec<Antes> {
        let all = self.en_el_dia(medico_id, fecha, zona);
        if self.semana.is_empty() {
            return vec![all];
        }
        let dia = i16::from(fecha.weekday().to_monday_one_offset());
        let tramos = self.semana.iter().filter(|tramo| tramo.dia == dia);
        let ends = tramos.filter_map(|tramo| instante(zona, fecha, tramo.desde).zip(instante(zona, fecha, tramo.hasta)));
        let partes = ends.map(|(desde, hasta)| Antes { inicio: desde.max(all.inicio), fin: hasta.min(all.fin), ..all });
        partes.filter(|parte| parte.inicio < parte.fin).collect()
    }

    /// The end of a hold is waited for once; one that was put off, once more.
    pub fn clave(&self) -> Option<String> {
        self.retencion.zip(self.en).map(|(id, en)| format!("{id} {en}"))
    }

    /// All that an event leaves free: a holiday that is taken away opens its day in many sedes.
    pub fn todas(tema: &str, cuerpo: &Value) -> Vec<Self> {
        match tema {
            "feriado.quitado" => cuerpo.get("abre").and_then(|abre| Vec::deserialize(abre).ok()).unwrap_or_default(),
            _ => Self::from_event(tema, cuerpo).into_iter().collect(),
        }
    }

    /// What an event leaves free in one sede; `None` if nothing.
    pub fn from_event(tema: &str, cuerpo: &Value) -> Option<Self> {
        let of = |value: &Value| Antes::deserialize(value).ok().map(Self::from);
        match tema {
            "cita.anulada" => of(cuerpo),
            "cita.cambiada" if cuerpo["estado"] == "no_asistio" => of(cuerpo),
            "cita.cambiada" => of(cuerpo.get("antes")?),
            "bloqueo.quitado" => Bloqueo::deserialize(cuerpo).ok().map(Self::from),
            "cita.retenida" | "cita.soltada" => {
                let held = Retenida::deserialize(cuerpo).ok()?;
                let en = (tema == "cita.retenida").then_some(held.retenida_hasta);
                Some(Self { retencion: Some(held.id), en, ..of(cuerpo)? })
            }
            "excepcion.creada" | "excepcion.quitada" | "horario.cambiado" | "plan.cambiado" | "turno.asignado" | "turno.cambiado"
            | "turno.quitado" => Self::deserialize(cuerpo.get("abre")?).ok(),
            _ => None,
        }
    }
}

/// Civil time of a zone as an instant, the end of a day as the next midnight; `None` outside of the calendar.
pub fn instante(zona: &TimeZone, fecha: Date, hora: Time) -> Option<Timestamp> {
    let civil = if hora >= FIN_DEL_DIA { fecha.tomorrow().ok()?.to_datetime(Time::midnight()) } else { fecha.to_datetime(hora) };
    zona.to_timestamp(civil).ok()
}

/// What of new hours was not in the old ones.
pub fn nuevos(antes: &[HorarioSede], ahora: &[HorarioSede]) -> Vec<HorarioSede> {
    let beyond = |tramo: &HorarioSede| {
        let old = antes.iter().filter(|old| old.dia == tramo.dia);
        old.fold(vec![*tramo], |left, old| {
            let parts = left.into_iter().flat_map(|one| {
                [HorarioSede { hasta: one.hasta.min(old.desde), ..one }, HorarioSede { desde: one.desde.max(old.hasta), ..one }]
            });
            parts.filter(|part| part.desde < part.hasta).collect()
        })
    };
    ahora.iter().flat_map(beyond).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place() -> Value {
        json!({ "sede_id": SedeId::new(), "medico_id": UsuarioId::new(), "inicio": "2026-11-23T15:00:00Z", "fin": "2026-11-23T15:30:00Z" })
    }

    #[test]
    fn cancelling_moving_and_not_coming_leave_time_free() {
        let (here, there) = (place(), place());
        let with = |extra: Value| {
            let mut body = here.clone();
            body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            body
        };
        let freed = |tema: &str, body: &Value| {
            let Libre { sede_id, medico_id, inicio, fin, .. } = Libre::from_event(tema, body)?;
            Some(json!({ "sede_id": sede_id, "medico_id": medico_id, "inicio": inicio, "fin": fin }))
        };
        assert_eq!(freed("cita.anulada", &here), Some(here.clone()));
        assert_eq!(freed("cita.cambiada", &with(json!({ "estado": "no_asistio" }))), Some(here.clone()));
        assert_eq!(freed("cita.cambiada", &with(json!({ "estado": "programada", "antes": there }))), Some(there));
        assert_eq!(freed("cita.cambiada", &with(json!({ "estado": "en_espera" }))), None);
        assert_eq!(freed("cita.reservada", &here), None);
    }

    #[test]
    fn a_hold_is_free_when_it_is_over_or_let_go() {
        let id = CitaId::new();
        let mut held = place();
        held["id"] = json!(id);
        held["retenida_hasta"] = json!("2026-11-23T14:08:00Z");
        let of = |tema: &str| Libre::from_event(tema, &held).map(|libre| (libre.retencion, libre.en.map(|en| en.to_string())));
        assert_eq!(of("cita.retenida"), Some((Some(id), Some("2026-11-23T14:08:00Z".into()))));
        assert_eq!(of("cita.soltada"), Some((Some(id), None)));
    }

    fn block(desde: &str, hasta: &str) -> Value {
        json!({ "id": kernel::ids::BloqueoId::new(), "sede_id": SedeId::new(), "desde": desde, "hasta": hasta, "motivo": "Curso", "creado_en": desde })
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        for (tema, body) in [("cita.anulada", place()), ("bloqueo.quitado", block("2026-11-23T15:00:00Z", "2026-11-23T16:00:00Z"))] {
            let libre = Libre::from_event(tema, &body).expect("free");
            assert_eq!(serde_json::from_value::<Libre>(json!(libre)).expect("the same"), libre);
        }
    }

    fn tramo(dia: i16, desde: i8, hasta: i8) -> HorarioSede {
        HorarioSede { dia, desde: jiff::civil::time(desde, 0, 0, 0), hasta: jiff::civil::time(hasta, 0, 0, 0) }
    }

    #[test]
    fn of_new_hours_only_what_was_not_there_is_new() {
        let antes = [tramo(1, 8, 10), tramo(1, 12, 14), tramo(2, 8, 20)];
        let new = nuevos(&antes, &[tramo(1, 7, 15), tramo(2, 9, 12), tramo(3, 8, 9)]);
        assert_eq!(new, [tramo(1, 7, 8), tramo(1, 10, 12), tramo(1, 14, 15), tramo(3, 8, 9)]);
        assert!(nuevos(&antes, &antes).is_empty());
    }

    #[test]
    fn hours_of_the_week_are_free_on_their_days_between_two_moments() {
        let lima = TimeZone::get("America/Lima").expect("known");
        let (inicio, fin) = ("2026-11-23T15:30:00Z".parse().expect("utc"), "2026-12-07T05:00:00Z".parse().expect("utc"));
        let semana = vec![tramo(1, 10, 12), tramo(1, 14, 15)];
        let libre = Libre { sede_id: SedeId::new(), medico_id: None, inicio, fin, semana, retencion: None, en: None };
        let of = |fecha: Date| -> Vec<String> {
            let partes = libre.partes(UsuarioId::new(), fecha, &lima).into_iter();
            partes.map(|Antes { inicio, fin, .. }| format!("{inicio} {fin}")).collect()
        };
        let monday: Date = "2026-11-23".parse().expect("a day");
        assert_eq!(of(monday), ["2026-11-23T15:30:00Z 2026-11-23T17:00:00Z", "2026-11-23T19:00:00Z 2026-11-23T20:00:00Z"]);
        assert!(of(monday.tomorrow().expect("a day")).is_empty());
        let told = json!({ "sede_id": libre.sede_id, "abre": libre });
        assert_eq!(Libre::from_event("plan.cambiado", &told), Some(libre));
        assert_eq!(Libre::from_event("plan.cambiado", &json!({ "tramos": [] })), None);
    }

    #[test]
    fn a_holiday_that_is_taken_away_leaves_its_day_free_in_each_sede() {
        let en = |dia: &str| {
            let (inicio, fin) = (format!("{dia}T05:00:00Z").parse().expect("utc"), format!("{dia}T23:00:00Z").parse().expect("utc"));
            Libre { sede_id: SedeId::new(), medico_id: None, inicio, fin, semana: Vec::new(), retencion: None, en: None }
        };
        let abre = vec![en("2026-12-09"), en("2026-12-10")];
        assert_eq!(Libre::todas("feriado.quitado", &json!({ "fecha": "2026-12-09", "abre": abre })), abre);
        assert!(Libre::todas("feriado.quitado", &json!({ "fecha": "2026-12-09" })).is_empty());
        assert!(Libre::todas("feriado.creado", &json!({ "fecha": "2026-12-09", "abre": abre })).is_empty());
        assert_eq!(Libre::todas("cita.anulada", &place()).len(), 1);
    }

    #[test]
    fn a_block_that_is_taken_away_is_free_day_by_day_from_now_on() {
        let lima = TimeZone::get("America/Lima").expect("known");
        // From Sunday noon to Wednesday midnight in Lima; it is Monday, three in the afternoon.
        let libre = Libre::from_event("bloqueo.quitado", &block("2026-11-22T17:00:00Z", "2026-11-26T05:00:00Z")).expect("free");
        let dias: Vec<Date> = libre.dias("2026-11-23T20:00:00Z".parse().expect("utc"), &lima).collect();
        assert_eq!(dias.iter().map(Date::to_string).collect::<Vec<_>>(), ["2026-11-23", "2026-11-24", "2026-11-25"]);
        let part = |fecha: Date| {
            let Antes { inicio, fin, .. } = libre.en_el_dia(UsuarioId::new(), fecha, &lima);
            (inicio.to_string(), fin.to_string())
        };
        assert_eq!(part(dias[1]), ("2026-11-24T05:00:00Z".into(), "2026-11-25T05:00:00Z".into()));
        assert_eq!(part(dias[0].yesterday().expect("a day")), ("2026-11-22T17:00:00Z".into(), "2026-11-23T05:00:00Z".into()));
    }
}
