//! Who waits for a time, and which one would do.
use super::{Agenda, hora};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use kernel::{
    FieldError, Problem,
    ids::{CitaId, EsperaId, MascotaId, OfertaId, SedeId, ServicioId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A quién se le ofrece primero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Prioridad {
    Urgente,
    Alta,
    #[default]
    Normal,
}

/// Estado de quien espera una hora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EstadoEspera {
    /// Espera.
    Activa,
    /// Tiene una hora ofrecida, que vence.
    Ofrecida,
    /// Tomó una hora ofrecida.
    Cumplida,
    /// Ya no espera.
    Retirada,
    /// Pasó el último de sus días.
    Vencida,
}

/// Qué hora se espera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferencia {
    pub servicio_id: ServicioId,
    /// Cualquiera de estas sedes.
    #[schema(min_items = 1, max_items = 50)]
    pub sedes: Vec<SedeId>,
    /// Ausente: cualquier médico.
    pub medico_id: Option<UsuarioId>,
    /// Primer día que le sirve, en la sede.
    pub desde: Date,
    /// Último día que le sirve.
    pub hasta: Date,
    /// Días de la semana que le sirven, de 1 (lunes) a 7 (domingo); ninguno: todos.
    #[serde(default)]
    #[schema(max_items = 7)]
    pub dias: Vec<i16>,
    /// La atención no empieza antes.
    #[serde(default, with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub hora_desde: Option<Time>,
    /// La atención no termina después.
    #[serde(default, with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub hora_hasta: Option<Time>,
    #[serde(default)]
    pub prioridad: Prioridad,
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub nota: Option<String>,
}

/// Anota a una mascota en la lista de espera.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaEspera {
    pub mascota_id: MascotaId,
    pub preferencia: Preferencia,
}

/// Una hora que quedó libre, retenida para quien la espera.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Ofrecimiento {
    pub id: OfertaId,
    pub sede_id: SedeId,
    /// La retención; será la cita si se acepta.
    pub cita_id: CitaId,
    pub medico_id: UsuarioId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Desde entonces se ofrece a otro.
    pub hasta: Timestamp,
}

/// Una mascota que espera una hora.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Espera {
    pub id: EsperaId,
    pub mascota_id: MascotaId,
    pub mascota: String,
    /// Su propietario.
    pub tutor: Option<String>,
    pub servicio: String,
    pub preferencia: Preferencia,
    pub estado: EstadoEspera,
    pub retirada_motivo: Option<String>,
    /// La hora que se le ofrece ahora.
    pub oferta: Option<Ofrecimiento>,
    /// La cita que tomó.
    pub cita_id: Option<CitaId>,
    pub creada_en: Timestamp,
    pub version: i32,
}

impl HasVersion for Espera {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Preferencia {
    /// `at` is where it stands in the body: `/preferencia`, or empty.
    pub fn check(&self, at: &str, hoy: Date) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut unless = |holds: bool, pointer: &str, detail: &'static str| {
            if !holds {
                errors.push(FieldError::new(format!("{at}{pointer}"), detail));
            }
        };
        unless(self.hasta >= self.desde, "/hasta", "no puede ser antes que desde");
        unless(self.hasta >= hoy, "/hasta", "ya pasó");
        unless(self.desde.saturating_add(jiff::Span::new().days(366)) >= self.hasta, "/hasta", "debe estar a un año de desde");
        unless(self.desde <= hoy.saturating_add(jiff::Span::new().days(731)), "/desde", "la agenda se abre con dos años de anticipación");
        unless(self.dias.iter().all(|dia| (1..=7).contains(dia)), "/dias", "van de 1 (lunes) a 7 (domingo)");
        unless(distinct(&self.dias), "/dias", "hay uno repetido");
        unless(distinct(&self.sedes), "/sedes", "hay una repetida");
        match (self.hora_desde, self.hora_hasta) {
            (Some(desde), Some(hasta)) => unless(hasta > desde, "/hora_hasta", "debe ser después de hora_desde"),
            (None, None) => {}
            (None, _) => unless(false, "/hora_desde", "va junto con hora_hasta"),
            (_, None) => unless(false, "/hora_hasta", "va junto con hora_desde"),
        }
        errors
    }
}

