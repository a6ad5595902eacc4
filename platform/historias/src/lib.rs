//! Historias: all that happened to a pet, in one timeline, and its clinical record.
//!
//! Each domain answers with its own entries, newest first, before a position; here they are merged. Two
//! entries of one instant are told apart by id, so no page loses or repeats one. Visits of before the chain came here are
//! kept as they were told. What a pet was given and what it has is written once, ended or taken back with a reason, and
//! read by alert rules as one document ([`Hechos`]).
mod antecedentes;
mod aplicar;
mod importar;
mod lector;
mod model;
mod portable;
mod routes;
mod store;

pub use antecedentes::{Antecedente, AntecedenteTipo, FichaAntecedente, revisar_antecedente, traer_antecedentes};
pub use aplicar::{VacunasArchivo, aplicar};
pub use importar::{HechoImportado, importar};
pub use lector::{CAMBIAN_HECHOS, Lector};
pub use model::{
    Alcance, Asiento, Catalogo, Contenido, DetalleAlergia, DetalleClinico, DetalleDesparasitacion, DetalleProblema, DetalleTratamiento,
    DetalleVacuna, ESQUEMA, EntradaHistorial, Gravedad, HechoClinico, HechoTipo, Hechos, Sustancia, Vacuna, Via, esquema, problemas,
};
pub use portable::PORTABLE;
pub use routes::router;
pub use store::vacunas::catalogo;
