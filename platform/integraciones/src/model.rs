//! A webhook, what it is sent, and the rules of both.
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Access, FieldError,
    eventos::permission_of,
    ids::{EntregaId, SedeId, WebhookId},
    ports::Outbound,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most webhooks of one chain: each event is one delivery to each.
pub const MOST: i64 = 20;
/// How long the secret before is good beside the new one.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// A webhook that fails for so long, without one success, is paused.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Tries of one delivery: about ten hours.
pub const TRIES: i16 = 20;

/// Adónde se avisa, y de qué.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosWebhook {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    /// Dirección `https://` que recibe los avisos por POST.
    #[schema(min_length = 1, max_length = 500, example = "https://ejemplo.pe/huella")]
    pub url: String,
    /// Eventos exactos, de los de `GET /webhooks/eventos`.
    #[schema(min_items = 1, max_items = 50, example = json!(["cita.reservada"]))]
    pub eventos: Vec<String>,
    /// Solo lo de estas sedes; ausente, lo de todas. Lo que es de toda la cadena llega siempre.
    #[schema(min_items = 1, max_items = 200)]
    pub sedes: Option<Vec<SedeId>>,
    /// En pausa no se le avisa de nada; al volver, no recibe lo de antes.
    #[serde(default = "yes")]
    pub activo: bool,
}

fn yes() -> bool {
    true
}

impl DatosWebhook {
    /// What the schema cannot say. Nobody has another system told what they may not know themselves.
    pub fn check(&self, outbound: &dyn Outbound, access: &Access) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Err(why) = outbound.check(&self.url) {
            errors.push(FieldError::new("/url", why));
        }
        for (index, evento) in self.eventos.iter().enumerate() {
            let wrong = match permission_of(evento) {
                None => "no es un evento del catálogo",
                Some(permiso) if !access.cadena.contains(permiso) => "pide un permiso que usted no tiene en toda la cadena",
                Some(_) if self.eventos[..index].contains(evento) => "está repetido",
                Some(_) => continue,
            };
            errors.push(FieldError::new(format!("/eventos/{index}"), wrong));
        }
        errors
    }
}

/// Un webhook. Su secreto no se muestra.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Webhook {
    pub id: WebhookId,
    pub nombre: String,
    pub url: String,
    pub eventos: Vec<String>,
    /// Ausente: todas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sedes: Option<Vec<SedeId>>,
    pub activo: bool,
    /// Desde cuándo falla todo lo que se le envía.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallando_desde: Option<Timestamp>,
    /// Cuándo se puso en pausa por sí solo: después de fallar cinco días, o porque respondió 410.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pausado_en: Option<Timestamp>,
    /// Hasta cuándo vale también el secreto anterior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anterior_hasta: Option<Timestamp>,
    pub creado_en: Timestamp,
    pub version: i32,
}

impl HasVersion for Webhook {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Un webhook con su secreto, que se muestra esta única vez.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookConSecreto {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Con él se comprueba `webhook-signature`, como indica Standard Webhooks. Ausente al repetir la solicitud con la misma `Idempotency-Key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secreto: Option<String>,
}

impl HasVersion for WebhookConSecreto {
    fn version(&self) -> i32 {
        self.webhook.version
    }
}

/// En qué está una entrega.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoEntrega {
    /// Espera su turno o su siguiente intento.
    Pendiente,
    /// La otra parte respondió 2xx.
    Entregada,
    /// Agotó sus intentos, o el webhook estaba en pausa.
    Fallida,
}

impl EstadoEntrega {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Pendiente => "pendiente",
            Self::Entregada => "entregada",
            Self::Fallida => "fallida",
        }
    }
    pub fn read(text: &str) -> Self {
        match text {
            "entregada" => Self::Entregada,
            "fallida" => Self::Fallida,
            _ => Self::Pendiente,
        }
    }
}

/// Un aviso enviado, o por enviar, y cómo terminó su último intento.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntregaVista {
    /// El `webhook-id` que la otra parte recibe, el mismo en todos los intentos.
    pub id: EntregaId,
    pub tema: String,
    pub estado: EstadoEntrega,
    pub intentos: i16,
    /// Estado HTTP de la última respuesta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respuesta: Option<i16>,
    /// Comienzo de la última respuesta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respuesta_cuerpo: Option<String>,
    /// Por qué falló el último intento, si no hubo respuesta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Lo que se envía.
    pub cuerpo: serde_json::Value,
    pub creada_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ultimo_en: Option<Timestamp>,
}
