//! Rows on their way into a file: CSV or a workbook. Memory does not grow with their number.
use super::columnas::{Columna, Tipo};
use jiff::{Timestamp, tz::TimeZone};
use kernel::Problem;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;
use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
};

/// Spreadsheets know no zone: instants are shown in this one, and the title says so.
const ZONA: &str = "America/Lima";
/// What a sheet holds, without its title.
pub const FILAS_MAX: usize = 1_048_575;
/// The most that a cell of a sheet takes, in UTF-16 units; longer texts are cut there.
const CELDA_MAX: usize = 32_767;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formato {
    Csv,
    Xlsx,
}

impl Formato {
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
    pub fn clave(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A file of rows that is being written.
pub enum Tabla {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Xlsx(Box<Libro>),
}

/// The workbook writes its rows to a file of its own as they come.
pub struct Libro {
    libro: Workbook,
    file: File,
    filas: u32,
    momento: Format,
    zona: TimeZone,
}

impl Tabla {
    pub fn new(formato: Formato, file: File, columnas: &[Columna]) -> Result<Self, Problem> {
        match formato {
            Formato::Csv => csv_file(file, columnas).map_err(Problem::internal),
            Formato::Xlsx => Libro::new(file, columnas).map(|libro| Self::Xlsx(Box::new(libro))).map_err(Problem::internal),
        }
    }

    pub fn add(&mut self, columnas: &[Columna], item: &Value) -> Result<(), Problem> {
        let cells = columnas.iter().map(|columna| (columna.tipo, item.pointer(&columna.puntero).unwrap_or(&Value::Null)));
        match self {
            Self::Csv(writer) => writer.write_record(cells.map(|(_, value)| harmless(text(value)))).map_err(Problem::internal),
            Self::Xlsx(libro) => libro.add(cells).map_err(Problem::internal),
        }
    }

    /// The file, whole, at its beginning.
    pub fn finish(self) -> Result<File, Problem> {
        let mut file = match self {
            Self::Csv(writer) => {
                let buffer = writer.into_inner().map_err(Problem::internal)?;
                buffer.into_inner().map_err(Problem::internal)?
            }
            Self::Xlsx(mut libro) => {
                let mut buffer = BufWriter::new(libro.file);
                libro.libro.save_to_writer(&mut buffer).map_err(Problem::internal)?;
                buffer.into_inner().map_err(Problem::internal)?
            }
        };
        file.rewind().map_err(Problem::internal)?;
        Ok(file)
    }
}

fn csv_file(file: File, columnas: &[Columna]) -> Result<Tabla, std::io::Error> {
    let mut buffer = BufWriter::new(file);
    // Without it spreadsheets read UTF-8 as something else.
    buffer.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(buffer);
    writer.write_record(columnas.iter().map(|columna| columna.titulo.as_str()))?;
    Ok(Tabla::Csv(Box::new(writer)))
}

impl Libro {
    fn new(file: File, columnas: &[Columna]) -> Result<Self, XlsxError> {
        let mut libro = Workbook::new();
        let sheet = libro.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (index, columna) in (0..).zip(columnas) {
            let note = if columna.tipo == Tipo::Momento { " (hora de Lima)" } else { "" };
            sheet.set_column_width(index, if columna.tipo == Tipo::Momento { 22 } else { 18 })?;
            sheet.write_with_format(0, index, format!("{}{note}", columna.titulo), &bold)?;
        }
        let zona = TimeZone::get(ZONA).unwrap_or(TimeZone::UTC);
        Ok(Self { libro, file, filas: 0, momento: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"), zona })
    }

    fn add<'a>(&mut self, cells: impl Iterator<Item = (Tipo, &'a Value)>) -> Result<(), XlsxError> {
        self.filas += 1;
        let sheet = self.libro.worksheet_from_index(0)?;
        for (index, (tipo, value)) in (0..).zip(cells) {
            write_cell(sheet, (self.filas, index), tipo, value, (&self.momento, &self.zona))?;
        }
        Ok(())
    }
}

/// Text is written as text, so a sheet computes nothing from it.
fn write_cell(sheet: &mut Worksheet, at: (u32, u16), tipo: Tipo, value: &Value, moment: (&Format, &TimeZone)) -> Result<(), XlsxError> {
    let (row, column) = at;
    match (tipo, value) {
        (_, Value::Null) => {}
        (Tipo::Numero, Value::Number(number)) => drop(sheet.write_number(row, column, number.as_f64().unwrap_or_default())?),
        (Tipo::Logico, Value::Bool(yes)) => drop(sheet.write_boolean(row, column, *yes)?),
        (Tipo::Momento, Value::String(at)) if at.parse::<Timestamp>().is_ok() => {
            let at = at.parse::<Timestamp>().unwrap_or_default().to_zoned(moment.1.clone()).datetime();
            sheet.write_datetime_with_format(row, column, at, moment.0)?;
        }
        _ => drop(sheet.write_string(row, column, cut(text(value)))?),
    }
    Ok(())
}

fn cut(mut text: String) -> String {
    if text.len() > CELDA_MAX && text.encode_utf16().count() > CELDA_MAX {
        let mut units = 0;
        let end = text.char_indices().find(|(_, letter)| {
            units += letter.len_utf16();
            units > CELDA_MAX
        });
        text.truncate(end.map_or(text.len(), |(at, _)| at));
    }
    text
}

/// A value as people read it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "sí" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(text).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A spreadsheet takes text that begins like this for a formula, which can read other cells and call outside
/// (OWASP, CSV injection): with an apostrophe it stays text.
fn harmless(text: String) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::a_formula("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")")]
    #[case::a_command("@SUM(A1)", "'@SUM(A1)")]
    #[case::a_phone("+51987654321x", "'+51987654321x")]
    #[case::a_negative_number("-12.50", "-12.50")]
    #[case::a_name("Ñusta", "Ñusta")]
    fn nothing_in_a_csv_is_a_formula(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(harmless(given.to_owned()), expected);
    }

    #[rstest]
    #[case(json!(["a", 1]), "a; 1")]
    #[case(json!({ "a": 1 }), "{\"a\":1}")]
    #[case(json!(true), "sí")]
    #[case(json!(null), "")]
    fn values_read_as_people_read_them(#[case] value: Value, #[case] expected: &str) {
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn a_long_text_ends_where_a_cell_does() {
        assert_eq!(cut("ñ".repeat(40_000)).encode_utf16().count(), CELDA_MAX);
        assert_eq!(cut("😀".repeat(20_000)).encode_utf16().count(), CELDA_MAX - 1);
    }
}
