//! Texts that mean something in Peru: documents, RUC, phones, places; and names made comparable.
//!
//! Sources: RUC weights 5,4,3,2,7,6,5,4,3,2 and modulus 11 (SUNAT); DNI 8 digits (RENIEC); UBIGEO 6 digits
//! (INEI: department 01–25, province, district); mobiles 9 digits that start with 9, country code +51.

/// A checked JSON-schema format: its name in the published schema, and the check.
pub type Format = (&'static str, fn(&str) -> bool);

/// Our own formats, enforced wherever a schema names them.
pub const FORMATS: &[Format] = &[
    ("ruc", is_ruc),
    ("telefono", |text| phone(text).is_some()),
    ("ubigeo", is_ubigeo),
    ("correo", is_email),
    ("zona-horaria", |text| jiff::tz::TimeZone::get(text).is_ok_and(|zone| !zone.is_unknown())),
    ("hora", |text| text == "24:00" || (text.len() == 5 && text.parse::<jiff::civil::Time>().is_ok())),
    // An empty text is told by its minimal length.
    ("texto", |text| text.is_empty() || !text.trim().is_empty()),
    ("date-time", |text| text.parse::<jiff::Timestamp>().is_ok_and(in_calendar)),
    ("date", |text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok_and(|date| date.year() >= 1)),
];

/// The field of an object that is wrong, and what is wrong with it.
pub type Rule = fn(&serde_json::Value) -> Result<(), (&'static str, &'static str)>;

/// Rules between the fields of an object, by the name of its schema: what no keyword of JSON Schema says, reported
/// together with all that one does. The document of staff is not among them: its domain names it together with what
/// else only the domain can tell.
pub const RULES: &[(&str, Rule)] = &[("Documento", document)];

fn document(object: &serde_json::Value) -> Result<(), (&'static str, &'static str)> {
    // A kind or a number that is no text is told by the schema itself.
    let tipo = serde_json::from_value::<DocumentoTipo>(object["tipo"].clone());
    match (tipo, object["numero"].as_str()) {
        (Ok(tipo), Some(numero)) if !numero.is_empty() => tipo.normalise(numero).map(drop).map_err(|detail| ("numero", detail)),
        _ => Ok(()),
    }
}

/// PostgreSQL's calendar does not go back as far as jiff's; nobody means a time before year 1.
pub fn in_calendar(time: jiff::Timestamp) -> bool {
    const YEAR_1: jiff::Timestamp = jiff::Timestamp::constant(-62_135_596_800, 0);
    time >= YEAR_1
}

/// What a person should write instead.
pub fn format_help(format: &str) -> &'static str {
    match format {
        "ruc" => "debe ser un RUC válido de 11 dígitos",
        "telefono" => "debe ser un teléfono: celular de 9 dígitos, fijo con su código de ciudad, o internacional con +",
        "ubigeo" => "debe ser un UBIGEO de 6 dígitos",
        "correo" => "debe ser un correo electrónico",
        "zona-horaria" => "debe ser una zona horaria, como America/Lima",
        "hora" => "debe ser una hora HH:MM, hasta 24:00",
        "texto" => "no puede estar en blanco",
        "date-time" => "debe ser fecha y hora con zona, como 2026-11-23T15:00:00-05:00",
        "date" => "debe ser una fecha AAAA-MM-DD",
        "uuid" => "debe ser un identificador (UUID)",
        _ => "no tiene el formato esperado",
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 11 digits, a known prefix, and the check digit.
pub fn is_ruc(text: &str) -> bool {
    const WEIGHTS: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    if text.len() != 11 || !digits(text) || !["10", "15", "16", "17", "20"].contains(&&text[..2]) {
        return false;
    }
    let value = |byte: u8| u32::from(byte - b'0');
    let sum: u32 = text.bytes().zip(WEIGHTS).map(|(digit, weight)| value(digit) * weight).sum();
    (11 - sum % 11) % 10 == value(text.as_bytes()[10])
}

/// Kind of identity document, by the names of SUNAT's catalogue 06.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DocumentoTipo {
    Dni,
    Ce,
    Ruc,
    Pasaporte,
    Ptp,
}

impl DocumentoTipo {
    /// The number in its one written form, or what is wrong with it. Leading zeros stay.
    pub fn normalise(self, numero: &str) -> Result<String, &'static str> {
        let plain: String = numero.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect::<String>().to_ascii_uppercase();
        let alphanumeric = plain.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let long = |range: std::ops::RangeInclusive<usize>| alphanumeric && range.contains(&plain.len());
        let (valid, help) = match self {
            Self::Dni => (plain.len() == 8 && digits(&plain), "un DNI tiene 8 dígitos"),
            Self::Ruc => (is_ruc(&plain), "debe ser un RUC válido de 11 dígitos"),
            Self::Ce => (long(9..=12), "un carné de extranjería tiene de 9 a 12 caracteres"),
            Self::Pasaporte => (long(5..=15), "un pasaporte tiene de 5 a 15 letras y dígitos"),
            Self::Ptp => (long(7..=15), "un PTP o CPP tiene de 7 a 15 letras y dígitos"),
        };
        if valid { Ok(plain) } else { Err(help) }
    }
}