fn distinct<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
}

/// What one who waits wants, as far as the database did not decide it.
#[derive(Debug, Clone)]
pub struct Candidata {
    pub id: EsperaId,
    /// The record that goes on, if that of the entry was merged.
    pub mascota_id: MascotaId,
    pub servicio_id: ServicioId,
    pub hora_desde: Option<Time>,
    pub hora_hasta: Option<Time>,
    /// Its place in the list.
    pub lugar: (i32, Timestamp, EsperaId),
}

impl Candidata {
    /// Whether a visit from `inicio` to `fin` is within the hours wanted.
    pub fn le_sirve(&self, agenda: &Agenda, inicio: Timestamp, fin: Timestamp) -> bool {
        let (Some(desde), Some(hasta)) = (self.hora_desde, self.hora_hasta) else { return true };
        let fecha = agenda.fecha(inicio);
        let ends = agenda.instante(fecha, desde).and_then(|desde| Ok((desde, agenda.instante(fecha, hasta)?)));
        ends.is_ok_and(|(desde, hasta)| inicio >= desde && fin <= hasta)
    }
}

/// When an offer made now is over: after so many minutes in which the sede is open, so that nobody loses one that came
/// at night; never after the visit would begin.
pub fn plazo(agenda: &Agenda, now: Timestamp, minutos: i32, inicio: Timestamp) -> Timestamp {
    let mut left = jiff::SignedDuration::from_mins(minutos.into());
    for fecha in agenda.fecha(now).series(jiff::Span::new().days(1)).take_while(|fecha| *fecha <= agenda.fecha(inicio)) {
        for tramo in agenda.horas_sede(fecha) {
            let (Ok(abre), Ok(cierra)) = (agenda.instante(fecha, tramo.desde), agenda.instante(fecha, tramo.hasta)) else { return inicio };
            let abre = abre.max(now);
            let open = cierra.duration_since(abre);
            if open >= left {
                return (abre + left).min(inicio);
            }
            left -= open.max(jiff::SignedDuration::ZERO);
        }
    }
    inicio
}

/// Cómo se ofrecen las horas que quedan libres.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AjustesEspera {
    /// Si no, nadie recibe ofertas; la lista se atiende a mano.
    pub activa: bool,
    /// Minutos, con la sede abierta, que una hora se guarda para quien la recibe.
    pub oferta_min: i32,
    /// No se ofrece una hora que empieza antes de tantos minutos.
    pub anticipacion_min: i32,
    pub version: i32,
}

/// What a chain has that changed nothing.
impl Default for AjustesEspera {
    fn default() -> Self {
        Self { activa: true, oferta_min: 10, anticipacion_min: 30, version: 1 }
    }
}

impl HasVersion for AjustesEspera {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Cambia cómo se ofrecen las horas que quedan libres.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioAjustesEspera {
    pub activa: bool,
    #[schema(minimum = 5, maximum = 240)]
    pub oferta_min: i32,
    #[schema(minimum = 0, maximum = 2880)]
    pub anticipacion_min: i32,
}

/// How an offer ended, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EstadoOferta {
    Pendiente,
    Aceptada,
    Rechazada,
    Vencida,
    Retirada,
}

