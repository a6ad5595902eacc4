//! Every SQL statement about medical alerts.
pub mod alertas;
pub mod asentar;
pub mod detenidas;
pub mod ensayos;
pub mod pasadas;
pub mod pedir;
