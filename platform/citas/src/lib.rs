//! Citas: who sees which vet, where and when.
//!
//! Nobody — vet, room, equipment or pet — is in two places at once, in no sede of the chain: the database
//! says so (`citas_*_libre`), this crate gives that refusal a name and shows all of its reasons. A cita fits
//! the sede's hours, the holidays and the vet's plan, in the sede's own time zone.
mod abrir;
mod aplicar;
mod atender;
mod auditar;
mod autoreservar;
mod bloquear;
mod buscar;
mod cambiar;
mod codigos;
mod esperar;
mod facultad;
mod faltar;
mod gestionar;
pub mod heredado;
mod hoy;
mod identificar;
mod importar;
mod model;
mod mudar;
mod ofrecer;
mod pagina;
mod portable;
mod primero;
mod publica;
mod reservar;
mod responder;
mod retener;
mod routes;
mod sala;
mod serie;
mod store;

pub use aplicar::{AgendaSeccion, AutoreservaSeccion, Conocidos, FeriadoSeccion, HorarioSeccion, PlanSeccion, aplicar, aplicar_feriados};
pub use cambiar::{anular_del_tutor, confirmar_del_tutor};
pub use codigos::{ENVIAR as ENVIAR_CODIGO, abrir as abrir_codigo};
pub use esperar::{RETIRAR, anotar_fallecidas, retirar_fallecida};
pub use faltar::conducta;
pub use hoy::hoy;
pub use importar::{CitaImportada, Recuento, Turno, VisitaImportada, importar, recuento, traer, turnos};
pub use model::{Cita, Contada, Estado, Hoy, Invitacion, NuevaCita, NuevoFeriado, Triaje, dia_y_mes, problemas};
pub use ofrecer::{OFRECER, anotar_libres, ofrecer, sigue_ofrecida};
pub use portable::PORTABLE;
pub use publica::public_router;
pub use routes::router;
pub use store::{
    EntradaCita, Marcos, anular_de_fallecida, calentar, contada, de_mascota, devolver, historial, olvidar_codigos, pasar, por_reasignar,
    por_venir, que_chocan,
};