impl EstadoOferta {
    /// `Ok` while it can be answered.
    pub fn abierta(self, hasta: Timestamp, now: Timestamp) -> Result<(), Problem> {
        let detail = match self {
            Self::Pendiente if hasta > now => return Ok(()),
            Self::Pendiente | Self::Vencida => "El ofrecimiento venció y la hora se ofrece a otro.",
            Self::Aceptada => "La hora ya se aceptó.",
            Self::Rechazada => "La hora ya se rechazó.",
            Self::Retirada => "La hora ya no está disponible.",
        };
        Err(Problem::new(super::problemas::OFERTA_CERRADA).detail(detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Excepcion, TramoSemanal, agenda::Tramo};
    use jiff::{
        civil::{date, time},
        tz::TimeZone,
    };
    use rstest::rstest;

    fn lima(text: &str) -> Timestamp {
        format!("{text}:00-05:00").parse().expect("a time in Lima")
    }

    /// Monday to Friday 9–13 and 15–18; closed on Wednesday the 25th.
    fn agenda() -> Agenda {
        let tramo = |desde, hasta| Tramo { desde: time(desde, 0, 0, 0), hasta: time(hasta, 0, 0, 0) };
        let closed = Excepcion { medico_id: None, fecha: date(2026, 11, 25), abierto: false, desde: None, hasta: None };
        Agenda {
            sede_id: SedeId::new(),
            zona: TimeZone::get("America/Lima").expect("known zone"),
            atiende_feriados: false,
            horarios: (1..=5).flat_map(|dia| [(9, 13), (15, 18)].map(|(a, b)| TramoSemanal { dia, tramo: tramo(a, b) })).collect(),
            planes: Vec::new(),
            turnos: Vec::new(),
            bloqueos: Vec::new(),
            excepciones: vec![closed],
            feriados: Vec::new(),
        }
    }

    #[rstest]
    #[case("2026-11-23T10:00", "2026-11-27T10:00", "2026-11-23T10:10")] // open
    #[case("2026-11-23T12:55", "2026-11-27T10:00", "2026-11-23T15:05")] // across the break
    #[case("2026-11-23T22:00", "2026-11-27T10:00", "2026-11-24T09:10")] // at night
    #[case("2026-11-24T20:00", "2026-11-27T10:00", "2026-11-26T09:10")] // before a closed day
    #[case("2026-11-23T22:00", "2026-11-24T09:00", "2026-11-24T09:00")] // never past the visit
    #[case("2026-11-23T17:55", "2026-11-23T17:58", "2026-11-23T17:58")]
    fn an_offer_waits_while_the_sede_is_open(#[case] now: &str, #[case] inicio: &str, #[case] hasta: &str) {
        assert_eq!(plazo(&agenda(), lima(now), 10, lima(inicio)), lima(hasta));
    }

    #[rstest]
    #[case("2026-11-23T09:00", "2026-11-23T09:30", true)]
    #[case("2026-11-23T11:30", "2026-11-23T12:00", true)]
    #[case("2026-11-23T11:45", "2026-11-23T12:15", false)]
    #[case("2026-11-23T08:45", "2026-11-23T09:15", false)]
    fn a_visit_is_within_the_hours_wanted(#[case] inicio: &str, #[case] fin: &str, #[case] fits: bool) {
        let hours = |a, b| (Some(time(a, 0, 0, 0)), Some(time(b, 0, 0, 0)));
        let (hora_desde, hora_hasta) = hours(9, 12);
        let (id, mascota_id, servicio_id) = (EsperaId::new(), MascotaId::new(), ServicioId::new());
        let candidata = Candidata { id, mascota_id, servicio_id, hora_desde, hora_hasta, lugar: (3, lima(inicio), id) };
        assert_eq!(candidata.le_sirve(&agenda(), lima(inicio), lima(fin)), fits);
    }

    #[test]
    fn all_that_is_wrong_with_a_wish_is_said_at_once() {
        let sede = SedeId::new();
        let wish = Preferencia {
            servicio_id: ServicioId::new(),
            sedes: vec![sede, sede],
            medico_id: None,
            desde: date(2026, 11, 24),
            hasta: date(2026, 11, 22),
            dias: vec![0, 0],
            hora_desde: Some(time(9, 0, 0, 0)),
            hora_hasta: None,
            prioridad: Prioridad::Normal,
            nota: None,
        };
        let pointers: Vec<_> = wish.check("", date(2026, 11, 23)).into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/hasta", "/hasta", "/dias", "/dias", "/sedes", "/hora_hasta"]);
    }
}
