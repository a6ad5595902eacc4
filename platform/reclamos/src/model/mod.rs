//! Types and rules of the Libro de Reclamaciones; pure.
mod formulario;
mod plazo;
mod reclamo;

pub use formulario::{Falta, Formulario, Presentada};
pub use plazo::{Plazo, dia};
pub use reclamo::{
    Aviso, Consumidor, Entrega, Establecimiento, EstadoReclamo, Hoja, Proveedor, Reclamo, ReclamosPendientes, Registro, Respuesta, Tipo,
    codigo, documento_nombre,
};
