//! Publishers and their keys.
use jiff::Timestamp;
use kernel::{FieldError, Problem, ids::ClaveEditorId, version::HasVersion};
use organizacion::problemas::SOLO_PLATAFORMA;
use plugin_manifest::PublicKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Quien publica complementos.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoEditor {
    /// El `publisher` de sus manifiestos. No cambia.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,59}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    /// Correo para quienes usan sus complementos.
    #[schema(format = "correo", max_length = 254)]
    pub contacto: String,
}

/// Lo que cambia de un editor.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosEditor {
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    #[schema(format = "correo", max_length = 254)]
    pub contacto: String,
    /// Nada de un editor inactivo se carga ni se instala.
    pub activo: bool,
}

/// Una clave con la que firma.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClaveEditor {
    pub id: ClaveEditorId,
    /// Pública, ed25519 en base64.
    pub clave: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nota: Option<String>,
    pub creada_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
}

/// Un editor con sus claves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Editor {
    pub clave: String,
    pub nombre: String,
    pub contacto: String,
    pub activo: bool,
    /// Lo suspendió la plataforma.
    pub suspendido: bool,
    /// Si es de esta cadena.
    pub propio: bool,
    pub claves: Vec<ClaveEditor>,
    pub creado_en: Timestamp,
    pub version: i32,
}

impl HasVersion for Editor {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editor {
    /// 403 while the platform has it suspended: then only the platform changes it.
    pub fn exigir_libre(&self) -> Result<(), Problem> {
        match self.suspendido {
            true => Err(Problem::new(SOLO_PLATAFORMA).detail("La plataforma suspendió a este editor.")),
            false => Ok(()),
        }
    }
}

/// Una clave nueva.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaClaveEditor {
    /// Clave pública ed25519 en base64, como la da `huella-plugin sign`.
    #[schema(min_length = 44, max_length = 44)]
    pub clave: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nota: Option<String>,
}

impl NuevaClaveEditor {
    pub fn check(&self) -> Vec<FieldError> {
        let wrong = self.clave.parse::<PublicKey>().err();
        wrong.map(|why| FieldError::new("/clave", why)).into_iter().collect()
    }
}

/// Por qué se hace algo que afecta a otros.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Motivo {
    #[schema(min_length = 1, max_length = 400, format = "texto")]
    pub motivo: String,
}

/// Si la plataforma suspende a un editor.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    pub suspendido: bool,
    #[schema(min_length = 1, max_length = 400, format = "texto")]
    pub motivo: String,
}
