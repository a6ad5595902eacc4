//! From the rows of a file to what is written: kind by kind.
mod agenda;
mod antecedentes;
mod mascotas;
mod paciente;
mod pesos;
mod tutores;

use crate::{
    leer,
    model::{CuentaDeFilas, ErrorDeFila, FilaConErrores, Importacion, Mapeo, Tipo},
};
use kernel::{FieldError, Problem, Tx};
use pacientes::EspecieConocida;
use std::collections::HashMap;
use uuid::Uuid;

/// A row and its number in the file.
pub struct Fila {
    pub numero: i32,
    celdas: csv::StringRecord,
}

impl Fila {
    pub fn celdas(&self) -> impl Iterator<Item = &str> {
        self.celdas.iter()
    }
}

pub fn de_archivo(cuerpo: &[u8]) -> impl Iterator<Item = Fila> + '_ {
    leer::filas(cuerpo).map(|(numero, celdas)| Fila { numero: numero.try_into().unwrap_or(i32::MAX), celdas })
}

/// Where each field stands in a row.
pub struct Lector {
    mapeo: Mapeo,
    lugar: HashMap<String, usize>,
}

impl Lector {
    pub fn new(mapeo: &Mapeo, columnas: &[String]) -> Self {
        let place = |(campo, titulo): (&String, &String)| Some((campo.clone(), columnas.iter().position(|one| one == titulo)?));
        Self { mapeo: mapeo.clone(), lugar: mapeo.columnas.iter().filter_map(place).collect() }
    }

    /// What a row says of a field; nothing if its cell is empty.
    pub fn get<'a>(&'a self, fila: &'a Fila, campo: &str) -> Option<&'a str> {
        let value = fila.celdas.get(*self.lugar.get(campo)?)?.trim();
        Some(self.mapeo.valor(campo, value)).filter(|value| !value.is_empty())
    }

    pub fn has(&self, campo: &str) -> bool {
        self.lugar.contains_key(campo)
    }

    /// All that a row says, in one text: what it is known by where it has no key.
    fn todo(&self, fila: &Fila) -> String {
        let mut campos: Vec<&String> = self.lugar.keys().collect();
        campos.sort_unstable();
        campos.iter().map(|campo| format!("{campo}={}", self.get(fila, campo).unwrap_or_default())).collect::<Vec<_>>().join("\u{1f}")
    }

    fn error(&self, campo: &str, detail: impl Into<String>) -> ErrorDeFila {
        ErrorDeFila { campo: Some(campo.to_owned()), columna: self.mapeo.columnas.get(campo).cloned(), detail: detail.into() }
    }

    /// The faults of the API's own rules, by field of the file.
    fn errores(&self, errors: Vec<FieldError>, campo: impl Fn(&str) -> &'static str) -> Vec<ErrorDeFila> {
        let mut told: Vec<ErrorDeFila> = Vec::new();
        for error in errors {
            let campo = campo(&error.pointer);
            let one = if campo.is_empty() {
                ErrorDeFila { campo: None, columna: None, detail: error.detail.into_owned() }
            } else {
                self.error(campo, error.detail)
            };
            if !told.contains(&one) {
                told.push(one);
            }
        }
        told
    }
}

/// What came of a row that was no fault.
#[derive(Debug)]
pub struct Registro {
    pub fila: i32,
    pub entidad: &'static str,
    pub registro_id: Uuid,
    pub accion: &'static str,
    pub version: i32,
    pub campos: Vec<String>,
    pub clave: Option<Vec<u8>>,
}

impl Registro {
    pub fn new(fila: i32, entidad: &'static str, registro_id: impl Into<Uuid>, accion: &'static str, clave: Option<Vec<u8>>) -> Self {
        Self { fila, entidad, registro_id: registro_id.into(), accion, version: 1, campos: Vec::new(), clave }
    }
}

/// What came of a portion.
#[derive(Debug, Default)]
pub struct Salida {
    pub cuenta: CuentaDeFilas,
    pub errores: Vec<FilaConErrores>,
    pub registros: Vec<Registro>,
}

impl Salida {
    fn mala(&mut self, fila: i32, errores: Vec<ErrorDeFila>) {
        self.cuenta.hechas += 1;
        self.cuenta.errores += 1;
        self.errores.push(FilaConErrores { fila, errores });
    }
    fn nueva(&mut self, registro: Registro) {
        self.cuenta.hechas += 1;
        self.cuenta.nuevas += 1;
        self.registros.push(registro);
    }
    fn actualizada(&mut self, registro: Registro) {
        self.cuenta.hechas += 1;
        self.cuenta.actualizadas += 1;
        self.registros.push(registro);
    }
    /// `registro`: where the file's key was not known yet.
    fn omitida(&mut self, registro: Option<Registro>) {
        self.cuenta.hechas += 1;
        self.cuenta.omitidas += 1;
        self.registros.extend(registro);
    }
}

/// One run over a file: a trial, or the import.
pub struct Corrida {
    pub importacion: Importacion,
    pub probar: bool,
    lector: Lector,
    /// Who or what the rows so far were about, by what it is found again: a trial writes nothing that could be found.
    memoria: HashMap<Vec<u8>, Uuid>,
    /// Names of those who were found by a document.
    nombres: HashMap<Uuid, String>,
    especies: Vec<EspecieConocida>,
}

impl Corrida {
    pub async fn new(tx: &mut Tx, importacion: Importacion, probar: bool) -> Result<Self, Problem> {
        let lector = Lector::new(&importacion.mapeo, &importacion.columnas);
        let especies = match importacion.tipo {
            Tipo::Mascotas => pacientes::especies_conocidas(tx).await?,
            _ => Vec::new(),
        };
        Ok(Self { importacion, probar, lector, memoria: HashMap::new(), nombres: HashMap::new(), especies })
    }

    /// Reads a portion and, unless this is a trial, writes what it brings.
    pub async fn lote(&mut self, tx: &mut Tx, filas: &[Fila]) -> Result<Salida, Problem> {
        match self.importacion.tipo {
            Tipo::Tutores => tutores::lote(self, tx, filas).await,
            Tipo::Mascotas => mascotas::lote(self, tx, filas).await,
            Tipo::Pesos => pesos::lote(self, tx, filas).await,
            Tipo::Vacunas | Tipo::Visitas => antecedentes::lote(self, tx, filas).await,
            Tipo::Citas => agenda::lote(self, tx, filas).await,
        }
    }

    fn vista(&self, clave: &[u8]) -> bool {
        self.memoria.contains_key(clave)
    }
    fn recordar(&mut self, clave: &[u8], id: impl Into<Uuid>) {
        self.memoria.insert(clave.to_vec(), id.into());
    }

    /// Blind index of the key that another system gave to something.
    fn clave_de(&self, tx: &Tx, entidad: &str, valor: &str) -> Vec<u8> {
        let sistema = &self.importacion.opciones.sistema;
        tx.blind_index("traido.clave", &format!("{entidad}\u{1f}{sistema}\u{1f}{valor}"))
    }

    /// The same of a row, by all that it says if it has no key.
    fn clave_de_fila(&self, tx: &Tx, entidad: &str, fila: &Fila) -> Vec<u8> {
        match self.lector.get(fila, "clave") {
            Some(valor) => self.clave_de(tx, entidad, valor),
            None => tx.blind_index("traido.fila", &format!("{entidad}\u{1f}{}", self.lector.todo(fila))),
        }
    }
}
