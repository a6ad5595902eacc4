//! Amounts in minor units; decimals only as text.
use crate::Money;
use std::fmt;

impl Money {
    pub fn new(minor: i64, currency: impl Into<String>) -> Self {
        Self { minor, currency: currency.into() }
    }

    /// Soles, in céntimos.
    pub fn soles(centimos: i64) -> Self {
        Self::new(centimos, "PEN")
    }

    /// How many decimals its currency has.
    fn decimals(&self) -> usize {
        if matches!(self.currency.as_str(), "CLP" | "PYG" | "JPY" | "KRW") { 0 } else { 2 }
    }

    /// As APIs write it: `118.00`.
    pub fn decimal(&self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (minor, decimals) = (self.minor.unsigned_abs(), self.decimals());
        if decimals == 0 {
            return format!("{sign}{minor}");
        }
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    }

    /// From `118`, `118.5` or `118.00`: never through a float, and never rounded.
    pub fn from_decimal(text: &str, currency: &str) -> Option<Self> {
        let mut money = Self::new(0, currency);
        let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > money.decimals() || plain.ends_with('.') {
            return None;
        }
        let minor: i64 = format!("{whole}{part:0<width$}", width = money.decimals()).parse().ok()?;
        money.minor = if negative { -minor } else { minor };
        Some(money)
    }

    /// None if the currencies differ or the sum is too big.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then(|| Self::new(minor, self.currency.clone()))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.decimal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_text_and_never_rounded() {
        for (text, minor) in [("118.00", 11_800), ("118.5", 11_850), ("118", 11_800), ("0.07", 7), ("-3.10", -310)] {
            assert_eq!(Money::from_decimal(text, "PEN"), Some(Money::soles(minor)), "{text}");
        }
        for text in ["", ".5", "1.", "1.005", "1,00", "1e2", "+1", "99999999999999999999"] {
            assert_eq!(Money::from_decimal(text, "PEN"), None, "{text}");
        }
        assert_eq!(Money::from_decimal("990", "CLP"), Some(Money::new(990, "CLP")));
        assert_eq!(Money::from_decimal("990.5", "CLP"), None);
    }

    #[test]
    fn it_is_written_with_the_decimals_of_its_currency() {
        assert_eq!(Money::soles(-7).decimal(), "-0.07");
        assert_eq!(Money::new(990, "CLP").to_string(), "CLP 990");
    }

    #[test]
    fn currencies_are_never_mixed() {
        assert_eq!(Money::soles(1).checked_add(&Money::soles(2)), Some(Money::soles(3)));
        assert_eq!(Money::soles(1).checked_add(&Money::new(2, "USD")), None);
        assert_eq!(Money::soles(i64::MAX).checked_add(&Money::soles(1)), None);
    }
}
