//! What rules say of pets: asked, compared with what they said before, and written down.
mod asentar;
mod cambio;
mod ensayar;
mod paradas;
mod pasada;
mod preguntar;

pub use cambio::{EVALUAR, evaluar, repartir};
pub use ensayar::{ENSAYAR, ensayar};
pub use paradas::sin_guardar;
pub use pasada::{RECORRER, programar, recorrer};
