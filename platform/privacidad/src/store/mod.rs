//! Every SQL statement of the privacy desk.
pub mod avisos;
pub mod conservacion;
pub mod incidentes;
pub mod solicitudes;
