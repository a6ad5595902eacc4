//! Reclamos: the Libro de Reclamaciones of every sede (Ley 29571, D.S. 011-2011-PCM, D.S. 101-2022-PCM).
//!
//! A public page per sede, without any script, on which a consumer leaves a sheet: numbered by sede and year without a gap,
//! copied to them at once, never changed. The chain answers within fifteen working days, which nobody can extend; whoever may
//! answer is told when five and when two of them are left. What was written is sealed with a key of the sheet's own.
mod model;
mod portable;
mod presentar;
pub mod problemas;
mod publica;
mod routes;
mod store;

pub use model::{Aviso, Formulario, ReclamosPendientes};
pub use portable::PORTABLE;
pub use presentar::dejar;
pub use publica::public_router;
pub use routes::router;
pub use store::{
    avisos::{avisar, con_avisos},
    pendientes,
};
