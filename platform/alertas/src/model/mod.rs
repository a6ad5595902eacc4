//! Letters and their rules. No I/O here.
mod ajustes;
mod aviso;
mod fechas;
mod mensaje;
mod plantilla;
mod respuesta;
mod tipo;

pub use ajustes::{Ajustes, DatosAjustes};
pub use aviso::{Avisada, CitaActual, Cuando, noticia};
pub use fechas::{fecha, hora};
pub use mensaje::{EstadoMensaje, Mensaje};
pub use plantilla::{DatosPlantilla, Partes, PlantillaDeTipo, escribir, estilo, revisar};
pub use respuesta::{Abierta, Accion, Hecho, Respuesta, Solicitud, pagina_cerrada};
pub use tipo::{Tipo, Variable};

pub mod problemas {
    kernel::problems! {
        SIN_PLANTILLA_PROPIA = NOT_FOUND, "sin-plantilla-propia", "La cadena no tiene una plantilla propia de ese tipo";
    }
}
