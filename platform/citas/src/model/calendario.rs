//! Calendars that other programs subscribe to, and their text (RFC 5545).
use super::{Cita, Estado};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{
    FieldError,
    ids::{CalendarioId, CitaId, SedeId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often programs are asked to look again. Some keep to it; Google and Outlook take hours.
const REFRESH: &str = "PT15M";

/// Una agenda a la que otro programa puede suscribirse, de solo lectura.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Calendario {
    pub id: CalendarioId,
    /// Ausente: todas las sedes del médico.
    pub sede_id: Option<SedeId>,
    /// Ausente: toda la sede.
    pub medico_id: Option<UsuarioId>,
    pub creado_por: UsuarioId,
    pub creado_en: Timestamp,
    /// Última lectura, con precisión de una hora.
    pub usado_en: Option<Timestamp>,
    pub revocado_en: Option<Timestamp>,
}

/// De quién es el calendario: de una sede, de un médico, o de un médico en una sede.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoCalendario {
    pub sede_id: Option<SedeId>,
    pub medico_id: Option<UsuarioId>,
}

impl NuevoCalendario {
    pub fn check(&self) -> Vec<FieldError> {
        let nobody = self.sede_id.is_none() && self.medico_id.is_none();
        nobody.then(|| FieldError::new("/sede_id", "indique sede_id, medico_id o ambos")).into_iter().collect()
    }
}

/// Un calendario recién creado, con su dirección.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalendarioCreado {
    #[serde(flatten)]
    pub calendario: Calendario,
    /// Dirección en este servidor. Se muestra esta única vez: quien la tiene ve las horas ocupadas. Ausente al repetir la solicitud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruta: Option<String>,
}

impl HasVersion for CalendarioCreado {
    fn version(&self) -> i32 {
        1
    }
}

/// An appointment as others may see it.
#[derive(Debug, Clone)]
pub struct EnCalendario {
    pub id: CitaId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub estado: Estado,
    pub version: i32,
    pub actualizado_en: Timestamp,
    pub sede: String,
    pub ambiente: Option<String>,
    /// Of the pet's name.
    pub inicial: String,
}

/// An appointment on its way to its owner's own calendar: when, where and whose, nothing of what for.
#[derive(Debug, Clone)]
pub struct Invitacion<'a> {
    pub id: CitaId,
    pub version: i32,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub anulada: bool,
    /// When this is said.
    pub en: Timestamp,
    pub mascota: &'a str,
    pub lugar: &'a str,
    /// Who invites: name and address.
    pub cadena: &'a str,
    pub organizador: &'a str,
    /// Address of who is invited.
    pub invitado: &'a str,
    /// The page where it is answered, as long as it can be.
    pub enlace: Option<&'a str>,
}

/// Instants in UTC: right in every zone, whatever the reader knows of ours.
fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Without line breaks: a name must not begin a line of its own.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

impl EnCalendario {
    fn event(&self) -> Event {
        let status = if self.estado == Estado::Programada { EventStatus::Tentative } else { EventStatus::Confirmed };
        let place = self.ambiente.iter().map(String::as_str).chain([self.sede.as_str()]).collect::<Vec<_>>().join(", ");
        known(self.id, self.version)
            .status(status)
            .summary(&format!("Cita {}.", plain(&self.inicial)))
            .location(&plain(&place))
            .add_property("DTSTAMP", utc(self.actualizado_en))
            .add_property("LAST-MODIFIED", utc(self.actualizado_en))
            .add_property("DTSTART", utc(self.inicio))
            .add_property("DTEND", utc(self.fin))
            .done()
    }
}

/// What the same appointment is in every calendar, and which change of it this is: the same UID for ever, and a higher
/// SEQUENCE after each change.
fn known(id: CitaId, version: i32) -> Event {
    Event::new().uid(&format!("{id}@huella")).sequence(version.saturating_sub(1).max(0).unsigned_abs()).done()
}

/// A name as the value of a parameter: without what would end it.
fn parameter(name: &str) -> String {
    plain(name).chars().filter(|letter| !['"', ';', ':', ','].contains(letter)).collect()
}

impl Invitacion<'_> {
    /// `REQUEST`, or `CANCEL` of what was cancelled.
    pub fn metodo(&self) -> &'static str {
        if self.anulada { "CANCEL" } else { "REQUEST" }
    }

    /// As text (RFC 5546). Answers go through the page behind the link, so none is asked for by mail.
    pub fn en_texto(&self) -> String {
        let mut attendee = Property::new("ATTENDEE", format!("mailto:{}", plain(self.invitado)));
        attendee.add_parameter("ROLE", "REQ-PARTICIPANT").add_parameter("PARTSTAT", "NEEDS-ACTION").add_parameter("RSVP", "FALSE");
        let mut organizer = Property::new("ORGANIZER", format!("mailto:{}", plain(self.organizador)));
        organizer.add_parameter("CN", &parameter(self.cadena));
        let mut event = known(self.id, self.version);
        event
            .status(if self.anulada { EventStatus::Cancelled } else { EventStatus::Confirmed })
            .summary(&format!("Cita de {}", plain(self.mascota)))
            .location(&plain(self.lugar))
            .add_property("DTSTAMP", utc(self.en))
            .add_property("DTSTART", utc(self.inicio))
            .add_property("DTEND", utc(self.fin))
            .append_property(organizer.done())
            .append_property(attendee.done());
        if let Some(enlace) = self.enlace {
            event.add_property("URL", enlace);
        }
        let mut calendar = empty(self.metodo());
        calendar.push(event.done());
        calendar.to_string()
    }
}

