//! Staff and roles: what they are, and who may give what to whom.
use crate::problemas::{EXCEDE_PERMISOS, USUARIO_INACTIVO};
use jiff::Timestamp;
use kernel::{
    Access, Change, FieldError, Problem, Sedes,
    crypto::PersonKey,
    ids::{AsignacionId, RolId, SedeId, UsuarioId},
    permission::{CATALOGUE, PermissionSet, Scope, index_of},
    text::DocumentoTipo,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Who keeps a chain governable: somebody active with these in the whole chain.
pub const ADMINISTRADOR: &[&str] = &["usuario.administrar", "rol.administrar"];

/// Un rol: un conjunto de permisos con nombre.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rol {
    pub id: RolId,
    /// Clave estable, como `veterinario`.
    pub clave: String,
    pub nombre: String,
    /// Los roles de sistema se pueden cambiar, pero no borrar.
    pub de_sistema: bool,
    /// Quien tenga este rol debe activar el segundo factor.
    pub exige_segundo_factor: bool,
    /// Claves de `GET /permisos`.
    pub permisos: Vec<String>,
    pub version: i32,
}

impl HasVersion for Rol {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Un rol nuevo de la cadena.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoRol {
    #[schema(pattern = "^[a-z][a-z0-9_]{1,39}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[serde(default)]
    #[schema(default = false)]
    pub exige_segundo_factor: bool,
    /// Claves de `GET /permisos`.
    #[schema(max_items = 200)]
    pub permisos: Vec<String>,
}

/// El nuevo contenido de un rol.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioRol {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[serde(default)]
    #[schema(default = false)]
    pub exige_segundo_factor: bool,
    /// Claves de `GET /permisos`.
    #[schema(max_items = 200)]
    pub permisos: Vec<String>,
}

/// Keys that the catalogue does not have.
pub fn unknown_permissions(permisos: &[String]) -> Vec<FieldError> {
    let unknown = permisos.iter().enumerate().filter(|(_, clave)| index_of(clave).is_none());
    unknown.map(|(index, _)| FieldError::new(format!("/permisos/{index}"), "no es un permiso del catálogo")).collect()
}

pub fn permission_set(permisos: &[String]) -> PermissionSet {
    permisos.iter().filter_map(|clave| index_of(clave)).collect()
}

/// 403 if `permisos`, given in `sede` (or the whole chain), are more than the giver has there.
pub fn exigir_tenerlos(permisos: PermissionSet, sede: Option<SedeId>, propio: &Access) -> Result<(), Problem> {
    let own = sede.map_or(propio.cadena, |sede| propio.in_sede(sede));
    let counts = |index: &usize| permisos.contains(*index) && (sede.is_none() || CATALOGUE[*index].alcance == Scope::Sede);
    let missing: Vec<&str> =
        (0..CATALOGUE.len()).filter(counts).filter(|index| !own.contains(*index)).map(|index| CATALOGUE[index].clave).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let place = if sede.is_some() { "en esa sede" } else { "en toda la cadena" };
    Err(Problem::new(EXCEDE_PERMISOS).detail(format!("Usted no tiene {place}: {}.", missing.join(", "))).with("faltan", missing))
}

/// 403 unless the one who acts administers every place where the other works, and has there all that the
/// other has: to take an account away, or its e-mail, is to have power over it everywhere.
pub fn exigir_dominio(administra: &Sedes, propio: &Access, asignaciones: &[Asignacion], ajeno: &Access) -> Result<(), Problem> {
    let reaches = |asignacion: &Asignacion| match asignacion.sede_id {
        None => *administra == Sedes::Cadena,
        Some(sede) => administra.contains(sede),
    };
    if !asignaciones.iter().all(reaches) {
        return Err(Problem::new(EXCEDE_PERMISOS).detail("También trabaja donde usted no administra al personal."));
    }
    exigir_tenerlos(ajeno.cadena, None, propio)?;
    ajeno.sedes.iter().try_for_each(|(sede, permisos)| exigir_tenerlos(*permisos, Some(*sede), propio))
}

/// Un rol de una persona, en una sede o en toda la cadena.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asignacion {
    pub id: AsignacionId,
    pub usuario_id: UsuarioId,
    pub rol_id: RolId,
    /// Clave del rol.
    pub rol: String,
    /// Ausente: toda la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
}

impl Asignacion {
    pub fn change(&self, accion: &'static str) -> Change {
        let change = Change::new(accion, "asignacion", self.id);
        if let Some(sede) = self.sede_id { change.sede(sede) } else { change }
    }
}

