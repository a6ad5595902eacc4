//! Importación: what a chain brings along from another system.
//!
//! A file (CSV or workbook) is read, its columns are guessed and may be corrected, a trial says what would happen, and
//! the import does it: in portions, each a transaction with its progress, so that a killed worker goes on where it was.
//! Each row is held to the rules of what a person types in; those that break one come back in a file of their own. The
//! same file twice makes nothing twice, and the whole of it can be taken back while nobody has touched it.
mod campos;
mod correr;
mod errores;
mod filas;
mod leer;
mod model;
mod orden;
mod routes;
mod store;
mod subir;
mod valores;

pub use correr::{TRABAJO, avanzar};
pub use model::{CuentaDeFilas, Estado, Importacion, Mapeo, Opciones, Tipo, problemas};
pub use orden::{Orden, Resultado, deshacer, ordenar};
pub use routes::router;
