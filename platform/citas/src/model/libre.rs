//! What events say about time that became free.
use super::Bloqueo;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
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
    /// The hold that had it.
    #[serde(default)]
    pub retencion: Option<CitaId>,
    /// When it is free; at once if missing.
    #[serde(default)]
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
        Self { sede_id, medico_id: Some(medico_id), inicio, fin, retencion: None, en: None }
    }
}

impl From<Bloqueo> for Libre {
    fn from(bloqueo: Bloqueo) -> Self {
        let Bloqueo { sede_id, medico_id, desde, hasta, .. } = bloqueo;
        Self { sede_id, medico_id, inicio: desde, fin: hasta, retencion: None, en: None }
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

    /// The end of a hold is waited for once; one that was put off, once more.
    pub fn clave(&self) -> Option<String> {
        self.retencion.zip(self.en).map(|(id, en)| format!("{id} {en}"))
    }

    /// What an event leaves free; `None` if nothing.
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
            _ => None,
        }
    }
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