/// Un rol por asignar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaAsignacion {
    pub rol_id: RolId,
    /// Ausente: toda la cadena.
    pub sede_id: Option<SedeId>,
}

/// El documento de identidad de una persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentoPersonal {
    pub tipo: DocumentoTipo,
    #[schema(min_length = 1, max_length = 20)]
    pub numero: String,
}

/// Una persona que trabaja en la cadena.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Usuario {
    pub id: UsuarioId,
    pub nombres: String,
    pub apellidos: String,
    pub correo: String,
    pub telefono: Option<String>,
    pub documento: Option<DocumentoPersonal>,
    pub es_medico: bool,
    /// Número de colegiatura del Colegio Médico Veterinario del Perú.
    pub cmvp: Option<String>,
    pub activo: bool,
    /// Todavía no acepta su invitación.
    pub invitacion_pendiente: bool,
    /// Ya activó el segundo factor.
    pub segundo_factor: bool,
    /// Sus roles en las sedes que usted administra.
    pub asignaciones: Vec<Asignacion>,
    pub creado_en: Timestamp,
    pub version: i32,
}

impl HasVersion for Usuario {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Usuario {
    pub fn exigir_activo(&self) -> Result<(), Problem> {
        if self.activo { Ok(()) } else { Err(Problem::new(USUARIO_INACTIVO)) }
    }

    /// For the audit: what names the person is readable only while the person's key exists.
    pub fn sealed(&self, key: &PersonKey) -> Value {
        let seal = |field: &str, plain: &str| key.seal_text(field, plain);
        json!({
            "nombres": seal("nombres", &self.nombres),
            "apellidos": seal("apellidos", &self.apellidos),
            "correo": seal("correo", &self.correo),
            "telefono": self.telefono.as_ref().map(|plain| seal("telefono", plain)),
            "documento": self.documento.as_ref().map(|plain| seal("documento", &plain.to_text())),
            "es_medico": self.es_medico,
            "cmvp": self.cmvp,
            "activo": self.activo,
        })
    }
}

impl DocumentoPersonal {
    /// The one text that is encrypted.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Una persona nueva. Recibe una invitación en su correo.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoUsuario {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombres: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub apellidos: String,
    #[schema(format = "correo", max_length = 254)]
    pub correo: String,
    #[schema(format = "telefono", max_length = 30)]
    pub telefono: Option<String>,
    pub documento: Option<DocumentoPersonal>,
    #[serde(default)]
    #[schema(default = false)]
    pub es_medico: bool,
    /// Obligatorio para médicos.
    #[schema(pattern = "^[0-9]{3,6}$")]
    pub cmvp: Option<String>,
    #[schema(min_items = 1, max_items = 100)]
    pub asignaciones: Vec<NuevaAsignacion>,
}

/// Los datos de una persona. Lo que no se envía queda vacío.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosUsuario {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombres: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub apellidos: String,
    #[schema(format = "correo", max_length = 254)]
    pub correo: String,
    #[schema(format = "telefono", max_length = 30)]
    pub telefono: Option<String>,
    pub documento: Option<DocumentoPersonal>,
    #[serde(default)]
    #[schema(default = false)]
    pub es_medico: bool,
    /// Obligatorio para médicos.
    #[schema(pattern = "^[0-9]{3,6}$")]
    pub cmvp: Option<String>,
}

impl NuevoUsuario {
    /// What is wrong, or the person in its one written form and the roles to assign.
    pub fn read(&self) -> Result<(DatosUsuario, Vec<NuevaAsignacion>), Problem> {
        let Self { nombres, apellidos, correo, telefono, documento, es_medico, cmvp, asignaciones } = self.clone();
        let datos = DatosUsuario { nombres, apellidos, correo, telefono, documento, es_medico, cmvp };
        let (datos, mut errors) = datos.normalise();
        let mut seen = BTreeSet::new();
        for (index, asignacion) in asignaciones.iter().enumerate() {
            if !seen.insert((asignacion.rol_id, asignacion.sede_id)) {
                errors.push(FieldError::new(format!("/asignaciones/{index}"), "está repetida"));
            }
        }
        Problem::check(errors)?;
        Ok((datos, asignaciones))
    }
}

impl DatosUsuario {
    pub fn read(self) -> Result<Self, Problem> {
        let (datos, errors) = self.normalise();
        Problem::check(errors).map(|()| datos)
    }

