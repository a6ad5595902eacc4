//! What waits for somebody in a sede: alerts, and messages that did not arrive.
pub use crate::store::pendientes::{alertas as alertas_pendientes, mensajes as mensajes_pendientes};
use serde::Serialize;
use utoipa::ToSchema;

/// Alertas médicas abiertas de las mascotas que la sede conoce: `GET /alertas?sede_id=`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct AlertasPendientes {
    pub abiertas: i64,
    /// De ellas, las críticas.
    pub criticas: i64,
}

/// Lo que espera al mostrador.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct MensajesPendientes {
    /// Mensajes de la sede que no llegaron y de los que nadie se ocupó: `GET /mensajes?estado=fallido&atendido=false`.
    pub fallidos: i64,
    /// Respuestas de tutores que nadie leyó, de toda la cadena: `GET /mensajes/respuestas?abierta=true`.
    pub respuestas: i64,
}
