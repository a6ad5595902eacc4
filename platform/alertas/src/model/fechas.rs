//! Days and hours as they are said in Peru.
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// `martes 3 de marzo de 2026`
pub fn fecha(at: Timestamp, zona: &TimeZone) -> String {
    format!("{} de {}", citas::dia_y_mes(at, zona), zona.to_datetime(at).year())
}

/// `martes 3 de marzo`
pub fn fecha_corta(dia: Date) -> String {
    let noon = TimeZone::UTC.to_timestamp(dia.at(12, 0, 0, 0)).unwrap_or_default();
    citas::dia_y_mes(noon, &TimeZone::UTC)
}

/// `3:30 p. m.`
pub fn hora(at: Timestamp, zona: &TimeZone) -> String {
    let civil = zona.to_datetime(at);
    let (hour, half) = (civil.hour(), if civil.hour() < 12 { "a. m." } else { "p. m." });
    format!("{}:{:02} {half}", (hour + 11) % 12 + 1, civil.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-03-03T20:30:00Z", "America/Lima", "martes 3 de marzo de 2026", "3:30 p. m.")]
    #[case("2026-03-03T04:59:00Z", "America/Lima", "lunes 2 de marzo de 2026", "11:59 p. m.")]
    #[case("2026-03-03T05:00:00Z", "America/Lima", "martes 3 de marzo de 2026", "12:00 a. m.")]
    #[case("2026-12-30T17:05:00Z", "America/Lima", "miércoles 30 de diciembre de 2026", "12:05 p. m.")]
    #[case("2026-09-09T20:30:00Z", "America/Lima", "miércoles 9 de setiembre de 2026", "3:30 p. m.")]
    #[case("2026-03-03T12:00:00Z", "America/Santiago", "martes 3 de marzo de 2026", "9:00 a. m.")]
    fn as_people_say_it(#[case] at: &str, #[case] zona: &str, #[case] day: &str, #[case] hour: &str) {
        let (at, zona) = (at.parse().expect("a time"), TimeZone::get(zona).expect("a zone"));
        assert_eq!((fecha(at, &zona).as_str(), hora(at, &zona).as_str()), (day, hour));
    }
}
