//! What this domain asks of channels that are plugins (WhatsApp, text messages), and what it is told by them.
use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

pub use crate::recibir::recibir;

/// A channel that is switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canal {
    pub complemento: String,
    /// `whatsapp`, `sms`: what it says of itself. Others are not used yet.
    pub clave: String,
    pub nombre: String,
    /// `None`: the whole chain.
    pub sedes: Option<Vec<SedeId>>,
}

/// One message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saliente {
    /// E.164.
    pub a: String,
    /// The template's name at the provider; empty where there is none.
    pub plantilla: String,
    /// In the template's order; those named `boton.N` are what its buttons carry.
    pub variables: Vec<(String, String)>,
    /// The same in words.
    pub texto: String,
}

/// Why a message did not go out, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanalFallo {
    /// The provider does not take it: final for this channel.
    Rechazado { codigo: Option<String>, detalle: String },
    /// The chain's credentials are not accepted.
    SinPermiso(String),
    /// Not now; perhaps after so long.
    Luego(Option<Duration>),
    /// Nobody knows whether it went out. It is never sent again without somebody who decides that.
    Incierto(String),
    /// The plugin could not be run, so nothing was sent.
    NoCorrio(String),
    /// The plugin is kept from running, so nothing was sent: it rests for so long, or until somebody does something about it.
    Detenido { detalle: String, espera: Option<Duration> },
}

/// Qué dice el proveedor que fue de un mensaje.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EntregaDeMensaje)]
pub enum EstadoEntrega {
    EnCola,
    Enviado,
    Entregado,
    Leido,
    Fallido,
    Otro,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrega {
    pub referencia: String,
    /// The idempotency key it was sent with, where the provider gives it back.
    pub clave: Option<String>,
    pub estado: EstadoEntrega,
    pub codigo: Option<String>,
    pub en: Timestamp,
}

/// What somebody wrote back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respuesta {
    /// E.164.
    pub de: String,
    pub texto: String,
    /// What the pressed button carried.
    pub boton: Option<String>,
    /// Of the message that it answers.
    pub referencia: Option<String>,
    pub en: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Novedad {
    Entrega(Entrega),
    Respuesta(Respuesta),
}

#[async_trait]
pub trait Canales: Send + Sync {
    /// Those that a chain has switched on and that can be run.
    async fn activos(&self, tenant: TenantId) -> Result<Vec<Canal>, Problem>;
    /// Hands a message over; the provider's reference. The same key is the same message, however often it is asked for.
    async fn enviar(
        &self,
        tenant: TenantId,
        complemento: &str,
        clave: &str,
        intento: u32,
        mensaje: &Saliente,
    ) -> Result<String, CanalFallo>;
}

/// Extension of the routes and argument of the work.
#[derive(Clone)]
pub struct DeCanales(pub Arc<dyn Canales>);

/// Where no plugins are run: e-mail is all there is.
pub struct SinCanales;

#[async_trait]
impl Canales for SinCanales {
    async fn activos(&self, _: TenantId) -> Result<Vec<Canal>, Problem> {
        Ok(Vec::new())
    }
    async fn enviar(&self, _: TenantId, complemento: &str, _: &str, _: u32, _: &Saliente) -> Result<String, CanalFallo> {
        Err(CanalFallo::NoCorrio(format!("{complemento} no se ejecuta aquí")))
    }
}

impl EstadoEntrega {
    pub fn clave(self) -> &'static str {
        match self {
            Self::EnCola => "en_cola",
            Self::Enviado => "enviado",
            Self::Entregado => "entregado",
            Self::Leido => "leido",
            Self::Fallido => "fallido",
            Self::Otro => "otro",
        }
    }
    pub fn read(text: &str) -> Self {
        [Self::EnCola, Self::Enviado, Self::Entregado, Self::Leido, Self::Fallido]
            .into_iter()
            .find(|estado| estado.clave() == text)
            .unwrap_or(Self::Otro)
    }
    /// Webhooks come in any order: what is further along stays. One that arrived did not fail.
    pub fn sigue_a(self, antes: Option<Self>) -> bool {
        let far = |estado: Self| match estado {
            Self::Otro => 0,
            Self::EnCola => 1,
            Self::Enviado => 2,
            Self::Fallido => 3,
            Self::Entregado => 4,
            Self::Leido => 5,
        };
        antes.is_none_or(|antes| far(self) > far(antes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(EstadoEntrega::Enviado, None, true)]
    #[case(EstadoEntrega::Enviado, Some(EstadoEntrega::Entregado), false)]
    #[case(EstadoEntrega::Leido, Some(EstadoEntrega::Entregado), true)]
    #[case(EstadoEntrega::Fallido, Some(EstadoEntrega::Enviado), true)]
    #[case(EstadoEntrega::Fallido, Some(EstadoEntrega::Fallido), false)]
    #[case(EstadoEntrega::Fallido, Some(EstadoEntrega::Leido), false)]
    #[case(EstadoEntrega::Otro, Some(EstadoEntrega::EnCola), false)]
    fn states_only_go_on(#[case] now: EstadoEntrega, #[case] before: Option<EstadoEntrega>, #[case] expected: bool) {
        assert_eq!(now.sigue_a(before), expected);
    }
}
