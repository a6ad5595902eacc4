//! What identity knows of a person, and what goes in and out of the account's own requests.
use jiff::Timestamp;
use kernel::ids::{RolId, SedeId, UsuarioId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What identity knows of a person.
#[derive(Debug)]
pub struct Credencial {
    pub id: UsuarioId,
    pub nombres: String,
    pub apellidos: String,
    /// PHC string; none until the invitation is accepted.
    pub contrasena: Option<String>,
    pub activo: bool,
    pub totp_cifrado: Option<Vec<u8>>,
    pub totp_desde: Option<Timestamp>,
    pub totp_ultimo: Option<i64>,
}

/// Quien inició sesión. Sus permisos en cada sede están en `/yo`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cuenta {
    pub id: UsuarioId,
    pub nombres: String,
    pub apellidos: String,
    pub roles: Vec<RolEnSede>,
    pub segundo_factor: bool,
}

/// Un rol, en una sede o en toda la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolEnSede {
    pub rol_id: RolId,
    /// Clave del rol.
    pub rol: String,
    pub rol_nombre: String,
    /// Ausente: en toda la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_nombre: Option<String>,
}

/// Enlace de un correo y la contraseña que se elige.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConEnlace {
    #[schema(min_length = 1, max_length = 100)]
    pub enlace: String,
    /// Al menos 12 caracteres; ni común ni parecida a su nombre o correo.
    #[schema(min_length = 1, max_length = 1024)]
    pub contrasena: String,
}

/// Quien olvidó su contraseña.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Olvido {
    /// Dirección corta de la cadena.
    #[schema(min_length = 2, max_length = 40)]
    pub cadena: String,
    #[schema(format = "correo", max_length = 254)]
    pub correo: String,
}

/// Cambio de la contraseña propia.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioContrasena {
    #[schema(min_length = 1, max_length = 1024)]
    pub actual: String,
    /// Al menos 12 caracteres; ni común ni parecida a su nombre o correo.
    #[schema(min_length = 1, max_length = 1024)]
    pub nueva: String,
}
