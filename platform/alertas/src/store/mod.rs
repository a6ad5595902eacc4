//! Every SQL statement about messages. Row-level security adds chain and sedes.
pub mod ajustes;
pub mod citas;
pub mod cortas;
pub mod entrantes;
pub mod envios;
pub mod escalera;
pub mod medicas;
pub mod mensajes;
pub mod pendientes;
pub mod plantillas;
pub mod preferencias;
pub mod recordatorios;
pub mod respuestas;
pub mod sedes;
pub mod solicitudes;
