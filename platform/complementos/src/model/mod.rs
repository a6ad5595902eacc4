//! Types and rules; pure.
mod corrida;
mod editor;
mod instalacion;
mod modulo;
mod motor;
mod permiso;
mod version;

pub use corrida::{CorridaBreve, CorridaEntera, Falla, FallaCompartida, Fallas, motivo};
pub use editor::{ClaveEditor, DatosEditor, Editor, Motivo, NuevaClaveEditor, NuevoEditor, Suspension};
pub use instalacion::{
    Actualizacion, Actualizar, Anterior, Compartir, Complemento, ComplementoDetalle, Configuracion, DatosConfiguracion, Gancho, Guardado,
    Habilitar, Instalacion, InstalacionVista, Instalar, MOST, NuevaClaveDeFirma, Ranura, faltantes, faltas_config, faltas_secretos,
    leer_clave,
};
pub use modulo::{CambioModulos, Modulos};
pub use motor::{Examen, Hallazgo, Motor, Motores, Rechazo, ResultadoPrueba, Turno};
pub use permiso::{Diferencia, Permiso, comparar, nuevos, pedidos};
pub use version::{EstadoVersion, FaltaExamen, Publicada, VersionVista, mundo, orden};

use uuid::Uuid;

/// The id under which the audit speaks of something that has a name instead of an id.
pub fn uuid_de(nombre: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, nombre.as_bytes())
}
