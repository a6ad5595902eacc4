//! Times as a letter says them, in a sede's zone.
use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

const MESES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"];

fn dia(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "lunes",
        Weekday::Tuesday => "martes",
        Weekday::Wednesday => "miércoles",
        Weekday::Thursday => "jueves",
        Weekday::Friday => "viernes",
        Weekday::Saturday => "sábado",
        Weekday::Sunday => "domingo",
    }
}

/// «lunes 2 de marzo».
pub fn dia_y_mes(en: Timestamp, zona: &TimeZone) -> String {
    let civil = zona.to_datetime(en);
    let mes = MESES.get(usize::from(civil.month().unsigned_abs()).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} {} de {mes}", dia(civil.weekday()), civil.day())
}

/// «lunes 2 de marzo a las 10:00».
pub fn dia_y_hora(en: Timestamp, zona: &TimeZone) -> String {
    format!("{} a las {}", dia_y_mes(en, zona), solo_hora(en, zona))
}

pub fn solo_hora(en: Timestamp, zona: &TimeZone) -> String {
    zona.to_datetime(en).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_sedes_zone() {
        let lima = TimeZone::get("America/Lima").expect("known");
        assert_eq!(dia_y_hora("2026-09-09T04:30:00Z".parse().expect("utc"), &lima), "martes 8 de setiembre a las 23:30");
    }
}
