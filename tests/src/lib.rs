//! A chain of clinics in a test: the real server on a real port, a database of its own, a clock to set.
//!
//! ```text
//! let huella = Huella::start().await;
//! let recepcion = huella.como(RECEPCION_LIMA).await;
//! let cita = recepcion.post("/citas/reservar", una_cita(...)).await.created();
//! ```
//!
//! The first test of a run migrates a template database and applies two chains to it (`datos/`); every test
//! gets a copy. `DATABASE_URL` names a server on which the tests may create databases, `REDIS_URL` a Redis:
//! `cargo xtask test` brings both.
pub mod afuera;
pub mod buzon;
mod casa;
pub mod cliente;
mod mundo;

pub use casa::{Casa, replay};
pub use cliente::{Cliente, Respuesta};
pub use mundo::{Huella, Modo, NOW, id};

/// People of the chain `andina` (sedes LIM and CUS, one chain-wide administrator).
pub mod andina {
    pub const ADMIN: &str = "admin@andina.example.pe";
    pub const ADMIN_LIMA: &str = "admin.lima@andina.example.pe";
    pub const RECEPCION_LIMA: &str = "recepcion.lima@andina.example.pe";
    pub const RECEPCION_CUSCO: &str = "recepcion.cusco@andina.example.pe";
    /// Works in Lima and Cusco.
    pub const DRA_ROJAS: &str = "rojas@andina.example.pe";
    /// Works in Lima.
    pub const DR_SOTO: &str = "soto@andina.example.pe";
    pub const AUDITOR: &str = "auditor@andina.example.pe";
}

/// People of the other chain.
pub mod costera {
    pub const ADMIN: &str = "admin@costera.example.pe";
    pub const RECEPCION: &str = "recepcion@costera.example.pe";
}

/// The password of everybody in the fixtures.
pub const CLAVE: &str = "huella-de-prueba-2026";
