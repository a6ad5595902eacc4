//! Plugins as chains have them: the registry of versions, their review, and the life of an installation.
//!
//! A version is uploaded, examined, reviewed and counter-signed by the platform; a chain agrees to exactly what its manifest
//! asks for, configures it, tries it, and switches it on for the chain or some sedes. Whoever runs plugins is asked through
//! [`Motor`] and reads here what is on, whose signature counts and what a plugin may see; it writes back the record of each
//! call. Secrets are write-only. What has been withdrawn, quarantined or switched off is so on every instance ([`CAMBIO`]).
mod activos;
mod archivos;
mod configurar;
mod de_casa;
mod examinar;
mod instalar;
mod llaves;
mod model;
pub mod operaciones;
mod portable;
pub mod problemas;
mod publicar;
mod revisar;
mod routes;
mod store;
mod ver;

pub use activos::{
    Activo, CAMBIO, Cambio, CorridaNueva, Detenido, EnUso, GANCHO, MensajeGancho, VersionPublicada, activos, anotar_corridas, avisar,
    avisar_cuarentena, clave_de_firma, compilado, componente, confianza, detenidos, en_uso, estado, gancho_atendido, guardar_compilado,
    instalado, mensaje_de_gancho, modulo_apagado, secreto, version,
};
pub use de_casa::{DeCasa, DeEntrada, direcciones, habilitar_de_entrada, publicar_de_casa};
pub use examinar::{EXAMINAR, examinar};
pub use llaves::abrir as abrir_llaves;
pub use model::{Examen, Hallazgo, Motor, Motores, Rechazo, ResultadoPrueba, Turno};
pub use portable::PORTABLE;
pub use routes::{public_router, router};
pub use store::{
    corridas::forget as forget_runs,
    estado::forget as forget_state,
    ganchos::forget as forget_messages,
    operaciones::forget as forget_operations,
    secretos::{count_under, left, reseal},
};
