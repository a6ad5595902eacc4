//! What people write in cells: days, ages, numbers, species, sexes, names.
use crate::model::Fechas;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, date},
};
use kernel::text::{self, DocumentoTipo};

/// Days of a spreadsheet's calendar that people mean: 1955 to 2099.
const SERIALES: std::ops::Range<f64> = 20_000.0..73_000.0;

/// A day: ISO, day/month/year, or a spreadsheet's number.
pub fn fecha(text: &str, orden: Fechas) -> Option<Date> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    if let Ok(serial) = day.parse::<f64>() {
        return serial_date(serial);
    }
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |part: &str| part.parse::<i16>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let (first, second, third) = (number(first)?, number(second)?, number(third)?);
    let (year, month, day) = match (parts[0].len(), orden) {
        (4, _) => (first, second, third),
        (_, Fechas::DiaMes) => (third, second, first),
        (_, Fechas::MesDia) => (third, first, second),
    };
    // Two digits mean the hundred years around now.
    let year = match year {
        0..=49 if parts[2].len() == 2 => 2000 + year,
        50..=99 if parts[2].len() == 2 => 1900 + year,
        _ => year,
    };
    (year >= 1900).then(|| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()).flatten()
}

fn serial_date(serial: f64) -> Option<Date> {
    // 30 December 1899: the calendar of Lotus 1-2-3, with its 29 February 1900.
    SERIALES.contains(&serial).then(|| date(1899, 12, 30).checked_add((serial as i64).days()).ok()).flatten()
}

/// An hour: `9:30`, `09:30:00`, `9:30 am`, `3 p. m.`, or a spreadsheet's part of a day.
pub fn hora(text: &str) -> Option<Time> {
    if let Ok(part) = text.parse::<f64>() {
        let minutes = (part * 1_440.0).round();
        return (text.contains('.') && (0.0..1_440.0).contains(&minutes))
            .then(|| Time::new((minutes as i64 / 60) as i8, (minutes as i64 % 60) as i8, 0, 0).ok())
            .flatten();
    }
    let lower = text.to_lowercase().replace(['.', ' ', '\u{a0}'], "");
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (lower.strip_suffix('h').unwrap_or(&lower), None),
    };
    let mut parts = clock.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None if !clock.contains(':') => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// Day and hour of one cell.
pub fn momento(text: &str, orden: Fechas) -> Option<DateTime> {
    if let Ok(serial) = text.parse::<f64>() {
        let day = serial_date(serial)?;
        let minutes = (serial.fract() * 1_440.0).round() as i64;
        return Some(day.at(0, 0, 0, 0).saturating_add(minutes.minutes()));
    }
    let (day, clock) = text.split_once(['T', ' '])?;
    Some(fecha(day, orden)?.to_datetime(hora(clock)?))
}

/// The day in Peru.
pub fn hoy(now: Timestamp) -> Date {
    now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5))).date()
}

/// A moment of a clock in Lima.
pub fn en_lima(momento: DateTime) -> Timestamp {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(-5)).to_timestamp(momento).unwrap_or_default()
}

/// A moment of an answer as people in Lima say it.
pub fn en_palabras(momento: &str) -> String {
    let lima = jiff::tz::TimeZone::fixed(jiff::tz::offset(-5));
    momento.parse::<Timestamp>().map_or_else(|_| momento.to_owned(), |en| en.to_zoned(lima).strftime("%d/%m/%Y %H:%M").to_string())
}

/// Noon in Lima of a day: when something happened of which only the day is known.
pub fn mediodia(day: Date) -> Timestamp {
    en_lima(day.at(12, 0, 0, 0))
}

