//! What a chain is made of.
use crate::problemas::SEDE_INACTIVA;
use jiff::Timestamp;
use kernel::{
    Problem,
    ids::{AmbienteId, AreaId, EntidadLegalId, EquipoId, SedeId, TenantId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Una razón social de la cadena, con su RUC.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntidadLegal {
    pub id: EntidadLegalId,
    pub ruc: String,
    pub razon_social: String,
    pub nombre_comercial: Option<String>,
    pub direccion: Option<String>,
    pub ubigeo: Option<String>,
    pub version: i32,
}

/// Los datos de una razón social. Lo que no se envía queda vacío.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosEntidadLegal {
    #[schema(format = "ruc")]
    pub ruc: String,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub razon_social: String,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub nombre_comercial: Option<String>,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub direccion: Option<String>,
    #[schema(format = "ubigeo")]
    pub ubigeo: Option<String>,
}

/// Una cadena a la que sirve la plataforma.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CadenaServida {
    pub id: TenantId,
    /// La que va en la dirección de ingreso.
    pub clave: String,
    pub nombre: String,
    pub creada_en: Timestamp,
    /// Una cadena que no está activa no puede ingresar.
    pub activa: bool,
    /// La de quienes operan la plataforma.
    pub plataforma: bool,
    /// De pruebas: acepta complementos sin firmar.
    pub sandbox: bool,
    /// Sedes activas.
    pub sedes: i64,
    /// Personas activas.
    pub personas: i64,
}

/// Un local de la cadena.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sede {
    pub id: SedeId,
    pub entidad_legal_id: EntidadLegalId,
    /// Código corto y único en la cadena.
    pub codigo: String,
    pub nombre: String,
    pub ciudad: String,
    pub direccion: Option<String>,
    pub ubigeo: Option<String>,
    /// En formato E.164.
    pub telefono: Option<String>,
    pub zona_horaria: String,
    /// Si abre también los feriados.
    pub atiende_feriados: bool,
    /// Una sede inactiva se puede consultar, pero no elegir para nada nuevo.
    pub activa: bool,
    pub version: i32,
}

impl Sede {
    /// Whether a change concerns the chain and not the sede alone.
    pub fn is_reorganised_by(&self, datos: &DatosSede) -> bool {
        self.activa != datos.activa || self.entidad_legal_id != datos.entidad_legal_id
    }
    pub fn exigir_activa(&self) -> Result<(), Problem> {
        if self.activa { Ok(()) } else { Err(Problem::new(SEDE_INACTIVA).detail(format!("La sede {} está inactiva.", self.nombre))) }
    }
}

/// Los datos de una sede. Lo que no se envía queda vacío.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosSede {
    pub entidad_legal_id: EntidadLegalId,
    #[schema(pattern = "^[A-Z0-9-]{2,12}$")]
    pub codigo: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub ciudad: String,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub direccion: Option<String>,
    #[schema(format = "ubigeo")]
    pub ubigeo: Option<String>,
    #[schema(format = "telefono", max_length = 30)]
    pub telefono: Option<String>,
    #[serde(default = "lima")]
    #[schema(format = "zona-horaria", default = "America/Lima", max_length = 40)]
    pub zona_horaria: String,
    #[serde(default)]
    #[schema(default = false)]
    pub atiende_feriados: bool,
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub activa: bool,
}

impl DatosSede {
    /// With the telephone in its one written form.
    pub fn normal(mut self) -> Self {
        self.telefono = self.telefono.as_deref().and_then(kernel::text::phone);
        self
    }
}

fn lima() -> String {
    "America/Lima".to_owned()
}
fn yes() -> bool {
    true
}

/// Un área de una sede, como Clínica o Peluquería.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Area {
    pub id: AreaId,
    pub sede_id: SedeId,
    pub nombre: String,
    pub activa: bool,
    pub version: i32,
}

/// Los datos de un área.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosArea {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub activa: bool,
}

/// Para qué sirve un ambiente.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AmbienteTipo {
    Consultorio,
    Quirofano,
    Bano,
    Imagenes,
    Laboratorio,
    Hospitalizacion,
}

/// Un consultorio, quirófano u otro ambiente de una sede, que se ocupa de una cita a la vez.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Ambiente {
    pub id: AmbienteId,
    pub sede_id: SedeId,
    pub area_id: Option<AreaId>,
    pub nombre: String,
    pub tipo: AmbienteTipo,
    pub activo: bool,
    pub version: i32,
}

/// Los datos de un ambiente.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosAmbiente {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    pub tipo: AmbienteTipo,
    /// Un área de la misma sede.
    pub area_id: Option<AreaId>,
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub activo: bool,
}

/// Un equipo de una sede, que se usa en una cita a la vez.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Equipo {
    pub id: EquipoId,
    pub sede_id: SedeId,
    pub nombre: String,
    /// Clase de equipo que piden los servicios, como `ecografo`.
    pub tipo: String,
    pub activo: bool,
    pub version: i32,
}

/// Los datos de un equipo.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosEquipo {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[schema(pattern = "^[a-z0-9_]{2,40}$")]
    pub tipo: String,
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub activo: bool,
}

macro_rules! versioned {
    ($($name:ident),*) => {$(
        impl HasVersion for $name {
            fn version(&self) -> i32 { self.version }
        }
    )*};
}
versioned!(EntidadLegal, Sede, Area, Ambiente, Equipo);
