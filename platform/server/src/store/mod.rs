//! Every SQL statement of the platform's own work. Tenants' rows are the domains' business.
pub mod auditoria;
pub mod cadenas;
pub mod claves;
pub mod esquema;
pub mod eventos;
pub mod exportaciones;
pub mod lecturas;
pub mod limpieza;
pub mod outbox;
pub mod portable;
pub mod trabajos;
