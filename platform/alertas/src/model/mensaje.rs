//! Letters that were sent, or were to be.
use super::Tipo;
use jiff::Timestamp;
use kernel::ids::{CitaId, MensajeId, SedeId, TutorId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// En qué está un correo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoMensaje {
    /// Espera su siguiente intento.
    Pendiente,
    /// El servidor de correo lo aceptó.
    Enviado,
    /// Se rechazó definitivamente, o agotó sus intentos.
    Fallido,
    /// Ya no hacía falta: la cita cambió, se anuló o pasó, o el tutor no tiene correo.
    Omitido,
}

impl EstadoMensaje {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Pendiente => "pendiente",
            Self::Enviado => "enviado",
            Self::Fallido => "fallido",
            Self::Omitido => "omitido",
        }
    }
    pub fn read(text: &str) -> Self {
        match text {
            "enviado" => Self::Enviado,
            "fallido" => Self::Fallido,
            "omitido" => Self::Omitido,
            _ => Self::Pendiente,
        }
    }
}

/// Un correo a un tutor. Lo que decía no se guarda.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mensaje {
    pub id: MensajeId,
    pub tipo: Tipo,
    pub estado: EstadoMensaje,
    /// Ausente: es de la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor_id: Option<TutorId>,
    /// La dirección a la que se envió; ausente si el tutor se anonimizó o todavía no se intenta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correo: Option<String>,
    pub intentos: i16,
    /// Por qué no salió, o por qué ya no hacía falta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub creado_en: Timestamp,
    /// El último intento.
    pub ultimo_en: Timestamp,
}
