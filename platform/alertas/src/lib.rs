//! What a chain writes to the owners of its patients, and what they answer.
//!
//! A message has a kind, whose words are templates: the platform's, or the chain's own; long for letters, short for channels
//! that are plugins. Who needs one asks for it with `Tx::enviar` and names kind, person and data; this crate chooses the
//! channel, writes it in the chain's words, sends it once, and keeps a list of how that went and what was answered. Of
//! appointments it finds out by itself what is news to their owner: the relay hands their events to [`repartir`], and what was
//! last told is compared with what is true by then. Of what pets are due for it reminds step by step ([`subir_escalera`]).
//! Of pets, rules that are plugins ([`puertos`]) say what a vet should know: asked when facts change and every night, kept
//! with reason and evidence, and told to be missing when they did not run.
mod anclas;
mod aplicar;
mod avisables;
pub mod canales;
mod carta;
mod codigos;
mod enviar;
mod escalera;
mod medicas;
mod model;
mod pendientes;
mod planear;
mod portable;
pub mod puertos;
mod recibir;
mod recordar;
mod responder;
mod routes;
mod store;

pub use anclas::{anclar, con_anclas};
pub use aplicar::{PlantillaSeccion, aplicar, revisar};
pub use avisables::AvisablesPorCanales;
pub use canales::{Canales, DeCanales, SinCanales};
pub use codigos::PorCanales;
pub use enviar::{REENVIAR, Salida};
pub use escalera::{ESCALERA, programar as programar_escalera, recorrer as subir_escalera};
pub use medicas::{
    ENSAYAR, EVALUAR, RECORRER as RECORRER_REGLAS, ensayar, evaluar, programar as programar_noches, recorrer as recorrer_reglas,
    repartir as repartir_hechos,
};
pub use model::{DatosAjustes, problemas};
pub use pendientes::{AlertasPendientes, MensajesPendientes, alertas_pendientes, mensajes_pendientes};
pub use planear::{AVISAR, avisar_de_cita};
pub use portable::PORTABLE;
pub use recibir::{RESPONDER, recibir, responder};
pub use recordar::{RECORDAR, programar, recordar};
pub use routes::router;
pub use store::{
    entrantes::forget as forget_replies,
    escalera::forget as forget_reminders,
    medicas::pasadas::{olvidar_cerradas, olvidar_ensayos, olvidar_pasadas},
    mensajes::{forget, repartir},
    respuestas::forget as forget_links,
};