/// An appointment that its owner takes along: nobody is invited, and nothing of what for.
pub fn propia(cita: &Cita, en: Timestamp, resumen: &str, lugar: &str, enlace: &str) -> String {
    let mut event = known(cita.id, cita.version);
    event
        .status(EventStatus::Confirmed)
        .summary(&plain(resumen))
        .location(&plain(lugar))
        .description(&plain(&format!("Para verla o anularla: {enlace}")))
        .add_property("DTSTAMP", utc(en))
        .add_property("DTSTART", utc(cita.inicio))
        .add_property("DTEND", utc(cita.fin));
    let mut calendar = empty("PUBLISH");
    calendar.push(event.done());
    calendar.to_string()
}

fn empty(method: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//Huella//Agenda//ES"));
    calendar.append_property(Property::new("METHOD", method));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar
}

/// The whole calendar as text.
pub fn en_texto(nombre: &str, citas: &[EnCalendario]) -> String {
    let mut calendar = empty("PUBLISH");
    calendar.name(&plain(nombre));
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    calendar.extend(citas.iter().map(EnCalendario::event));
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn cita() -> EnCalendario {
        EnCalendario {
            id: CitaId(uuid::Uuid::from_u128(7)),
            inicio: "2026-11-30T23:45:00-05:00".parse().expect("a time"),
            fin: "2026-12-01T00:15:00-05:00".parse().expect("a time"),
            estado: Estado::Confirmada,
            version: 3,
            actualizado_en: "2026-11-25T10:00:00Z".parse().expect("a time"),
            sede: "Lima; Miraflores, norte".into(),
            ambiente: Some("Consultorio 1".into()),
            inicial: "F".into(),
        }
    }

    fn lines(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_appointment_is_an_event_in_utc_with_a_uid_that_stays() {
        let text = en_texto("Dr. Soto", &[cita()]);
        let lines = lines(&text);
        for expected in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:PUBLISH",
            "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
            "UID:00000000-0000-0000-0000-000000000007@huella",
            "SEQUENCE:2",
            "STATUS:CONFIRMED",
            "DTSTAMP:20261125T100000Z",
            "DTSTART:20261201T044500Z",
            "DTEND:20261201T051500Z",
            r"LOCATION:Consultorio 1\, Lima\; Miraflores\, norte",
            "END:VCALENDAR",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected} in {text}");
        }
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    }

    #[test]
    fn an_invitation_is_the_same_event_and_says_nothing_more() {
        let cita = cita();
        let mut invitation = Invitacion {
            id: cita.id,
            version: cita.version,
            inicio: cita.inicio,
            fin: cita.fin,
            anulada: false,
            en: cita.actualizado_en,
            mascota: "Luna\r\nATTENDEE:mailto:x@example.pe",
            lugar: "Andina Lima, Lima",
            cadena: "Andina: \"la; mejor\"\r\nX-A:1",
            organizador: "citas@andina.example.pe",
            invitado: "rosa@example.pe",
            enlace: Some("https://huella.example/c"),
        };
        let request = lines(&invitation.en_texto());
        for expected in [
            "METHOD:REQUEST",
            "UID:00000000-0000-0000-0000-000000000007@huella",
            "SEQUENCE:2",
            "STATUS:CONFIRMED",
            "DTSTART:20261201T044500Z",
            "DTEND:20261201T051500Z",
            "URL:https://huella.example/c",
        ] {
            assert!(request.iter().any(|line| line == expected), "{expected} in {request:#?}");
        }
        let attendees: Vec<&String> = request.iter().filter(|line| line.starts_with("ATTENDEE")).collect();
        assert!(attendees.len() == 1 && attendees[0].ends_with(":mailto:rosa@example.pe"), "{attendees:?}");
        let organizer: Vec<&String> = request.iter().filter(|line| line.starts_with("ORGANIZER")).collect();
        assert_eq!(organizer, ["ORGANIZER;CN=Andina la mejor  X-A1:mailto:citas@andina.example.pe"]);
        (invitation.anulada, invitation.version) = (true, 4);
        let cancel = lines(&invitation.en_texto());
        for expected in ["METHOD:CANCEL", "UID:00000000-0000-0000-0000-000000000007@huella", "SEQUENCE:3", "STATUS:CANCELLED"] {
            assert!(cancel.iter().any(|line| line == expected), "{expected} in {cancel:#?}");
        }
    }

    #[rstest]
    #[case::not_yet_confirmed(Estado::Programada, "STATUS:TENTATIVE")]
    #[case::arrived(Estado::EnEspera, "STATUS:CONFIRMED")]
    fn only_what_was_confirmed_is_sure(#[case] estado: Estado, #[case] expected: &str) {
        let text = en_texto("", &[EnCalendario { estado, ..cita() }]);
        assert!(lines(&text).iter().any(|line| line == expected), "{text}");
    }

    /// A name cannot put a line of its own into somebody's calendar.
    #[test]
    fn names_cannot_forge_lines() {
        let text = en_texto("Sede\r\nMETHOD:CANCEL", &[EnCalendario { sede: "A\r\nATTENDEE:mailto:x@example.pe".into(), ..cita() }]);
        let forged = |line: &String| line.starts_with("ATTENDEE") || line == "METHOD:CANCEL";
        assert!(!lines(&text).iter().any(forged), "{text}");
    }
}