/// A number with a decimal comma or point, perhaps with its unit.
pub fn numero(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let bare = lower.trim().trim_end_matches(|c: char| c.is_alphabetic() || c == '.').trim();
    bare.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// An age in months: `3`, `3 años`, `2a 6m`, `8 meses`. A bare number is years.
pub fn edad(text: &str) -> Option<i32> {
    let words = text::words(&text.replace(',', "."));
    let joined = words.join(" ");
    let mut months = None::<i32>;
    let mut number = None::<i32>;
    for token in split_letters(&joined) {
        if let Ok(value) = token.parse::<i32>() {
            if number.is_some() {
                return None;
            }
            number = Some(value);
        } else {
            let unit = match token.as_str() {
                "a" | "ano" | "anos" | "year" | "years" | "y" | "yr" | "yrs" => 12,
                "m" | "mes" | "meses" | "month" | "months" => 1,
                "y " | "con" | "and" => continue,
                _ => return None,
            };
            months = Some(months.unwrap_or(0) + number.take()?.checked_mul(unit)?);
        }
    }
    match (months, number) {
        (None, Some(years)) => years.checked_mul(12),
        (months, None) => months,
        _ => None,
    }
    .filter(|months| (0..=1_200).contains(months))
}

/// `2a6m` → `2 a 6 m`; the `y` of `2 años y 6 meses` goes.
fn split_letters(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut digit = None;
    for letter in text.chars() {
        if letter == ' ' {
            digit = None;
        } else if digit == Some(letter.is_ascii_digit()) {
            tokens.last_mut().map(|token| token.push(letter)).unwrap_or_default();
        } else {
            tokens.push(letter.to_string());
            digit = Some(letter.is_ascii_digit());
        }
    }
    let units = tokens.iter().any(|token| token.starts_with('a') || token.starts_with('m'));
    tokens.retain(|token| !(units && token == "y"));
    tokens
}

pub fn si_no(text: &str) -> Option<bool> {
    match text::words(text).join(" ").as_str() {
        "si" | "s" | "x" | "1" | "true" | "verdadero" | "yes" | "y" | "esterilizado" | "esterilizada" | "castrado" | "castrada" => {
            Some(true)
        }
        "no" | "n" | "0" | "false" | "falso" | "entero" | "entera" => Some(false),
        _ => None,
    }
}

/// The key of a sex in the API.
pub fn sexo(text: &str) -> Option<&'static str> {
    match text::words(text).join(" ").as_str() {
        "macho" | "m" | "male" | "masculino" | "macho castrado" | "mc" => Some("macho"),
        "hembra" | "h" | "f" | "female" | "femenino" | "hembra esterilizada" | "fs" => Some("hembra"),
        "desconocido" | "no sabe" | "indeterminado" | "nd" | "unknown" | "u" => Some("desconocido"),
        _ => None,
    }
}

/// The key under which the base catalogue has a species of another name.
pub fn especie(text: &str) -> String {
    let plain = text::words(text).join(" ");
    let key = match plain.as_str() {
        "canino" | "canina" | "can" | "canis" | "perra" | "dog" | "canine" | "k9" => "perro",
        "felino" | "felina" | "gata" | "cat" | "feline" | "michi" => "gato",
        "conejo" | "coneja" | "rabbit" | "lagomorfo" => "conejo",
        "cuyo" | "cobayo" | "cobaya" | "conejillo de indias" | "guinea pig" => "cuy",
        "hamsters" | "hamster" => "hamster",
        "hurona" | "ferret" => "huron",
        "erizo" | "erizo de tierra" | "hedgehog" => "erizo",
        "aves" | "loro" | "lora" | "perico" | "canario" | "bird" | "avian" | "pajaro" => "ave",
        "quelonio" | "turtle" | "tortoise" | "morrocoy" => "tortuga",
        "iguana" | "serpiente" | "reptiles" | "reptile" => "reptil",
        "peces" | "fish" => "pez",
        "equino" | "yegua" | "horse" | "equine" => "caballo",
        other => return other.replace(' ', "_"),
    };
    key.to_owned()
}

/// What a breed without one is called everywhere else.
pub fn mestizo(plain: &str) -> bool {
    matches!(
        plain,
        "mestizo"
            | "mestiza"
            | "criollo"
            | "criolla"
            | "srd"
            | "sin raza"
            | "sin raza definida"
            | "cruce"
            | "mixed"
            | "mixed breed"
            | "mixto"
            | "chusco"
            | "comun"
            | "domestico"
            | "dsh"
            | "domestic shorthair"
            | "s r d"
    )
}

/// Kind and number of a document; the kind is told by the number where nobody says it.
pub fn documento(tipo: Option<&str>, numero: &str) -> Result<DocumentoTipo, &'static str> {
    let digits = numero.chars().filter(char::is_ascii_digit).count();
    let plain = numero.chars().filter(|c| c.is_alphanumeric()).count();
    match tipo.map(|tipo| text::words(tipo).join(" ")).as_deref() {
        None if plain == digits && digits <= 8 => Ok(DocumentoTipo::Dni),
        None if plain == digits && digits == 11 => Ok(DocumentoTipo::Ruc),
        None if plain == digits && digits == 9 => Ok(DocumentoTipo::Ce),
        None => Err("no se sabe de qué tipo es: agregue una columna con el tipo de documento"),
        Some("dni" | "d n i" | "l e" | "1" | "01" | "documento nacional de identidad") => Ok(DocumentoTipo::Dni),
        Some("ruc" | "r u c" | "6" | "06") => Ok(DocumentoTipo::Ruc),
        Some("ce" | "c e" | "carne de extranjeria" | "carnet de extranjeria" | "carnet extranjeria" | "4" | "04") => Ok(DocumentoTipo::Ce),
        Some("pasaporte" | "passport" | "pas" | "7" | "07") => Ok(DocumentoTipo::Pasaporte),
        Some("ptp" | "cpp" | "p t p") => Ok(DocumentoTipo::Ptp),
        Some(_) => Err("no es un tipo de documento: use DNI, RUC, CE, pasaporte o PTP"),
    }
}

