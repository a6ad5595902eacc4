//! Workbooks (.xlsx): the first sheet, cell by cell.
use super::{CELDA_MAX, COLUMNAS_MAX, Cuaderno, Formato, Ilegible, Leido};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use std::{
    fmt::Write,
    io::{Cursor, Read},
};

/// A workbook is a ZIP, whose announced sizes may lie: all of it is unpacked once into nothing. Texts of all cells are
/// held in memory, the sheet is not.
const TODO_MAX: u64 = 400 << 20;
const TEXTOS_MAX: u64 = 96 << 20;
const TEXTOS: &str = "xl/sharedStrings.xml";

pub fn leer(bytes: &[u8]) -> Result<Leido, Ilegible> {
    weigh(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| Ilegible::Danado)?;
    let sheet = book.sheet_names().first().cloned().ok_or(Ilegible::Vacio)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| Ilegible::Danado)?;
    let mut cuaderno = Cuaderno::new();
    let (mut number, mut row) = (0, Vec::<String>::new());
    while let Some(cell) = cells.next_cell().map_err(|_| Ilegible::Danado)? {
        let (line, column) = cell.get_position();
        if line != number {
            cuaderno.add(number as usize + 1, row.iter().map(String::as_str))?;
            (number, row) = (line, Vec::new());
        }
        let column = column as usize;
        let value = text(cell.get_value());
        if column >= COLUMNAS_MAX {
            match value.is_empty() {
                true => continue,
                false => return Err(Ilegible::MuchasColumnas),
            }
        }
        if value.len() > CELDA_MAX {
            return Err(Ilegible::CeldaLarga(number as usize + 1));
        }
        row.resize(row.len().max(column + 1), String::new());
        row[column] = value;
    }
    cuaderno.add(number as usize + 1, row.iter().map(String::as_str))?;
    cuaderno.finish(Formato::Xlsx, None, None)
}

fn weigh(bytes: &[u8]) -> Result<(), Ilegible> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Ilegible::Danado)?;
    let mut left = TODO_MAX;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|_| Ilegible::Danado)?;
        let most = if file.name().is_ok_and(|name| name == TEXTOS) { left.min(TEXTOS_MAX) } else { left };
        let size = std::io::copy(&mut file.take(most + 1), &mut std::io::sink()).map_err(|_| Ilegible::Danado)?;
        if size > most {
            return Err(Ilegible::Bomba);
        }
        left -= size;
    }
    Ok(())
}

/// A cell as a person would type it; days and times as ISO 8601.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "sí" } else { "no" }.to_owned(),
        DataRef::DateTime(at) => moment(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
    }
}

fn moment(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let mut text = String::new();
    if at.as_f64() >= 1.0 {
        let _ = write!(text, "{year:04}-{month:02}-{day:02}");
        if at.as_f64().fract() == 0.0 {
            return text;
        }
        text.push('T');
    }
    let _ = write!(text, "{hour:02}:{minute:02}:{second:02}");
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::rows;
    use super::*;
    use rust_xlsxwriter::{Format, Workbook};
    use std::io::Write as _;

    #[test]
    fn a_sheet_is_rows_of_text_with_days_as_iso() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let (day, time) = (Format::new().set_num_format("dd/mm/yyyy"), Format::new().set_num_format("dd/mm/yyyy hh:mm"));
        sheet.write_row(0, 0, ["Cliente", "DNI", "Nació", "Visto"]).expect("written");
        sheet.write_string(2, 0, " Ñandú ").expect("written");
        sheet.write_number(2, 1, 44_556_677).expect("written");
        sheet.write_number_with_format(2, 2, 45_000.0, &day).expect("written");
        sheet.write_number_with_format(2, 3, 45_000.5, &time).expect("written");
        sheet.write_number(3, 1, 2.5).expect("written");
        let leido = leer(&book.save_to_buffer().expect("a workbook")).expect("readable");
        assert_eq!(leido.columnas, ["Cliente", "DNI", "Nació", "Visto"]);
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert_eq!(rows(&leido), [(3, row(&["Ñandú", "44556677", "2023-03-15", "2023-03-15T12:00:00"])), (4, row(&["", "2.5"]))]);
    }

    #[test]
    fn a_small_file_that_unpacks_to_more_than_memory_is_refused() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(TEXTOS, zip::write::SimpleFileOptions::default()).expect("started");
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..=(TEXTOS_MAX >> 20) {
            zip.write_all(&zeros).expect("written");
        }
        let bytes = zip.finish().expect("a zip").into_inner();
        assert!(bytes.len() < 1 << 20, "small");
        assert_eq!(leer(&bytes).err(), Some(Ilegible::Bomba));
    }
}
