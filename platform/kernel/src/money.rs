//! Amounts of money: whole céntimos inside, a text with two decimals outside. Never a float.
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// Soles, in céntimos; `"118.00"` in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Soles(pub i64);

/// Up to ten digits before the point: no price of a clinic is longer.
const PATTERN: &str = "^(0|[1-9][0-9]{0,9})\\.[0-9]{2}$";

/// Not an amount as we write it.
#[derive(Debug, thiserror::Error)]
#[error("un monto se escribe con dos decimales, como 118.00")]
pub struct NotSoles;

impl FromStr for Soles {
    type Err = NotSoles;
    fn from_str(text: &str) -> Result<Self, NotSoles> {
        let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, cents) = plain.split_once('.').ok_or(NotSoles)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || whole.len() > 10 || cents.len() != 2 || !digits(whole) || !digits(cents) || leading_zero {
            return Err(NotSoles);
        }
        let total = format!("{whole}{cents}").parse::<i64>().map_err(|_| NotSoles)?;
        Ok(Self(if negative { -total } else { total }))
    }
}

impl fmt::Display for Soles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        write!(f, "{}{}.{:02}", if self.0 < 0 { "-" } else { "" }, cents / 100, cents % 100)
    }
}

impl From<i64> for Soles {
    fn from(centimos: i64) -> Self {
        Self(centimos)
    }
}

impl Serialize for Soles {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Soles {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input)?.parse().map_err(de::Error::custom)
    }
}

/// Published for what clients send and read: prices, which are never negative.
impl PartialSchema for Soles {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(PATTERN)).description(Some("Soles con dos decimales"));
        text.examples(["118.00"]).into()
    }
}
impl ToSchema for Soles {}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("118.00", Some(11_800))]
    #[case("0.05", Some(5))]
    #[case("-3.50", Some(-350))]
    #[case("1234567890.99", Some(123_456_789_099))]
    #[case("118", None)]
    #[case("118.0", None)]
    #[case("118.000", None)]
    #[case("01.00", None)]
    #[case(".50", None)]
    #[case("1,00", None)]
    #[case("1 000.00", None)]
    #[case("12345678901.00", None)]
    #[case("+1.00", None)]
    fn amounts_are_read_strictly(#[case] text: &str, #[case] centimos: Option<i64>) {
        assert_eq!(text.parse::<Soles>().ok().map(|soles| soles.0), centimos);
    }

    proptest::proptest! {
        #[test]
        fn an_amount_comes_back_as_it_was(centimos in -1_000_000_000_000i64..1_000_000_000_000) {
            let json = serde_json::to_string(&Soles(centimos)).expect("plain text");
            proptest::prop_assert_eq!(serde_json::from_str::<Soles>(&json).expect("its own text"), Soles(centimos));
        }
    }
}
