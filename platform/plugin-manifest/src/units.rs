//! Sizes and times as a manifest writes them.
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, time::Duration};

/// Bytes, as `256KiB` or `32MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u64);

/// A time, as `500ms` or `20s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

impl Size {
    pub const fn kib(n: u64) -> Self {
        Self(n << 10)
    }
    pub const fn mib(n: u64) -> Self {
        Self(n << 20)
    }
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Span {
    pub const fn ms(n: u64) -> Self {
        Self(Duration::from_millis(n))
    }
    pub const fn s(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }
}

fn split<const N: usize>(text: &str, units: [(&str, u64); N]) -> Option<u64> {
    units.into_iter().find_map(|(unit, factor)| text.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(factor))
}

impl TryFrom<String> for Size {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        split(&text, [("KiB", 1 << 10), ("MiB", 1 << 20)]).map(Self).ok_or_else(|| format!("«{text}» no es un tamaño como 256KiB"))
    }
}

impl TryFrom<String> for Span {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let ms = split(&text, [("ms", 1), ("s", 1_000)]).ok_or_else(|| format!("«{text}» no es un tiempo como 20s"))?;
        Ok(Self(Duration::from_millis(ms)))
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        match size.0 {
            n if n % (1 << 20) == 0 => format!("{}MiB", n >> 20),
            n => format!("{}KiB", n.div_ceil(1 << 10)),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        match span.0.as_millis() {
            n if n % 1_000 == 0 => format!("{}s", n / 1_000),
            n => format!("{n}ms"),
        }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&String::from(*self))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&String::from(*self))
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{1,9}(KiB|MiB)$" })
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{1,9}(ms|s)$" })
    }
}
