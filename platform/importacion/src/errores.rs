//! The rows that were refused, as a file of the kind that they came in, with a column that says why.
use crate::{
    filas,
    model::{ErrorDeFila, FilaConErrores, Formato, Importacion},
};
use kernel::Problem;
use rust_xlsxwriter::Workbook;
use std::collections::BTreeMap;

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";
/// The column that says why. A file that is mended comes with it again, and nobody reads it.
const COLUMNA: &str = "error";

/// Content type and content.
pub fn archivo(importacion: &Importacion, cuerpo: &[u8], malas: &[FilaConErrores]) -> Result<(&'static str, Vec<u8>), Problem> {
    let malas: BTreeMap<i32, &[ErrorDeFila]> = malas.iter().map(|mala| (mala.fila, mala.errores.as_slice())).collect();
    let titles = importacion.columnas.iter().map(String::as_str).filter(|title| *title != COLUMNA).chain([COLUMNA]);
    let width = titles.clone().count() - 1;
    let keep: Vec<bool> = importacion.columnas.iter().map(|title| title != COLUMNA).collect();
    let rows = filas::de_archivo(cuerpo).filter_map(|fila| {
        let errores = malas.get(&fila.numero)?;
        let cells = fila.celdas().zip(&keep).filter(|(_, keep)| **keep).map(|(cell, _)| cell.to_owned());
        let mut row: Vec<String> = cells.collect();
        row.resize(width, String::new());
        row.push(said(errores));
        Some(row)
    });
    match importacion.formato {
        Formato::Csv => csv(importacion.separador.as_deref(), titles, rows).map(|file| (CSV, file)).map_err(Problem::internal),
        Formato::Xlsx => xlsx(titles, rows).map(|file| (XLSX, file)).map_err(Problem::internal),
    }
}

/// `DNI: un DNI tiene 8 dígitos; Celular: …`
fn said(errores: &[ErrorDeFila]) -> String {
    let one = |error: &ErrorDeFila| match error.columna.as_deref().or(error.campo.as_deref()) {
        Some(columna) => format!("{columna}: {}", error.detail),
        None => error.detail.clone(),
    };
    errores.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn csv<'a>(
    separador: Option<&str>,
    titles: impl Iterator<Item = &'a str>,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, csv::Error> {
    // Without a byte order mark spreadsheets read UTF-8 as something else.
    let file = "\u{feff}".as_bytes().to_vec();
    let separador = separador.and_then(|text| text.bytes().next()).unwrap_or(b';');
    let mut writer = csv::WriterBuilder::new().delimiter(separador).terminator(csv::Terminator::CRLF).from_writer(file);
    writer.write_record(titles)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn xlsx<'a>(titles: impl Iterator<Item = &'a str>, rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    for (column, title) in (0..).zip(titles) {
        sheet.write_string(0, column, title)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            // As text: a document keeps its zeros.
            sheet.write_string(line, column, cell)?;
        }
    }
    book.save_to_buffer()
}
