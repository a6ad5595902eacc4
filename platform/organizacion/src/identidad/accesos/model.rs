//! A try to sign in, as it is kept.
use jiff::Timestamp;
use kernel::{
    Origin,
    ids::{ClaveApiId, UsuarioId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Cómo terminó un intento.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Resultado {
    Ingreso,
    ContrasenaIncorrecta,
    CuentaDesconocida,
    CuentaInactiva,
    FaltaCodigo,
    CodigoIncorrecto,
    DemasiadosIntentos,
    RenovacionReusada,
    ClaveRechazada,
}

/// Con qué se intentó.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Medio {
    Contrasena,
    SegundoFactor,
    CodigoRecuperacion,
    Renovacion,
    /// La clave misma, con cada solicitud: se anota el primer uso de cada día desde cada dirección.
    ClaveApi,
    /// Solicitud de token de OAuth2.
    Oauth,
}

/// Un intento de ingreso.
#[derive(Debug, Serialize, ToSchema)]
pub struct Acceso {
    pub id: Uuid,
    pub en: Timestamp,
    /// Ausente si no existe tal cuenta, o si ingresó una integración.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usuario_id: Option<UsuarioId>,
    /// La clave de la integración.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clave_api_id: Option<ClaveApiId>,
    pub resultado: Resultado,
    pub medio: Medio,
    pub ip: String,
    /// Programa con que se conectó (User-Agent).
    pub dispositivo: String,
}

/// Filtros del registro de ingresos.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filtro {
    pub usuario_id: Option<UsuarioId>,
    pub clave_api_id: Option<ClaveApiId>,
    pub resultado: Option<Resultado>,
    /// Desde este momento.
    pub desde: Option<Timestamp>,
    /// Antes de este momento.
    pub hasta: Option<Timestamp>,
    /// El valor `siguiente` de la página anterior.
    pub cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    pub limite: Option<i64>,
}

/// The program at the other end, as it calls itself. Cut: it is anybody's text.
pub fn dispositivo(origin: &Origin) -> String {
    let text: String = origin.agent.chars().filter(|c| !c.is_control()).take(200).collect();
    if text.is_empty() { "desconocido".to_owned() } else { text }
}
