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
    valores,
};
use jiff::{Timestamp, civil::Date};
use kernel::{FieldError, Indexer, Problem, Tx};
use pacientes::EspecieConocida;
use std::{collections::HashMap, sync::Arc};
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
    /// Sets the rows aside that could not be read; answers the others.
    fn apartar<T>(&mut self, leidas: Vec<Leida<T>>) -> Vec<T> {
        let set_aside = |leida: Leida<T>| leida.map_err(|FilaConErrores { fila, errores }| self.mala(fila, errores)).ok();
        leidas.into_iter().filter_map(set_aside).collect()
    }

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

/// A row that may be looked up and written, or its faults.
type Leida<T> = Result<T, FilaConErrores>;

/// A portion as the file says it, read and checked before any look at what is there.
pub enum Lote {
    Tutores(Vec<Leida<tutores::Candidato>>),
    Mascotas(Vec<Leida<mascotas::Candidato>>),
    Pesos(Vec<Leida<pesos::Candidato>>),
    Antecedentes(Vec<Leida<antecedentes::Candidato>>),
    /// What a row of these means depends on the sedes, services and vets of the moment.
    Citas(Vec<Fila>),
}

impl Lote {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Tutores(all) => all.is_empty(),
            Self::Mascotas(all) => all.is_empty(),
            Self::Pesos(all) => all.is_empty(),
            Self::Antecedentes(all) => all.is_empty(),
            Self::Citas(all) => all.is_empty(),
        }
    }
}

/// Reads rows without the database: shared with the thread that reads the next portion while one is written.
pub struct Lectura {
    importacion: Importacion,
    lector: Lector,
    indexer: Indexer,
    especies: Vec<EspecieConocida>,
    ahora: Timestamp,
}

impl Lectura {
    pub fn leer(&self, filas: Vec<Fila>) -> Lote {
        match self.importacion.tipo {
            Tipo::Tutores => Lote::Tutores(leidas(&filas, |fila| tutores::Candidato::leer(self, fila))),
            Tipo::Mascotas => Lote::Mascotas(leidas(&filas, |fila| mascotas::Candidato::leer(self, fila))),
            Tipo::Pesos => Lote::Pesos(leidas(&filas, |fila| pesos::leer(self, fila))),
            Tipo::Vacunas => Lote::Antecedentes(leidas(&filas, |fila| antecedentes::vacuna(self, fila))),
            Tipo::Visitas => Lote::Antecedentes(leidas(&filas, |fila| antecedentes::visita(self, fila))),
            Tipo::Citas => Lote::Citas(filas),
        }
    }

    fn hoy(&self) -> Date {
        valores::hoy(self.ahora)
    }

    fn get<'a>(&'a self, fila: &'a Fila, campo: &str) -> Option<&'a str> {
        self.lector.get(fila, campo)
    }

    fn error(&self, campo: &str, detail: impl Into<String>) -> ErrorDeFila {
        self.lector.error(campo, detail)
    }

    /// Blind index of the key that another system gave to something.
    fn clave_de(&self, clase: &str, valor: &str) -> Vec<u8> {
        let sistema = &self.importacion.opciones.sistema;
        self.indexer.blind_index("traido.clave", &format!("{clase}\u{1f}{sistema}\u{1f}{valor}"))
    }

    /// The same of a row, by all that it says if it has no key.
    fn clave_de_fila(&self, clase: &str, fila: &Fila) -> Vec<u8> {
        match self.get(fila, "clave") {
            Some(valor) => self.clave_de(clase, valor),
            None => self.indexer.blind_index("traido.fila", &format!("{clase}\u{1f}{}", self.lector.todo(fila))),
        }
    }
}

fn leidas<T>(filas: &[Fila], leer: impl Fn(&Fila) -> Result<T, Vec<ErrorDeFila>>) -> Vec<Leida<T>> {
    filas.iter().map(|fila| leer(fila).map_err(|errores| FilaConErrores { fila: fila.numero, errores })).collect()
}

/// One run over a file: a trial, or the import.
pub struct Corrida {
    pub probar: bool,
    lectura: Arc<Lectura>,
    /// Who or what the rows so far were about, by what it is found again: a trial writes nothing that could be found.
    memoria: HashMap<Vec<u8>, Uuid>,
    /// Names of those who were found by a document.
    nombres: HashMap<Uuid, String>,
}

impl Corrida {
    pub async fn new(tx: &mut Tx, importacion: Importacion, probar: bool) -> Result<Self, Problem> {
        let especies = match importacion.tipo {
            Tipo::Mascotas => pacientes::especies_conocidas(tx).await?,
            _ => Vec::new(),
        };
        let lector = Lector::new(&importacion.mapeo, &importacion.columnas);
        let lectura = Lectura { importacion, lector, indexer: tx.indexer(), especies, ahora: tx.now() };
        Ok(Self { probar, lectura: Arc::new(lectura), memoria: HashMap::new(), nombres: HashMap::new() })
    }

    pub fn lectura(&self) -> &Arc<Lectura> {
        &self.lectura
    }

    pub fn importacion(&self) -> &Importacion {
        &self.lectura.importacion
    }

    /// Compares a portion with what is there and, unless this is a trial, writes what it brings.
    pub async fn lote(&mut self, tx: &mut Tx, lote: Lote) -> Result<Salida, Problem> {
        match lote {
            Lote::Tutores(leidas) => tutores::lote(self, tx, leidas).await,
            Lote::Mascotas(leidas) => mascotas::lote(self, tx, leidas).await,
            Lote::Pesos(leidas) => pesos::lote(self, tx, leidas).await,
            Lote::Antecedentes(leidas) => antecedentes::lote(self, tx, leidas).await,
            Lote::Citas(filas) => agenda::lote(self, tx, &filas).await,
        }
    }

    fn vista(&self, clave: &[u8]) -> bool {
        self.memoria.contains_key(clave)
    }
    fn recordar(&mut self, clave: &[u8], id: impl Into<Uuid>) {
        self.memoria.insert(clave.to_vec(), id.into());
    }
    fn error(&self, campo: &str, detail: impl Into<String>) -> ErrorDeFila {
        self.lectura.error(campo, detail)
    }
}
