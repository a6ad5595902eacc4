//! Types and rules; pure.
mod motor;

pub use motor::{Examen, Hallazgo, Motor, Motores, Rechazo, ResultadoPrueba};
