//! Servers on this machine that answer as the providers' real HTTP APIs do, faults and webhooks included.
//!
//! A test starts one on a free port, writes the faults it wants into its [`Guion`] and reads what arrived; the program
//! `simulador` offers the same on a fixed port, with the script behind `/_simulador`. No answer depends on who asks: a
//! plugin that works here has spoken the provider's protocol.
mod avisos;
mod firma;
mod guion;
#[cfg(feature = "s3")]
pub mod s3;
mod servidor;
pub mod vonage;
pub mod whatsapp;

pub use avisos::{Destino, Entrante};
pub use guion::{Falla, Guion, Recibido};
pub use servidor::Simulador;
