//! Why an invented appointment was made, when, and what became of it.
use super::{listas::lista, rng::Rng};
use citas::{CitaImportada, Estado, Triaje, VisitaImportada};
use jiff::{SignedDuration, Timestamp, tz};

/// How often a service is asked for, and for which species (none: for all).
pub struct Clase {
    /// Part of the service's name, and name of its list of reasons.
    palabra: &'static str,
    pub peso: u32,
    pub especies: &'static [&'static str],
}

const PERRO_O_GATO: &[&str] = &["perro", "gato"];
const CUALQUIERA: &[&str] = &[];
const CLASES: &[Clase] = &[
    Clase { palabra: "vacun", peso: 22, especies: PERRO_O_GATO },
    Clase { palabra: "control", peso: 18, especies: CUALQUIERA },
    Clase { palabra: "desparasit", peso: 10, especies: CUALQUIERA },
    Clase { palabra: "especialidad", peso: 7, especies: PERRO_O_GATO },
    Clase { palabra: "urgencia", peso: 4, especies: CUALQUIERA },
    Clase { palabra: "eco", peso: 5, especies: PERRO_O_GATO },
    Clase { palabra: "radiograf", peso: 4, especies: PERRO_O_GATO },
    Clase { palabra: "muestras", peso: 6, especies: PERRO_O_GATO },
    Clase { palabra: "esteriliz", peso: 3, especies: PERRO_O_GATO },
    Clase { palabra: "cirug", peso: 1, especies: PERRO_O_GATO },
    Clase { palabra: "dental", peso: 2, especies: PERRO_O_GATO },
    Clase { palabra: "hospital", peso: 1, especies: PERRO_O_GATO },
    Clase { palabra: "baño", peso: 3, especies: PERRO_O_GATO },
    Clase { palabra: "", peso: 30, especies: CUALQUIERA },
];

impl Clase {
    pub fn of(servicio: &str) -> &'static Self {
        let nombre = servicio.to_lowercase();
        CLASES.iter().find(|clase| nombre.contains(clase.palabra)).unwrap_or(&CLASES[CLASES.len() - 1])
    }
    pub fn motivo(&self, rng: &mut Rng) -> &'static str {
        rng.word(lista(&format!("motivos.{}", self.palabra)))
    }
}

pub fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

pub fn estado(rng: &mut Rng, inicio: Timestamp, fin: Timestamp, now: Timestamp) -> Estado {
    if rng.chance(0.05) {
        return Estado::Anulada;
    }
    if fin <= now {
        let fresh = now.duration_since(fin) < minutes(25);
        return match rng.chance(0.079) {
            true => Estado::NoAsistio,
            false if fresh && rng.chance(0.6) => Estado::PorCobrar,
            false => Estado::Terminada,
        };
    }
    if inicio <= now {
        return if rng.chance(0.9) { Estado::EnConsulta } else { Estado::EnEspera };
    }
    let ahead = inicio.duration_since(now);
    if ahead < minutes(30) && rng.chance(0.6) {
        return Estado::EnEspera;
    }
    let confirmed = (0.75 - ahead.as_secs_f64() / 86_400.0 * 0.06).max(0.12);
    if rng.chance(confirmed) { Estado::Confirmada } else { Estado::Programada }
}

/// Some walk in, most book a few days before; nobody books in the future.
pub fn creado(rng: &mut Rng, inicio: Timestamp, now: Timestamp) -> Timestamp {
    let hours = if rng.chance(0.22) { rng.within(0.1, 3.0) } else { 2.0 + rng.unit().powf(2.0) * 24.0 * 20.0 };
    let wished = inicio - SignedDuration::from_secs((hours * 3_600.0) as i64);
    // What would have been booked after now was booked in the days before.
    if wished <= now { wished } else { now - SignedDuration::from_secs((rng.unit() * 86_400.0 * 6.0) as i64) }
}

pub fn actualizado(rng: &mut Rng, estado: Estado, creado: Timestamp, inicio: Timestamp, fin: Timestamp, now: Timestamp) -> Timestamp {
    let between = |share: f64, until: Timestamp| {
        let span = until.min(now).duration_since(creado).max(SignedDuration::ZERO);
        creado + SignedDuration::from_secs((span.as_secs_f64() * share) as i64)
    };
    match estado {
        Estado::Programada => creado,
        Estado::Confirmada | Estado::Anulada => between(rng.unit(), inicio),
        Estado::EnEspera | Estado::EnConsulta => between(1.0, inicio),
        Estado::NoAsistio => between(1.0, inicio + minutes(30)),
        Estado::PorCobrar | Estado::Terminada => between(1.0, fin),
    }
}

/// How often each level of triage is given, of those who are given any.
const TRIAJES: [(Triaje, u32); 4] = [(Triaje::Naranja, 1), (Triaje::Amarillo, 4), (Triaje::Verde, 9), (Triaje::Azul, 4)];

/// When who kept an appointment came and was seen: most a little before the hour, a few too late, and the later in the day the
/// longer people wait. Of who is still in the house nothing is told here.
pub fn visita(rng: &mut Rng, cita: &CitaImportada, now: Timestamp) -> Option<VisitaImportada> {
    if cita.estado != Estado::Terminada {
        return None;
    }
    let triaje = rng.chance(0.15).then(|| rng.weighted(&TRIAJES, |(_, peso)| *peso)).flatten().map(|(triaje, _)| *triaje);
    let llegada_en = cita.inicio - minutes(rng.between(-6, 16));
    let hora = cita.inicio.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).hour();
    let busy = 4.0 + f64::from(hora - 7).max(0.0) * 1.3;
    let wait = (rng.unit().powf(1.8) * busy * 2.5).round() as i64 + 1;
    let urgent = matches!(triaje, Some(Triaje::Naranja | Triaje::Amarillo));
    let consulta_en = if urgent { llegada_en + minutes(wait / 3 + 1) } else { llegada_en.max(cita.inicio) + minutes(wait) };
    let planned = cita.fin.duration_since(cita.inicio).as_secs_f64();
    let consulta_fin_en = consulta_en + SignedDuration::from_secs((planned * rng.within(0.55, 1.15)) as i64);
    let fin_en = consulta_fin_en + minutes(rng.between(2, 11));
    (fin_en <= now).then_some(VisitaImportada { triaje, llegada_en, consulta_en, consulta_fin_en, fin_en })
}
