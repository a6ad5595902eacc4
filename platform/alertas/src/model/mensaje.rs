//! Letters that were sent, or were to be.
use super::Tipo;
use crate::canales::EstadoEntrega;
use jiff::Timestamp;
use kernel::ids::{CitaId, MensajeId, SedeId, TutorId, UsuarioId};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// En qué está un mensaje.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoMensaje {
    /// Espera su siguiente intento.
    Pendiente,
    /// El servidor de correo o el proveedor lo aceptó.
    Enviado,
    /// Se rechazó definitivamente, agotó sus intentos, o el canal por el que saldría no está activo.
    Fallido,
    /// No se sabe si salió: no se repite solo.
    Incierto,
    /// Ya no hacía falta, o no hay por dónde: la cita cambió, se anuló o pasó, o el tutor no tiene correo o no consintió.
    Omitido,
}

impl EstadoMensaje {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Pendiente => "pendiente",
            Self::Enviado => "enviado",
            Self::Fallido => "fallido",
            Self::Incierto => "incierto",
            Self::Omitido => "omitido",
        }
    }
    pub fn read(text: &str) -> Self {
        match text {
            "enviado" => Self::Enviado,
            "fallido" => Self::Fallido,
            "incierto" => Self::Incierto,
            "omitido" => Self::Omitido,
            _ => Self::Pendiente,
        }
    }
}

/// En qué está un mensaje por un canal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoEnvio {
    Pendiente,
    /// Se entregó al proveedor y todavía no respondió.
    Saliendo,
    Enviado,
    Fallido,
    Incierto,
}

impl EstadoEnvio {
    /// Whether this channel is done with, in vain.
    pub fn fallo(self) -> bool {
        self == Self::Fallido
    }
    /// Whether it goes on by this channel.
    pub fn sigue(self) -> bool {
        matches!(self, Self::Pendiente | Self::Saliendo)
    }
    pub fn clave(self) -> &'static str {
        match self {
            Self::Pendiente => "pendiente",
            Self::Saliendo => "saliendo",
            Self::Enviado => "enviado",
            Self::Fallido => "fallido",
            Self::Incierto => "incierto",
        }
    }
    pub fn read(text: &str) -> Self {
        [Self::Saliendo, Self::Enviado, Self::Fallido, Self::Incierto]
            .into_iter()
            .find(|estado| estado.clave() == text)
            .unwrap_or(Self::Pendiente)
    }
}

/// Un mensaje por un canal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnvioDeMensaje {
    #[schema(inline)]
    pub canal: Medio,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complemento: Option<String>,
    /// Adónde; ausente si el tutor se anonimizó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destino: Option<String>,
    #[schema(inline)]
    pub estado: EstadoEnvio,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub entrega: Option<EstadoEntrega>,
    /// Como lo numera el proveedor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entregado_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leido_en: Option<Timestamp>,
    pub intentos: i16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub creado_en: Timestamp,
}

/// Por dónde se vuelve a enviar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reenvio {
    /// Ausente: por los de siempre, desde el primero.
    #[schema(inline)]
    pub canal: Option<Medio>,
}

/// Un mensaje a un tutor. Lo que decía no se guarda.
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
    /// La dirección de correo a la que se envió; ausente si el tutor se anonimizó o todavía no se intenta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correo: Option<String>,
    pub intentos: i16,
    /// Por qué no salió, o por qué ya no hacía falta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// El último canal por el que se intentó.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub canal: Option<Medio>,
    /// Lo último que dijo el proveedor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub entrega: Option<EstadoEntrega>,
    /// Cada canal por el que se intentó, en orden.
    pub envios: Vec<EnvioDeMensaje>,
    /// Alguien del mostrador se ocupó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendido_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendido_por: Option<UsuarioId>,
    pub creado_en: Timestamp,
    /// El último intento.
    pub ultimo_en: Timestamp,
}
