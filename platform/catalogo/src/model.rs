//! Services and their rules; pure.
use kernel::{
    FieldError, Soles,
    ids::{ServicioId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Clase de ambiente.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
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

/// Un servicio de la cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Servicio {
    pub id: ServicioId,
    pub codigo: String,
    pub nombre: String,
    pub duracion_min: i32,
    /// Minutos que el médico y el ambiente quedan ocupados antes.
    pub antes_min: i32,
    /// Minutos que quedan ocupados después.
    pub despues_min: i32,
    pub ambiente_tipo: Option<AmbienteTipo>,
    pub equipos_tipos: Vec<String>,
    pub color: Option<String>,
    pub indicaciones: Option<String>,
    /// Con IGV.
    pub precio: Option<Soles>,
    /// Los médicos que lo dan; vacío si lo dan todos.
    pub medicos: Vec<UsuarioId>,
    /// De sus citas no se escribe a nadie: ni confirmación ni recordatorio.
    pub silencioso: bool,
    pub activo: bool,
    pub version: i32,
}

impl HasVersion for Servicio {
    fn version(&self) -> i32 {
        self.version
    }
}

fn yes() -> bool {
    true
}

/// Datos de un servicio.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosServicio {
    /// Código corto, en mayúsculas. No cambia después.
    #[schema(pattern = "^[A-Z0-9-]{2,20}$")]
    pub codigo: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    #[schema(minimum = 5, maximum = 720)]
    pub duracion_min: i32,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 240)]
    pub antes_min: i32,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 240)]
    pub despues_min: i32,
    /// Clase de ambiente que necesita; ninguno si falta.
    pub ambiente_tipo: Option<AmbienteTipo>,
    /// Clases de equipo que necesita.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub equipos_tipos: Vec<String>,
    #[schema(pattern = "^#[0-9a-f]{6}$")]
    pub color: Option<String>,
    /// Lo que debe saber el cliente: ayuno, documentos.
    #[schema(max_length = 1000)]
    pub indicaciones: Option<String>,
    /// Con IGV.
    pub precio: Option<Soles>,
    /// Los médicos que lo dan; todos si está vacío.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub medicos: Vec<UsuarioId>,
    /// De sus citas no se escribe a nadie: ni confirmación ni recordatorio. Para una eutanasia, o lo que se conversa en persona.
    /// Lo que un tutor reserva por su cuenta sí se le contesta.
    #[serde(default)]
    pub silencioso: bool,
    #[serde(default = "yes")]
    pub activo: bool,
}

fn is_equipment_kind(text: &str) -> bool {
    (2..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Wrong or repeated kinds of equipment.
pub fn check_equipment(tipos: &[String]) -> Vec<FieldError> {
    let each = tipos.iter().enumerate().filter_map(|(index, tipo)| {
        let detail = if !is_equipment_kind(tipo) {
            "debe tener de 2 a 40 letras minúsculas, dígitos o guiones bajos"
        } else if tipos[..index].contains(tipo) {
            "está repetido"
        } else {
            return None;
        };
        Some(FieldError::new(format!("/equipos_tipos/{index}"), detail))
    });
    each.collect()
}

impl DatosServicio {
    /// `medicos`: those of the named vets that exist and work. `codigo`: of the service that is changed.
    pub fn check(&self, medicos: &[UsuarioId], codigo: Option<&str>) -> Vec<FieldError> {
        let mut errors = check_equipment(&self.equipos_tipos);
        if codigo.is_some_and(|codigo| codigo != self.codigo) {
            errors.push(FieldError::new("/codigo", "no puede cambiar"));
        }
        for (index, medico) in self.medicos.iter().enumerate() {
            if self.medicos[..index].contains(medico) {
                errors.push(FieldError::new(format!("/medicos/{index}"), "está repetido"));
            } else if !medicos.contains(medico) {
                errors.push(FieldError::new(format!("/medicos/{index}"), "no es un médico en actividad de esta cadena"));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let (known, unknown) = (UsuarioId::new(), UsuarioId::new());
        let datos: DatosServicio = serde_json::from_value(serde_json::json!({
            "codigo": "ECO", "nombre": "Ecografía", "duracion_min": 40, "equipos_tipos": ["Ecógrafo", "ecografo", "ecografo"],
            "medicos": [known, unknown, known]
        }))
        .expect("readable");
        let wrong: Vec<String> = datos.check(&[known], Some("ECOG")).into_iter().map(|error| error.pointer.into_owned()).collect();
        assert_eq!(wrong, ["/equipos_tipos/0", "/equipos_tipos/2", "/codigo", "/medicos/1", "/medicos/2"]);
    }
}
