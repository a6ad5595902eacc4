//! The term for an answer: fifteen working days, Monday to Friday without the holidays of the sede, national and regional.
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use std::collections::BTreeSet;

/// Ley 29571, art. 24, as Ley 31435 left it; it cannot be extended.
const DIAS: i32 = 15;
/// The working days on which somebody is told.
const AVISO: i32 = 10;
const AVISO_FINAL: i32 = 13;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plazo {
    pub aviso: Date,
    pub aviso_final: Date,
    pub vence: Date,
}

impl Plazo {
    /// The day of the sheet itself does not count.
    pub fn desde(fecha: Date, feriados: &BTreeSet<Date>) -> Self {
        let after = |days| after(fecha, days, feriados);
        Self { aviso: after(AVISO), aviso_final: after(AVISO_FINAL), vence: after(DIAS) }
    }
}

fn is_working(day: Date, feriados: &BTreeSet<Date>) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !feriados.contains(&day)
}

fn after(from: Date, dias: i32, feriados: &BTreeSet<Date>) -> Date {
    let (mut day, mut left) = (from, dias);
    while left > 0 {
        day = day.saturating_add(1.day());
        left -= i32::from(is_working(day, feriados));
    }
    day
}

/// Working days that are left on `hoy` until the end of `vence`; negative, how many it is late.
pub fn habiles_hasta(hoy: Date, vence: Date, feriados: &BTreeSet<Date>) -> i64 {
    let between = |from: Date, to: Date| {
        let days = from.series(1.day()).skip(1).take_while(|day| *day <= to).filter(|day| is_working(*day, feriados));
        i64::try_from(days.count()).unwrap_or(i64::MAX)
    };
    if hoy <= vence { between(hoy, vence) } else { -between(vence, hoy) }
}

/// `23 de marzo de 2026`
pub fn dia(fecha: Date) -> String {
    const MESES: [&str; 12] =
        ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"];
    let month = MESES.get(usize::from(fecha.month().unsigned_abs()).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} de {month} de {}", fecha.day(), fecha.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    fn feriados() -> BTreeSet<Date> {
        [date(2026, 4, 2), date(2026, 4, 3), date(2026, 6, 24), date(2026, 6, 29), date(2026, 7, 23), date(2026, 7, 28), date(2026, 7, 29)]
            .into()
    }

    #[rstest]
    #[case::plain(date(2026, 3, 2), date(2026, 3, 23))]
    #[case::from_a_saturday(date(2026, 3, 7), date(2026, 3, 27))]
    #[case::from_a_sunday(date(2026, 3, 8), date(2026, 3, 27))]
    #[case::over_easter(date(2026, 3, 23), date(2026, 4, 15))]
    #[case::over_a_regional_day(date(2026, 6, 10), date(2026, 7, 3))]
    #[case::three_days_of_july(date(2026, 7, 20), date(2026, 8, 13))]
    fn the_term_is_fifteen_working_days(#[case] from: Date, #[case] end: Date) {
        assert_eq!(Plazo::desde(from, &feriados()).vence, end);
    }

    #[test]
    fn somebody_is_told_on_the_tenth_and_on_the_thirteenth_day() {
        let plazo = Plazo::desde(date(2026, 3, 2), &BTreeSet::new());
        assert_eq!((plazo.aviso, plazo.aviso_final, plazo.vence), (date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 23)));
        let left = |day| habiles_hasta(day, plazo.vence, &BTreeSet::new());
        assert_eq!([left(plazo.aviso), left(plazo.aviso_final), left(plazo.vence), left(date(2026, 3, 26))], [5, 2, 0, -3]);
    }

    #[test]
    fn a_day_as_it_is_said() {
        assert_eq!((dia(date(2026, 9, 1)), dia(date(2026, 12, 31))), ("1 de setiembre de 2026".into(), "31 de diciembre de 2026".into()));
    }
}
