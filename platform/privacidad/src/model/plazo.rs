//! Terms in working days: Monday to Friday, without national holidays, in Peru.
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz,
};
use std::collections::BTreeSet;

/// How long before its end somebody is told that a term runs out.
const AVISO: i32 = 2;

/// The day in Peru: one zone, UTC−5, no summer time.
pub fn hoy(now: Timestamp) -> Date {
    now.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date()
}

fn is_working(day: Date, feriados: &BTreeSet<Date>) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !feriados.contains(&day)
}

/// The last day of a term, and the day from which it is about to end. The day on which it begins does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plazo {
    pub vence: Date,
    pub aviso: Date,
}

impl Plazo {
    pub fn desde(inicio: Date, dias: i32, feriados: &BTreeSet<Date>) -> Self {
        Self { vence: after(inicio, dias, feriados), aviso: after(inicio, (dias - AVISO).max(1), feriados) }
    }
}

fn after(from: Date, dias: i32, feriados: &BTreeSet<Date>) -> Date {
    let (mut day, mut left) = (from, dias);
    while left > 0 {
        day = day.saturating_add(1.day());
        left -= i32::from(is_working(day, feriados));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case::over_a_weekend(date(2026, 3, 2), 8, date(2026, 3, 12))]
    #[case::from_a_friday(date(2026, 3, 6), 1, date(2026, 3, 9))]
    #[case::from_a_sunday(date(2026, 3, 8), 1, date(2026, 3, 9))]
    #[case::over_easter(date(2026, 3, 31), 3, date(2026, 4, 7))]
    #[case::access(date(2026, 3, 2), 20, date(2026, 3, 30))]
    #[case::three_days_of_july(date(2026, 7, 22), 2, date(2026, 7, 27))]
    fn a_term_counts_working_days(#[case] from: Date, #[case] days: i32, #[case] end: Date) {
        let holidays = [date(2026, 4, 2), date(2026, 4, 3), date(2026, 7, 23), date(2026, 7, 28), date(2026, 7, 29)].into();
        assert_eq!(Plazo::desde(from, days, &holidays).vence, end);
    }

    #[test]
    fn somebody_is_told_two_working_days_before() {
        let plazo = Plazo::desde(date(2026, 3, 2), 10, &BTreeSet::new());
        assert_eq!((plazo.vence, plazo.aviso), (date(2026, 3, 16), date(2026, 3, 12)));
    }

    #[test]
    fn the_day_is_the_one_in_peru() {
        assert_eq!(hoy("2026-03-03T03:00:00Z".parse().expect("a time")), date(2026, 3, 2));
    }
}
