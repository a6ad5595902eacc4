//! Types and rules of the privacy desk; pure.
pub mod conservacion;
pub mod derecho;
pub mod incidente;
pub mod plazo;
pub mod solicitud;
