//! The organisation's part of a chain's files: roles, legal entities, sedes with what they hold, staff.
//! Which wins, file or API, is [`kernel::apply`]'s rule.
mod cadena;
mod estructura;
mod personal;
mod revisar;
mod roles;

pub use cadena::registrar;
pub use revisar::revisar;

use crate::{
    estructura::model::{AmbienteTipo, DatosEntidadLegal},
    personal::model::{ADMINISTRADOR, DocumentoPersonal, NuevoRol},
    personal::store::roles::somebody_holds,
    problemas::ULTIMO_ADMINISTRADOR,
};
use kernel::{Problem, Tx, apply::Report};
use serde::Deserialize;
use utoipa::ToSchema;

pub type RolSeccion = NuevoRol;
pub type EntidadLegalSeccion = DatosEntidadLegal;

/// `[cadena]`
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CadenaSeccion {
    /// The chain's address; it never changes.
    #[schema(pattern = "^[a-z][a-z0-9-]{1,39}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    /// The platform's own chain: its people review plugins.
    #[serde(default)]
    pub plataforma: bool,
    /// Nothing in it is real: it may run plugins that nobody reviewed.
    #[serde(default)]
    pub sandbox: bool,
}

/// `[[sedes]]`
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SedeSeccion {
    #[schema(pattern = "^[A-Z0-9-]{2,12}$")]
    pub codigo: String,
    /// RUC of its legal entity.
    #[schema(format = "ruc")]
    pub entidad_legal: String,
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
    #[schema(format = "zona-horaria", max_length = 40)]
    pub zona_horaria: Option<String>,
    #[serde(default)]
    pub atiende_feriados: bool,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub areas: Vec<AreaSeccion>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub ambientes: Vec<AmbienteSeccion>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub equipos: Vec<EquipoSeccion>,
}

/// A part of a sede, such as its pet shop.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaSeccion {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
}

/// A room of a sede.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmbienteSeccion {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    pub tipo: AmbienteTipo,
    /// Name of an area of the same sede.
    pub area: Option<String>,
}

/// A piece of equipment of a sede.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EquipoSeccion {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[schema(pattern = "^[a-z0-9_]{2,40}$")]
    pub tipo: String,
}

/// `[[personal]]`
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaSeccion {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombres: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub apellidos: String,
    #[schema(format = "correo", max_length = 254)]
    pub correo: String,
    #[schema(format = "telefono", max_length = 30)]
    pub telefono: Option<String>,
    pub documento: Option<DocumentoPersonal>,
    /// Makes a vet.
    #[schema(pattern = "^[0-9]{3,6}$")]
    pub cmvp: Option<String>,
    #[schema(min_items = 1, max_items = 100)]
    pub asignaciones: Vec<AsignacionSeccion>,
}

/// A role of somebody, in a sede or in the whole chain.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AsignacionSeccion {
    /// Key of a role.
    pub rol: String,
    /// Code of a sede; none: the whole chain.
    pub sede: Option<String>,
}

/// All that this crate takes from the files.
#[derive(Debug, Clone, Copy)]
pub struct Seccion<'a> {
    /// Roles of every chain: system roles.
    pub roles_base: &'a [RolSeccion],
    pub roles: &'a [RolSeccion],
    pub entidades_legales: &'a [EntidadLegalSeccion],
    pub sedes: &'a [SedeSeccion],
    pub personal: &'a [PersonaSeccion],
}

/// How staff gets in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opciones<'a> {
    /// Of the demonstration only: everybody's password, already hashed. Otherwise each is invited by e-mail.
    pub clave_demo: Option<&'a str>,
}

/// Applies a section that [`revisar`] found no fault with. The chain itself exists: see [`registrar`].
pub async fn aplicar(tx: &mut Tx, seccion: &Seccion<'_>, opciones: &Opciones<'_>, report: &mut Report) -> Result<(), Problem> {
    roles::aplicar(tx, seccion, report).await?;
    estructura::entidades(tx, seccion.entidades_legales, report).await?;
    estructura::sedes(tx, seccion.sedes, report).await?;
    estructura::areas(tx, seccion.sedes, report).await?;
    estructura::ambientes(tx, seccion.sedes, report).await?;
    estructura::equipos(tx, seccion.sedes, report).await?;
    personal::personas(tx, seccion.personal, opciones, report).await?;
    personal::asignaciones(tx, seccion.personal, report).await?;
    // A new chain's administrator is still invited.
    if somebody_holds(tx, ADMINISTRADOR, false).await? { Ok(()) } else { Err(Problem::new(ULTIMO_ADMINISTRADOR)) }
}

/// A reference that `revisar` accepts and the database does not have: somebody changed it in between.
fn missing(what: &str) -> Problem {
    Problem::internal(format_args!("{what} of the file is not in the chain"))
}

#[cfg(test)]
mod tests;
