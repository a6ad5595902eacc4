//! Every SQL statement of the platform's own work. Tenants' rows are the domains' business.
pub mod auditoria;
pub mod claves;
pub mod esquema;
pub mod eventos;
pub mod lecturas;
pub mod limpieza;
pub mod outbox;
pub mod trabajos;
