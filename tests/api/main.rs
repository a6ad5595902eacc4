//! One binary for the whole API, so that everything links once.
mod citas;
mod conteo;
mod operaciones;
