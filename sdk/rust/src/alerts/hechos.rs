//! The platform's document of facts, `hechos/v1`. It grows by optional members only, so unknown ones are passed over, and
//! all but the pet may be missing: the host leaves out what a rule did not ask for.
use crate::Date;
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};

/// The schema that these types read.
pub const ESQUEMA: &str = "hechos/v1";

/// Every list from the oldest to the newest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hechos {
    pub mascota: Mascota,
    #[serde(default)]
    pub pesos: Vec<Peso>,
    #[serde(default)]
    pub vacunas: Vec<Vacuna>,
    #[serde(default)]
    pub desparasitaciones: Vec<Desparasitacion>,
    #[serde(default)]
    pub problemas: Vec<Problema>,
    #[serde(default)]
    pub alergias: Vec<Alergia>,
    #[serde(default)]
    pub tratamientos: Vec<Tratamiento>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mascota {
    /// Key of the species: `perro`, `gato`…
    pub especie: String,
    pub raza: Option<String>,
    pub sexo: Option<String>,
    pub esterilizado: Option<bool>,
    pub nacimiento: Option<Date>,
    #[serde(default)]
    pub nacimiento_estimado: bool,
    pub fallecida_en: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peso {
    pub en: Timestamp,
    pub kg: f64,
    /// Body condition, 1 to 9.
    pub condicion: Option<i16>,
}

impl Peso {
    /// The day in Peru.
    pub fn fecha(&self) -> Date {
        tz::offset(-5).to_datetime(self.en).date()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vacuna {
    pub fecha: Date,
    #[serde(default)]
    pub producto: String,
    /// What it protects from. Empty if nobody knows.
    #[serde(default)]
    pub antigenos: Vec<String>,
    /// The antigens follow from the product's name; nobody wrote them down.
    #[serde(default)]
    pub por_nombre: bool,
    /// Given elsewhere.
    #[serde(default)]
    pub anterior: bool,
    /// When the next dose is due, in the words of who gave this one.
    pub proxima: Option<Date>,
}

/// Which parasites it acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alcance {
    Interna,
    Externa,
    Ambas,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Desparasitacion {
    pub fecha: Date,
    #[serde(default)]
    pub producto: String,
    pub alcance: Alcance,
    #[serde(default)]
    pub activos: Vec<String>,
    #[serde(default)]
    pub anterior: bool,
    pub proxima: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problema {
    pub desde: Date,
    /// When it was over.
    pub hasta: Option<Date>,
    pub nombre: String,
    pub codigo: Option<String>,
    #[serde(default)]
    pub cronico: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alergia {
    pub desde: Date,
    pub hasta: Option<Date>,
    /// What causes it.
    pub a: String,
    pub sustancia: String,
    pub gravedad: String,
    pub reaccion: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tratamiento {
    pub desde: Date,
    /// Its last day, planned or past; none while it goes on until somebody ends it.
    pub hasta: Option<Date>,
    pub farmaco: String,
    #[serde(default)]
    pub dosis: String,
    pub cada_horas: Option<i32>,
}
