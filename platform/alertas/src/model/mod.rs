//! Letters and their rules. No I/O here.
mod ajustes;
mod aviso;
mod fechas;
pub mod medicas;
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
        ALERTA_CERRADA = CONFLICT, "alerta-cerrada", "La alerta ya se cerró";
        ALERTA_NO_DESCARTADA = CONFLICT, "alerta-no-descartada", "La alerta no está descartada";
        ENSAYOS_EN_CURSO = CONFLICT, "ensayos-en-curso", "Ya hay tres ensayos en curso";
        SIN_PLANTILLA_PROPIA = NOT_FOUND, "sin-plantilla-propia", "La cadena no tiene una plantilla propia de ese tipo";
    }
}
