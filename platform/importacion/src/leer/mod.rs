//! From the bytes of a file to titles and rows of text, whatever program wrote them.
mod libro;
mod texto;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a file may hold; beyond, it is to be split.
pub const FILAS_MAX: usize = 200_000;
const COLUMNAS_MAX: usize = 100;
const CELDA_MAX: usize = 20_000;

/// Clase de archivo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Formato {
    Csv,
    Xlsx,
}

/// Why a file cannot be read, for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ilegible {
    #[error("el archivo está vacío")]
    Vacio,
    #[error("el archivo no tiene filas debajo de los títulos")]
    SinFilas,
    #[error("el archivo no es CSV ni un libro .xlsx; si es .xls o tiene contraseña, guárdelo como .xlsx o CSV")]
    OtroFormato,
    #[error("el libro está dañado")]
    Danado,
    #[error("el libro ocupa demasiado al descomprimirse")]
    Bomba,
    #[error("tiene más de {FILAS_MAX} filas: divídalo")]
    MuchasFilas,
    #[error("tiene más de {COLUMNAS_MAX} columnas")]
    MuchasColumnas,
    #[error("la fila {0} tiene una celda de más de {CELDA_MAX} caracteres")]
    CeldaLarga(usize),
}

/// A file, read: its titles, and its rows as CSV of ours, each after the number that it has in the file.
#[derive(Debug)]
pub struct Leido {
    pub formato: Formato,
    pub separador: Option<char>,
    pub codificacion: Option<&'static str>,
    pub columnas: Vec<String>,
    pub filas: usize,
    pub cuerpo: Vec<u8>,
}

pub fn leer(bytes: &[u8]) -> Result<Leido, Ilegible> {
    match bytes {
        [] => Err(Ilegible::Vacio),
        [b'P', b'K', 3, 4, ..] => libro::leer(bytes),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(Ilegible::OtroFormato),
        _ => texto::leer(bytes),
    }
}

/// Takes rows as they come, the titles first.
struct Cuaderno {
    columnas: Vec<String>,
    filas: usize,
    writer: csv::Writer<Vec<u8>>,
}

impl Cuaderno {
    fn new() -> Self {
        Self { columnas: Vec::new(), filas: 0, writer: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()) }
    }

    fn add<'a>(&mut self, numero: usize, cells: impl Iterator<Item = &'a str> + Clone) -> Result<(), Ilegible> {
        if cells.clone().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.columnas.is_empty() {
            self.columnas = titles(cells);
            return if self.columnas.len() > COLUMNAS_MAX { Err(Ilegible::MuchasColumnas) } else { Ok(()) };
        }
        if cells.clone().any(|cell| cell.len() > CELDA_MAX) {
            return Err(Ilegible::CeldaLarga(numero));
        }
        self.filas += 1;
        if self.filas > FILAS_MAX {
            return Err(Ilegible::MuchasFilas);
        }
        self.writer.write_field(numero.to_string()).map_err(|_| Ilegible::Danado)?;
        self.writer.write_record(cells.take(self.columnas.len()).map(str::trim)).map_err(|_| Ilegible::Danado)
    }

    fn finish(self, formato: Formato, separador: Option<char>, codificacion: Option<&'static str>) -> Result<Leido, Ilegible> {
        match (self.columnas.is_empty(), self.filas) {
            (true, _) => Err(Ilegible::Vacio),
            (false, 0) => Err(Ilegible::SinFilas),
            (false, filas) => {
                let cuerpo = self.writer.into_inner().map_err(|_| Ilegible::Danado)?;
                Ok(Leido { formato, separador, codificacion, columnas: self.columnas, filas, cuerpo })
            }
        }
    }
}

/// Every title once: a column without one, or with one that was there already, gets its number. PostgreSQL's text
/// holds no U+0000.
fn titles<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for (index, cell) in cells.enumerate() {
        let title: String = cell.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        let title = if title.is_empty() { format!("Columna {}", index + 1) } else { title };
        let taken = titles.contains(&title);
        titles.push(if taken { format!("{title} ({})", index + 1) } else { title });
    }
    titles
}

/// The rows of [`Leido::cuerpo`], each with its number in the file.
pub fn filas(cuerpo: &[u8]) -> impl Iterator<Item = (usize, csv::StringRecord)> + '_ {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(cuerpo);
    reader.into_records().filter_map(Result::ok).filter_map(|mut record| {
        let numero = record.get(0)?.parse().ok()?;
        record = record.iter().skip(1).collect();
        Some((numero, record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn rows(leido: &Leido) -> Vec<(usize, Vec<String>)> {
        filas(&leido.cuerpo).map(|(numero, record)| (numero, record.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_reason() {
        assert_eq!(leer(b"").err(), Some(Ilegible::Vacio));
        assert_eq!(leer(b" \n\n").err(), Some(Ilegible::Vacio));
        assert_eq!(leer(b"nombre;dni\n").err(), Some(Ilegible::SinFilas));
        assert_eq!(leer(&[0xD0, 0xCF, 0x11, 0xE0, 1]).err(), Some(Ilegible::OtroFormato));
        assert_eq!(leer(b"PK\x03\x04 not a workbook").err(), Some(Ilegible::Danado));
        let long = format!("nota\n{}\n", "x".repeat(CELDA_MAX + 1));
        assert_eq!(leer(long.as_bytes()).err(), Some(Ilegible::CeldaLarga(2)));
    }

    proptest! {
        // Whatever bytes come, the answer is rows or a reason.
        #[test]
        fn no_file_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), zip in any::<bool>()) {
            let mut bytes = bytes;
            if zip {
                bytes.splice(0..0, *b"PK\x03\x04");
            }
            if let Ok(leido) = leer(&bytes) {
                prop_assert_eq!(filas(&leido.cuerpo).count(), leido.filas);
            }
        }
    }
}
