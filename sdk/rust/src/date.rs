//! Days, weeks and months as vets count them.
use crate::Date;
use jiff::Span;

/// Civil arithmetic that never fails: a date beyond the calendar is its last one.
pub trait Months {
    fn days_later(self, days: i32) -> Date;
    /// A month is a calendar month; the 31st becomes the last day of a shorter one.
    fn months_later(self, months: i32) -> Date;
    /// Whole weeks from `birth` on.
    fn weeks_since(self, birth: Date) -> i32;
    /// From `since`; negative if it is later.
    fn days_since(self, since: Date) -> i32;
}

impl Months for Date {
    fn days_later(self, days: i32) -> Date {
        self.saturating_add(Span::new().try_days(days).unwrap_or_default())
    }
    fn months_later(self, months: i32) -> Date {
        self.saturating_add(Span::new().try_months(months).unwrap_or_default())
    }
    fn weeks_since(self, birth: Date) -> i32 {
        self.days_since(birth) / 7
    }
    fn days_since(self, since: Date) -> i32 {
        since.until(self).map_or(0, |span| span.get_days())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_end_where_a_month_ends() {
        assert_eq!(date(2026, 1, 31).months_later(1), date(2026, 2, 28));
        assert_eq!(date(2024, 2, 29).months_later(12), date(2025, 2, 28));
        assert_eq!(date(2026, 3, 1).days_later(-1), date(2026, 2, 28));
        assert_eq!(date(2026, 1, 1).months_later(i32::MAX), date(2026, 1, 1));
    }

    #[test]
    fn ages_are_whole_weeks() {
        assert_eq!(date(2026, 3, 1).weeks_since(date(2026, 1, 4)), 8);
        assert_eq!(date(2026, 2, 28).weeks_since(date(2026, 1, 4)), 7);
        assert_eq!(date(2026, 1, 1).days_since(date(2026, 1, 4)), -3);
    }
}
