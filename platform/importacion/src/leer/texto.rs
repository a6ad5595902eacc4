//! CSV as Excel in Peru, other programs and people write it.
use super::{Cuaderno, Formato, Ilegible, Leido};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// Between cells, the likeliest first.
const SEPARADORES: [u8; 4] = [b';', b',', b'\t', b'|'];
/// Rows that are looked at to find out.
const MUESTRA: usize = 30;

pub fn leer(bytes: &[u8]) -> Result<Leido, Ilegible> {
    let (text, encoding) = decode(bytes)?;
    let (text, told) = match told(&text) {
        Some((separador, rest)) => (rest, Some(separador)),
        None => (&*text, None),
    };
    let separador = told.unwrap_or_else(|| separator(text));
    let first = if told.is_some() { 2 } else { 1 };
    let (mut cuaderno, mut lines) = (Cuaderno::new(), Lineas { text: text.as_bytes(), at: 0, line: first });
    for record in reader(text, separador).into_records() {
        let record = record.map_err(|_| Ilegible::Danado)?;
        let line = lines.of(record.position().map_or(0, |position| position.byte() as usize));
        cuaderno.add(line, record.iter())?;
    }
    cuaderno.finish(Formato::Csv, Some(char::from(separador)), Some(encoding.name()))
}

/// Counts the lines up to a place. A record's place is told from the end of the one before, breaks and empty lines between
/// them included.
struct Lineas<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lineas<'_> {
    fn of(&mut self, place: usize) -> usize {
        let rest = self.text.get(place..).unwrap_or_default();
        let begins = place + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.get(self.at..begins).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = begins;
        self.line
    }
}

/// A byte order mark says it; else it is UTF-8 if it can be, and else what Windows writes in Peru.
fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static Encoding), Ilegible> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((marked, _)) => marked,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    let (text, used, broken) = encoding.decode(bytes);
    if broken || text.contains('\0') { Err(Ilegible::OtroFormato) } else { Ok((text, used)) }
}

/// Excel may name the separator in a line of its own: `sep=;`.
fn told(text: &str) -> Option<(u8, &str)> {
    let (line, rest) = text.split_once('\n')?;
    let separador = line.trim_end().strip_prefix("sep=")?.bytes().next()?;
    SEPARADORES.contains(&separador).then_some((separador, rest))
}

fn reader(text: &str, separador: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separador).from_reader(text.as_bytes())
}

/// The one by which most rows have as many cells as the titles, and then the one that makes most cells.
fn separator(text: &str) -> u8 {
    let score = |separador: &u8| {
        let widths: Vec<usize> = reader(text, *separador).records().take(MUESTRA).flatten().map(|record| record.len()).collect();
        let titles = widths.first().copied().unwrap_or(0);
        let alike = widths.iter().filter(|width| **width == titles).count();
        if titles < 2 { (0, 0) } else { (alike * 100 / widths.len().max(1), titles) }
    };
    let best = SEPARADORES.iter().rev().max_by_key(|separador| score(separador));
    best.copied().unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::super::tests::rows;
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::excel_in_peru("nombre;dni\r\nPeña;01234567\r\n", ';')]
    #[case::english("nombre,dni\nPeña,01234567\n", ',')]
    #[case::tabs("nombre\tdni\nPeña\t01234567\n", '\t')]
    #[case::named("sep=;\r\nnombre;dni\r\nPeña;01234567", ';')]
    #[case::commas_inside("nombre;dni\n\"Peña\";01234567\n\n", ';')]
    fn the_separator_is_found(#[case] text: &str, #[case] expected: char) {
        let leido = leer(text.as_bytes()).expect("readable");
        assert_eq!((leido.separador, leido.columnas.clone()), (Some(expected), vec!["nombre".to_owned(), "dni".to_owned()]));
        let line = if text.starts_with("sep") { 3 } else { 2 };
        assert_eq!(rows(&leido), [(line, vec!["Peña".to_owned(), "01234567".to_owned()])]);
    }

    #[rstest]
    #[case::utf8("a;b\nÑandú;1".as_bytes().to_vec(), "UTF-8")]
    #[case::marked([b"\xEF\xBB\xBF".to_vec(), "a;b\nÑandú;1".as_bytes().to_vec()].concat(), "UTF-8")]
    #[case::windows(b"a;b\n\xD1and\xFA;1".to_vec(), "windows-1252")]
    #[case::utf16([vec![0xFF, 0xFE], "a;b\nÑandú;1".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(), "UTF-16LE")]
    fn the_encoding_is_found(#[case] bytes: Vec<u8>, #[case] expected: &str) {
        let leido = leer(&bytes).expect("readable");
        assert_eq!(leido.codificacion, Some(expected));
        assert_eq!(leido.columnas, ["a", "b"]);
        assert_eq!(rows(&leido)[0].1[0], "Ñandú");
    }

    #[test]
    fn rows_keep_the_number_that_they_have_in_the_file() {
        let leido = leer("a,a,\n\n1,2,3\n,,\n\"de\ndos líneas\",5\n7,8,9,10\n".as_bytes()).expect("readable");
        assert_eq!(leido.columnas, ["a", "a (2)", "Columna 3"]);
        assert_eq!(rows(&leido).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 5, 7]);
        assert_eq!(rows(&leido)[2].1.len(), 3);
    }
}
