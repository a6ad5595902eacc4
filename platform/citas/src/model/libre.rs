//! What events say about time that became free.
use jiff::Timestamp;
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

/// Time of a vet in a sede that is free, or will be when a hold is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Libre {
    #[serde(flatten)]
    pub antes: Antes,
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

impl Libre {
    /// The end of a hold is waited for once; one that was put off, once more.
    pub fn clave(&self) -> Option<String> {
        self.retencion.zip(self.en).map(|(id, en)| format!("{id} {en}"))
    }

    /// What an event leaves free; `None` if nothing.
    pub fn from_event(tema: &str, cuerpo: &Value) -> Option<Self> {
        let of = |value: &Value| Antes::deserialize(value).ok();
        let now = |antes| Self { antes, retencion: None, en: None };
        match tema {
            "cita.anulada" => of(cuerpo).map(now),
            "cita.cambiada" if cuerpo["estado"] == "no_asistio" => of(cuerpo).map(now),
            "cita.cambiada" => of(cuerpo.get("antes")?).map(now),
            "cita.retenida" | "cita.soltada" => {
                let held = Retenida::deserialize(cuerpo).ok()?;
                let en = (tema == "cita.retenida").then_some(held.retenida_hasta);
                Some(Self { antes: of(cuerpo)?, retencion: Some(held.id), en })
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
        let freed = |tema: &str, body: &Value| Libre::from_event(tema, body).map(|libre| json!(libre.antes));
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

    #[test]
    fn what_is_written_down_is_read_again() {
        let libre = Libre::from_event("cita.anulada", &place()).expect("free");
        assert_eq!(serde_json::from_value::<Libre>(json!(libre)).expect("the same"), libre);
    }
}
