//! Medical alerts and their rules. No I/O here.
mod afirmacion;
mod alerta;
mod diferencia;
mod ensayo;
mod estado;
mod evidencia;
mod fechar;

pub use afirmacion::{Afirmacion, afirmar};
pub use alerta::{Alerta, AlertaDeLista, AlertasDeMascota, CierreMotivo, Descarte, Evidencia};
pub use diferencia::{Cambio, Dicho, Regla, Vigente, comparar};
pub use ensayo::{CambioEnsayo, CambioTipo, Dichas, Ensayo, EstadoEnsayo, NuevoEnsayo, PedidoEnsayo, Resumen, ensayar};
pub use estado::{Detenida, EstadoAlertas, Freno, Pasada, PasadaMotivo, ReglaDetenida, Siguiente, noche};
pub use fechar::{hasta, nacida};