/// `Pérez Gómez, Ana` or `Ana Pérez Gómez`: the last two words are surnames, as in Peru; of two, the last.
pub fn nombres_apellidos(full: &str) -> (String, Option<String>) {
    if let Some((apellidos, nombres)) = full.split_once(',') {
        return (nombres.trim().to_owned(), Some(apellidos.trim().to_owned()).filter(|text| !text.is_empty()));
    }
    let words: Vec<&str> = full.split_whitespace().collect();
    let names = match words.len() {
        0 | 1 => words.len(),
        2 | 3 => 1,
        more => more - 2,
    };
    let surnames = words[names..].join(" ");
    (words[..names].join(" "), Some(surnames).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;
    use rstest::rstest;

    #[rstest]
    #[case("31/12/2025", Some(date(2025, 12, 31)))]
    #[case("1-2-24", Some(date(2024, 2, 1)))]
    #[case("05.06.1999", Some(date(1999, 6, 5)))]
    #[case("2025-12-31", Some(date(2025, 12, 31)))]
    #[case("2025-12-31T10:00:00", Some(date(2025, 12, 31)))]
    #[case("31/12/2025 10:00", Some(date(2025, 12, 31)))]
    #[case("45000", Some(date(2023, 3, 15)))]
    #[case("31/02/2025", None)]
    #[case("12/31/2025", None)]
    #[case("12", None)]
    #[case("ayer", None)]
    #[case("99999999999999/1/1", None)]
    fn days(#[case] text: &str, #[case] expected: Option<Date>) {
        assert_eq!(fecha(text, Fechas::DiaMes), expected);
    }

    #[test]
    fn an_american_file_has_the_month_first() {
        assert_eq!(fecha("12/31/2025", Fechas::MesDia), Some(date(2025, 12, 31)));
        assert_eq!(fecha("2025-12-31", Fechas::MesDia), Some(date(2025, 12, 31)));
    }

    #[rstest]
    #[case("9:30", Some(time(9, 30, 0, 0)))]
    #[case("09:30:00", Some(time(9, 30, 0, 0)))]
    #[case("3:15 p. m.", Some(time(15, 15, 0, 0)))]
    #[case("12 am", Some(time(0, 0, 0, 0)))]
    #[case("0.5", Some(time(12, 0, 0, 0)))]
    #[case("25:00", None)]
    #[case("9", None)]
    fn hours(#[case] text: &str, #[case] expected: Option<Time>) {
        assert_eq!(hora(text), expected);
    }

    #[test]
    fn day_and_hour_in_one_cell() {
        let expected = Some(date(2026, 3, 4).at(9, 30, 0, 0));
        assert_eq!(momento("04/03/2026 9:30", Fechas::DiaMes), expected);
        assert_eq!(momento("2026-03-04T09:30:00", Fechas::DiaMes), expected);
        assert_eq!(momento("46085.395833333336", Fechas::DiaMes), expected);
    }

    #[rstest]
    #[case("3", Some(36))]
    #[case("3 años", Some(36))]
    #[case("2a6m", Some(30))]
    #[case("2 años y 6 meses", Some(30))]
    #[case("8 meses", Some(8))]
    #[case("cachorro", None)]
    #[case("500", None)]
    fn ages(#[case] text: &str, #[case] expected: Option<i32>) {
        assert_eq!(edad(text), expected);
    }

    #[rstest]
    #[case("4,25", Some(4.25))]
    #[case("12.5 kg", Some(12.5))]
    #[case("doce", None)]
    #[case("inf", None)]
    fn numbers(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(numero(text), expected);
    }

    #[rstest]
    #[case("Pérez Gómez, Ana María", ("Ana María", Some("Pérez Gómez")))]
    #[case("Ana Pérez", ("Ana", Some("Pérez")))]
    #[case("Ana Pérez Gómez", ("Ana", Some("Pérez Gómez")))]
    #[case("Ana María Pérez Gómez", ("Ana María", Some("Pérez Gómez")))]
    #[case("Ana", ("Ana", None))]
    fn names(#[case] text: &str, #[case] expected: (&str, Option<&str>)) {
        let (nombres, apellidos) = nombres_apellidos(text);
        assert_eq!((nombres.as_str(), apellidos.as_deref()), expected);
    }

    #[rstest]
    #[case(None, "44556677", Ok(DocumentoTipo::Dni))]
    #[case(None, "20131312955", Ok(DocumentoTipo::Ruc))]
    #[case(Some("C.E."), "001234567", Ok(DocumentoTipo::Ce))]
    #[case(Some("licencia"), "Q1", Err(()))]
    #[case(None, "AB12345", Err(()))]
    fn documents(#[case] tipo: Option<&str>, #[case] numero: &str, #[case] expected: Result<DocumentoTipo, ()>) {
        assert_eq!(documento(tipo, numero).map_err(drop), expected);
    }
}