    /// In the one written form, with all that is wrong.
    pub fn normalise(mut self) -> (Self, Vec<FieldError>) {
        let mut errors = Vec::new();
        self.correo = kernel::text::email(&self.correo);
        self.telefono = self.telefono.as_deref().and_then(kernel::text::phone);
        if let Some(documento) = &mut self.documento {
            match documento.tipo.normalise(&documento.numero) {
                Ok(numero) => documento.numero = numero,
                Err(detail) => errors.push(FieldError::new("/documento/numero", detail)),
            }
        }
        match (self.es_medico, &self.cmvp) {
            (true, None) => errors.push(FieldError::new("/cmvp", "un médico tiene número de colegiatura")),
            (false, Some(_)) => errors.push(FieldError::new("/cmvp", "solo los médicos tienen número de colegiatura")),
            _ => {}
        }
        (self, errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::sync::Arc;

    fn sede(number: u128) -> SedeId {
        uuid::Uuid::from_u128(number).into()
    }
    fn set(claves: &[&str]) -> PermissionSet {
        claves.iter().filter_map(|clave| index_of(clave)).collect()
    }
    fn access(cadena: &[&str], sedes: &[(u128, &[&str])]) -> Access {
        Access { cadena: set(cadena), sedes: sedes.iter().map(|(id, claves)| (sede(*id), set(claves))).collect() }
    }

    #[rstest]
    #[case::own(&["cita.ver"], Some(1), true)]
    #[case::more(&["cita.ver", "cita.anular"], Some(1), false)]
    #[case::elsewhere(&["cita.anular"], Some(2), true)]
    #[case::in_the_chain(&["cita.ver"], None, false)]
    #[case::held_in_the_chain(&["sede.ver"], None, true)]
    #[case::held_in_the_chain_counts_in_a_sede(&["sede.ver"], Some(3), true)]
    #[case::chain_permission_has_no_effect_in_a_sede(&["rol.administrar"], Some(1), true)]
    #[case::chain_permission(&["rol.administrar"], None, false)]
    #[case::nothing(&[], None, true)]
    fn nobody_grants_more_than_they_hold(#[case] given: &[&str], #[case] place: Option<u128>, #[case] allowed: bool) {
        let own = access(&["sede.ver"], &[(1, &["cita.ver"]), (2, &["cita.anular"])]);
        assert_eq!(exigir_tenerlos(set(given), place.map(sede), &own).is_ok(), allowed);
    }

    fn works_in(place: Option<u128>) -> Asignacion {
        Asignacion {
            id: AsignacionId::new(),
            usuario_id: UsuarioId::new(),
            rol_id: RolId::new(),
            rol: "rol".into(),
            sede_id: place.map(sede),
        }
    }

    #[rstest]
    #[case::of_my_sede(&[Some(1)], access(&[], &[(1, &["cita.ver"])]), true)]
    #[case::with_more_rights(&[Some(1)], access(&[], &[(1, &["cita.anular"])]), false)]
    #[case::also_in_another_sede(&[Some(1), Some(2)], access(&[], &[(1, &["cita.ver"])]), false)]
    #[case::of_the_chain(&[None], access(&[], &[]), false)]
    #[case::of_no_place(&[], access(&[], &[]), true)]
    fn nobody_administers_somebody_above_or_elsewhere(#[case] places: &[Option<u128>], #[case] other: Access, #[case] allowed: bool) {
        let own = access(&[], &[(1, &["cita.ver", "usuario.administrar"]), (2, &["cita.ver"])]);
        let administra = Sedes::Lista(Arc::from([sede(1)]));
        let asignaciones: Vec<Asignacion> = places.iter().map(|place| works_in(*place)).collect();
        assert_eq!(exigir_dominio(&administra, &own, &asignaciones, &other).is_ok(), allowed);
    }

    #[test]
    fn all_that_is_wrong_with_a_person_is_named() {
        let datos = DatosUsuario {
            nombres: "Ana".into(),
            apellidos: "Quispe".into(),
            correo: " Ana@Andes.example.pe ".into(),
            telefono: Some("987 654 321".into()),
            documento: Some(DocumentoPersonal { tipo: DocumentoTipo::Dni, numero: "123".into() }),
            es_medico: true,
            cmvp: None,
        };
        let (datos, errors) = datos.normalise();
        assert_eq!(datos.correo, "ana@andes.example.pe");
        assert_eq!(datos.telefono.as_deref(), Some("+51987654321"));
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_ref()).collect();
        assert_eq!(pointers, ["/documento/numero", "/cmvp"]);
    }
}
