#[path = "../api/organizacion.rs"]
mod organizacion;
