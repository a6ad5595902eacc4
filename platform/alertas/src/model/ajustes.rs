//! Whether and when a chain writes.
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Time, tz::TimeZone};
use kernel::{FieldError, text, version::HasVersion};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Qué correos se envían a los tutores, y cuándo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DatosAjustesCorreos)]
pub struct DatosAjustes {
    /// Si se escribe al tutor cuando una cita se reserva, se mueve o se anula.
    #[serde(default)]
    pub confirmaciones: bool,
    /// Si se le recuerda la cita.
    #[serde(default)]
    pub recordatorios: bool,
    /// Cuántas horas antes de la cita.
    #[serde(default = "horas")]
    #[schema(minimum = 1, maximum = 168)]
    pub recordatorio_horas: i32,
    /// Desde qué hora, en la zona de la sede, no salen recordatorios; los de esas horas salen una hora antes.
    #[serde(default = "noche")]
    #[schema(format = "hora", example = "21:00")]
    pub silencio_desde: String,
    /// Hasta qué hora. Igual a `silencio_desde`: salen a toda hora.
    #[serde(default = "manana")]
    #[schema(format = "hora", example = "08:00")]
    pub silencio_hasta: String,
    /// Quién escribe; ausente, el nombre de la cadena.
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub remitente: Option<String>,
    /// Adónde llega lo que el tutor responde.
    #[schema(max_length = 254, format = "correo")]
    pub responder_a: Option<String>,
    /// A qué correo va cada día el último sello de la auditoría; ausente, a ninguno. Conviene uno que no administre quien administra
    /// el servidor: con lo que guarde se comprueba que nadie rehízo la auditoría ni le cortó el final.
    #[schema(max_length = 254, format = "correo")]
    pub anclas_a: Option<String>,
    /// Por dónde se llega a los tutores, en este orden: si por uno no se puede o falla, por el siguiente. Un tutor puede preferir otro.
    #[serde(default = "por_correo")]
    #[schema(min_items = 1, max_items = 3, inline)]
    pub canales: Vec<Medio>,
}

fn por_correo() -> Vec<Medio> {
    vec![Medio::Correo]
}
fn horas() -> i32 {
    24
}
fn noche() -> String {
    "21:00".into()
}
fn manana() -> String {
    "08:00".into()
}

/// What a chain has that set nothing: it does not write until it says so.
impl Default for DatosAjustes {
    fn default() -> Self {
        Self {
            confirmaciones: false,
            recordatorios: false,
            recordatorio_horas: horas(),
            silencio_desde: noche(),
            silencio_hasta: manana(),
            remitente: None,
            responder_a: None,
            anclas_a: None,
            canales: por_correo(),
        }
    }
}

/// What is wrong with an order of channels.
pub fn repetidos(pointer: &'static str, canales: &[Medio]) -> Option<FieldError> {
    let twice = canales.iter().enumerate().any(|(index, medio)| canales[..index].contains(medio));
    twice.then(|| FieldError::new(pointer, "tiene uno repetido"))
}

/// `None` of what is no hour of the day.
fn time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok()
}

impl DatosAjustes {
    /// What the schema cannot say, and everything in the one form in which it is kept.
    pub fn check(mut self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        for (pointer, hour) in [("/silencio_desde", &self.silencio_desde), ("/silencio_hasta", &self.silencio_hasta)] {
            if time(hour).is_none() {
                errors.push(FieldError::new(pointer, "debe ser una hora como 21:00"));
            }
        }
        errors.extend(repetidos("/canales", &self.canales));
        self.responder_a = self.responder_a.as_deref().map(text::email);
        self.anclas_a = self.anclas_a.as_deref().map(text::email);
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
    /// From when to when no reminder leaves.
    pub fn silencio(&self) -> (Time, Time) {
        (time(&self.silencio_desde).unwrap_or_default(), time(&self.silencio_hasta).unwrap_or_default())
    }
}

/// Los ajustes de los correos de una cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AjustesCorreos)]
pub struct Ajustes {
    #[serde(flatten)]
    pub datos: DatosAjustes,
    pub version: i32,
}

impl HasVersion for Ajustes {
    fn version(&self) -> i32 {
        self.version
    }
}

/// A reminder of these hours leaves so long before them.
const MARGEN: SignedDuration = SignedDuration::from_hours(1);

impl DatosAjustes {
    /// Whether no reminder leaves at this time of the day.
    pub fn en_silencio(&self, time: Time) -> bool {
        let (desde, hasta) = self.silencio();
        if desde <= hasta { desde <= time && time < hasta } else { desde <= time || time < hasta }
    }

