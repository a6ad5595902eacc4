//! Every SQL statement about letters. Row-level security adds chain and sedes.
pub mod ajustes;
pub mod citas;
pub mod medicas;
pub mod mensajes;
pub mod plantillas;
pub mod recordatorios;
pub mod respuestas;
pub mod sedes;
pub mod solicitudes;
