//! Messages and their rules. No I/O here.
mod ajustes;
mod aviso;
mod corta;
mod entrante;
mod escalera;
mod fechas;
pub mod medicas;
mod mensaje;
mod plantilla;
mod respuesta;
mod ruta;
mod tipo;

pub use ajustes::{Ajustes, DatosAjustes, repetidos};
pub use aviso::{Avisada, CitaActual, Cuando, noticia};
pub use corta::{CanalCorto, Corta, PlantillaCorta};
pub use entrante::{AccionDeMensaje, Entrante, HechoDeRespuesta, Recibida};
pub use escalera::{AjustesRecordatorios, Conversion, DatosPreferencia, DatosRecordatorios, Pendiente, Preferencia, Previsto, Tomado};
pub use fechas::{fecha, fecha_corta, hora};
pub use mensaje::{EnvioDeMensaje, EstadoEnvio, EstadoMensaje, Mensaje, Reenvio};
pub use plantilla::{DatosPlantilla, Partes, PlantillaDeTipo, escribir, estilo, revisar};
pub use respuesta::{Abierta, Accion, Hecho, Respuesta, Solicitud, pagina_cerrada};
pub use ruta::{Caso, Motivo, Ruta, explicar, orden};
pub use tipo::{Tipo, Variable};

pub mod problemas {
    kernel::problems! {
        ALERTA_CERRADA = CONFLICT, "alerta-cerrada", "La alerta ya se cerró";
        ALERTA_NO_DESCARTADA = CONFLICT, "alerta-no-descartada", "La alerta no está descartada";
        MENSAJE_EN_CAMINO = CONFLICT, "mensaje-en-camino", "El mensaje todavía está en camino";
        MENSAJE_SIN_DATOS = CONFLICT, "mensaje-sin-datos", "De ese mensaje no se guarda lo que haría falta para enviarlo otra vez";
        ENSAYOS_EN_CURSO = CONFLICT, "ensayos-en-curso", "Ya hay tres ensayos en curso";
        SIN_PLANTILLA_PROPIA = NOT_FOUND, "sin-plantilla-propia", "La cadena no tiene una plantilla propia de ese tipo";
    }
}