    /// Up to which start appointments are due for their reminder now; `None` in hours of silence. In the hour before
    /// them, all that would be due in them is.
    pub fn recordar_hasta(&self, now: Timestamp, zona: &TimeZone) -> Option<Timestamp> {
        let ahead = SignedDuration::from_hours(self.recordatorio_horas.into());
        let (civil, (desde, hasta)) = (zona.to_datetime(now), self.silencio());
        if self.en_silencio(civil.time()) {
            return None;
        }
        let begins = civil.date().to_datetime(desde);
        let begins = if begins < civil { begins.checked_add(1.day()).ok()? } else { begins };
        if desde == hasta || zona.to_timestamp(begins).ok()?.duration_since(now) > MARGEN {
            return Some(now + ahead);
        }
        let ends = begins.date().to_datetime(hasta);
        let ends = if hasta < desde { ends.checked_add(1.day()).ok()? } else { ends };
        Some(zona.to_timestamp(ends).ok()? + ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // At that civil time in Lima: reminders of appointments up to which civil time are due.
    #[rstest]
    #[case::by_day("2026-03-02T10:00", Some("2026-03-03T10:00"))]
    #[case::just_after_silence("2026-03-02T08:00", Some("2026-03-03T08:00"))]
    #[case::an_hour_before_silence("2026-03-02T20:00", Some("2026-03-04T08:00"))]
    #[case::just_before_silence("2026-03-02T20:59", Some("2026-03-04T08:00"))]
    #[case::in_silence("2026-03-02T21:00", None)]
    #[case::after_midnight("2026-03-02T03:00", None)]
    fn reminders_of_the_night_leave_the_evening_before(#[case] now: &str, #[case] until: Option<&str>) {
        let lima = TimeZone::get("America/Lima").expect("a zone");
        let at = |text: &str| lima.to_timestamp(format!("{text}:00").parse().expect("a time")).expect("a time");
        assert_eq!(DatosAjustes::default().recordar_hasta(at(now), &lima), until.map(at));
    }

    /// However often it is looked, it never goes back, and every start is due at some time of the day before.
    #[test]
    fn what_is_due_only_grows() {
        let datos = DatosAjustes {
            silencio_desde: "13:00".into(),
            silencio_hasta: "15:30".into(),
            recordatorio_horas: 3,
            ..DatosAjustes::default()
        };
        for (datos, zona) in
            [(DatosAjustes::default(), "America/Lima"), (DatosAjustes::default(), "America/Santiago"), (datos, "America/Lima")]
        {
            let (zona, first) = (TimeZone::get(zona).expect("a zone"), "2026-04-03T12:00:00Z".parse::<Timestamp>().expect("a time"));
            let mut reached = first;
            for minute in 0..4 * 24 * 60 {
                let now = first + SignedDuration::from_mins(minute);
                let Some(until) = datos.recordar_hasta(now, &zona) else { continue };
                assert!(until >= reached && until > now, "{now}: {until} after {reached}");
                reached = until;
            }
        }
    }

    #[test]
    fn without_silence_they_leave_at_any_hour() {
        let lima = TimeZone::get("America/Lima").expect("a zone");
        let datos = DatosAjustes { silencio_desde: "08:00".into(), ..DatosAjustes::default() };
        for hour in 0..24 {
            let now = "2026-03-02T05:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_hours(hour);
            assert_eq!(datos.recordar_hasta(now, &lima), Some(now + SignedDuration::from_hours(24)));
        }
    }
}