/// Area codes of the departments but Lima and Callao (1): Plan Técnico Fundamental de Numeración, MTC.
const AREAS: [u8; 23] = [41, 42, 43, 44, 51, 52, 53, 54, 56, 61, 62, 63, 64, 65, 66, 67, 72, 73, 74, 76, 82, 83, 84];

/// E.164. Peruvian numbers may come without +51: mobiles `9xxxxxxxx`, Lima `1xxxxxxx`, provinces `xx xxxxxx`,
/// with or without the trunk 0 and in any spacing.
pub fn phone(text: &str) -> Option<String> {
    let trimmed = text.trim();
    let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
    if unsigned.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.'))) {
        return None;
    }
    let number: String = trimmed.chars().filter(char::is_ascii_digit).collect();
    let international = trimmed.starts_with('+') || trimmed.starts_with("00");
    let national = if international {
        let whole = if trimmed.starts_with('+') { number.as_str() } else { number.trim_start_matches("00") };
        match whole.strip_prefix("51") {
            Some(rest) => rest.to_owned(),
            None => return ((8..=15).contains(&whole.len()) && !whole.starts_with('0')).then(|| format!("+{whole}")),
        }
    } else if number.len() == 11 && number.starts_with("519") {
        number[2..].to_owned()
    } else {
        number.trim_start_matches('0').to_owned()
    };
    let mobile = national.len() == 9 && national.starts_with('9');
    let area = national.get(..2).and_then(|area| area.parse::<u8>().ok()).unwrap_or_default();
    let fixed = national.len() == 8 && (national.starts_with('1') || AREAS.contains(&area));
    (mobile || fixed).then(|| format!("+51{national}"))
}

/// Six digits whose department exists.
pub fn is_ubigeo(text: &str) -> bool {
    text.len() == 6 && digits(text) && (1..=25).contains(&text[..2].parse::<u8>().unwrap_or(0)) && &text[2..4] != "00" && &text[4..] != "00"
}

/// Enough to catch slips; only a message that arrives proves an address.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    text.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && plain(local)
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// A reason that came where no schema looks at it: 1 to 500 characters.
pub fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    (1..=500).contains(&text.chars().count()).then(|| text.to_owned())
}

/// The form in which two e-mail addresses are compared.
pub fn email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The words of a name as they are searched: lower case, no accents, letters and digits only.
pub fn words(text: &str) -> Vec<String> {
    let plain = deunicode::deunicode(text).to_lowercase();
    plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(|word| word.chars().take(40).collect()).collect()
}

/// An identifier (microchip, tag) as it is compared: upper case letters and digits.
pub fn identifier(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("20131312955", true)]
    #[case("20100070970", true)]
    #[case("20100070971", false)]
    #[case("30100070970", false)]
    #[case("2010007097", false)]
    #[case("2010007097a", false)]
    fn ruc(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(is_ruc(text), valid);
    }

    #[rstest]
    #[case("987654321", Some("+51987654321"))]
    #[case("+51 987 654 321", Some("+51987654321"))]
    #[case("51987654321", Some("+51987654321"))]
    #[case("(01) 444-5566", Some("+5114445566"))]
    #[case("084 223344", Some("+5184223344"))]
    #[case("+1 202 555 0143", Some("+12025550143"))]
    #[case("0051 987 654 321", Some("+51987654321"))]
    #[case("12345", None)]
    #[case("98765432x", None)]
    #[case("9+87654321", None)]
    #[case("+01234567", None)]
    #[case("032 123456", None)] // no such area
    #[case("", None)]
    fn phones(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(phone(text).as_deref(), expected);
    }

    #[rstest]
    #[case(DocumentoTipo::Dni, "01234567", Ok("01234567"))]
    #[case(DocumentoTipo::Dni, "1234567", Err(()))]
    #[case(DocumentoTipo::Ce, "00 1234567", Ok("001234567"))]
    #[case(DocumentoTipo::Ruc, "20100070971", Err(()))]
    #[case(DocumentoTipo::Pasaporte, "ab12345", Ok("AB12345"))]
    fn documents(#[case] tipo: DocumentoTipo, #[case] numero: &str, #[case] expected: Result<&str, ()>) {
        assert_eq!(tipo.normalise(numero).as_deref().map_err(|_| ()), expected);
    }

    #[test]
    fn names_are_compared_without_accents() {
        assert_eq!(words("  Ñusta-María  D'Ávila "), ["nusta", "maria", "d", "avila"]);
    }

    #[rstest]
    #[case("150101", true)]
    #[case("260101", false)]
    #[case("150001", false)]
    #[case("15010", false)]
    fn ubigeos(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(is_ubigeo(text), valid);
    }

    proptest::proptest! {
        #[test]
        fn a_normal_phone_stays_as_it_is(text in "[0-9+() .-]{0,18}") {
            if let Some(once) = phone(&text) {
                proptest::prop_assert_eq!(phone(&once), Some(once));
            }
        }
    }
}
