//! An import: a file of one kind of rows, how its columns are read, and how far it has come.
use crate::campos;
pub use crate::leer::Formato;
use jiff::Timestamp;
use kernel::{
    Event, FieldError, Problem,
    ids::{ImportacionId, SedeId},
    text,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Problems of imports.
pub mod problemas {
    kernel::problems! {
        ARCHIVO_ILEGIBLE = UNPROCESSABLE_ENTITY, "archivo-ilegible", "El archivo no se puede leer";
        IMPORTACION_EN_CURSO = CONFLICT, "importacion-en-curso", "La importación está en otro paso";
        IMPORTACION_TOCADA = CONFLICT, "importacion-tocada", "Algo de lo importado cambió después: no se puede deshacer";
        ARCHIVO_BORRADO = GONE, "archivo-borrado", "El archivo ya se borró";
    }
}

/// De qué son las filas de un archivo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Tipo {
    Tutores,
    Mascotas,
    /// Pesos anteriores.
    Pesos,
    /// Vacunas anteriores.
    Vacunas,
    /// Visitas anteriores, como texto.
    Visitas,
    /// Citas por venir.
    Citas,
}

impl Tipo {
    pub const ALL: &[Self] = &[Self::Tutores, Self::Mascotas, Self::Pesos, Self::Vacunas, Self::Visitas, Self::Citas];
}

/// En qué paso está una importación.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = EstadoImportacion)]
pub enum Estado {
    /// Recibida: falta revisar sus columnas, probarla o ejecutarla.
    Lista,
    Probando,
    /// Probada: se sabe qué haría; nada se escribió.
    Probada,
    Importando,
    Importada,
    Deshaciendo,
    Deshecha,
    /// No pudo terminar: se puede continuar.
    Fallida,
}

impl Estado {
    /// Something of it is being worked on.
    pub fn en_curso(self) -> bool {
        matches!(self, Self::Probando | Self::Importando | Self::Deshaciendo)
    }
    /// Nothing of it was written yet, so its columns may still be read otherwise.
    pub fn abierta(self) -> bool {
        matches!(self, Self::Lista | Self::Probada)
    }
}

/// Qué se hace con la fila de alguien que ya está registrado.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Existentes {
    /// Nada: la fila se omite.
    #[default]
    Omitir,
    /// Se completa lo que le falta; lo que ya tiene no cambia.
    Completar,
}

/// Orden de día y mes donde una fecha no lo dice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fechas {
    /// Como 31/12/2025.
    #[default]
    DiaMes,
    /// Como 12/31/2025.
    MesDia,
}

/// Cómo se leen las columnas de un archivo.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapeo {
    /// De cada campo, el título de la columna que lo trae.
    pub columnas: BTreeMap<String, String>,
    /// De un campo, qué valor se lee en lugar de otro: `{"raza": {"criollo": "Mestizo"}}`.
    #[serde(default)]
    pub valores: BTreeMap<String, BTreeMap<String, String>>,
}

/// Lo que se decide antes de importar un archivo.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opciones {
    #[serde(default)]
    pub existentes: Existentes,
    #[serde(default)]
    pub fechas: Fechas,
    /// Nombre del sistema de donde viene el archivo: sus claves valen dentro de él.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub sistema: String,
}

/// Appointments of a sede that an import brought in one portion, or that its way back took away. Screens and integrations are told
/// of all of them at once.
#[derive(Debug, Serialize)]
pub struct AgendaRenovada {
    pub importacion_id: ImportacionId,
    pub sede_id: SedeId,
    pub citas: i64,
    /// When the first and the last of them begin.
    pub desde: Timestamp,
    pub hasta: Timestamp,
    pub deshecha: bool,
}

impl AgendaRenovada {
    pub fn evento(&self) -> Event {
        Event::new("agenda.renovada", self).sede(self.sede_id)
    }
}

/// Lo que se puede corregir antes de importar un archivo.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosImportacion {
    pub mapeo: Mapeo,
    pub opciones: Opciones,
}

impl DatosImportacion {
    /// `columnas`: the titles of the file.
    pub fn check(&self, tipo: Tipo, columnas: &[String]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let known = campos::de(tipo);
        for (campo, columna) in &self.mapeo.columnas {
            let at = format!("/mapeo/columnas/{campo}");
            if known.clone().all(|one| one.clave != campo) {
                errors.push(FieldError::new(at, "no es un campo de este tipo de archivo"));
            } else if !columnas.contains(columna) {
                errors.push(FieldError::new(at, "no es una columna del archivo"));
            }
        }
        let strange = self.mapeo.valores.keys().filter(|campo| known.clone().all(|one| one.clave != campo.as_str()));
        errors.extend(strange.map(|campo| FieldError::new(format!("/mapeo/valores/{campo}"), "no es un campo de este tipo de archivo")));
        errors.extend(self.mapeo.faltan(tipo).map(|detail| FieldError::new("/mapeo/columnas", detail)));
        errors
    }
}

impl Mapeo {
    /// What has to be mapped and is not.
    pub fn faltan(&self, tipo: Tipo) -> Option<String> {
        let has = |campo: &&str| self.columnas.contains_key(*campo);
        let missing: Vec<String> = campos::minimos(tipo)
            .iter()
            .filter(|alternatives| !alternatives.iter().any(has))
            .map(|alternatives| alternatives.join(" o "))
            .collect();
        (!missing.is_empty()).then(|| format!("falta una columna para: {}", missing.join("; ")))
    }

    /// The value that stands for another one; compared as people read it.
    pub fn valor<'a>(&'a self, campo: &str, value: &'a str) -> &'a str {
        let Some(valores) = self.valores.get(campo) else { return value };
        let plain = text::words(value);
        valores.iter().find(|(from, _)| text::words(from) == plain).map_or(value, |(_, to)| to.as_str())
    }
}

/// Qué se hizo, o se haría, con las filas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct CuentaDeFilas {
    /// Filas del archivo que ya se leyeron.
    pub hechas: i32,
    pub nuevas: i32,
    pub actualizadas: i32,
    /// Filas de lo que ya estaba.
    pub omitidas: i32,
    pub errores: i32,
}

/// Una importación.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Importacion {
    pub id: ImportacionId,
    pub tipo: Tipo,
    /// Nombre del archivo.
    pub nombre: String,
    pub formato: Formato,
    /// Lo que separa las celdas de un CSV.
    pub separador: Option<String>,
    /// Codificación de un CSV, como `UTF-8` o `windows-1252`.
    pub codificacion: Option<String>,
    /// Títulos de las columnas.
    pub columnas: Vec<String>,
    pub mapeo: Mapeo,
    pub opciones: Opciones,
    pub estado: Estado,
    /// Filas del archivo, sin los títulos.
    pub filas: i32,
    #[serde(flatten)]
    pub cuenta: CuentaDeFilas,
    /// Por qué no pudo terminar.
    pub error: Option<String>,
    /// El archivo ya se borró: solo queda deshacer.
    pub archivada: bool,
    pub creado_en: Timestamp,
    pub creado_por: Uuid,
    pub empezada_en: Option<Timestamp>,
    pub terminada_en: Option<Timestamp>,
    pub version: i32,
    /// The sedes that its maker could see; `None`: all.
    #[serde(skip)]
    pub sedes: Option<Vec<SedeId>>,
    #[serde(skip)]
    pub actor_tipo: String,
}

impl HasVersion for Importacion {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Importacion {
    /// It may be taken back: it is over, or a command left it half done.
    pub fn se_deshace(&self) -> bool {
        matches!(self.estado, Estado::Importada | Estado::Fallida) || self.estado == Estado::Importando && self.archivada
    }
    pub fn exigir(&self, may: bool) -> Result<(), Problem> {
        if may { Ok(()) } else { Err(Problem::new(problemas::IMPORTACION_EN_CURSO).with("estado", self.estado)) }
    }
}

/// Lo que está mal en una fila.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDeFila {
    /// Campo de Huella; falta si es de la fila entera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campo: Option<String>,
    /// Título de la columna.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columna: Option<String>,
    pub detail: String,
}

/// Una fila que no se pudo importar.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilaConErrores {
    /// Su número en el archivo; los títulos son la fila 1.
    pub fila: i32,
    pub errores: Vec<ErrorDeFila>,
}

/// Algo importado que cambió después.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tocado {
    pub fila: i32,
    pub entidad: String,
    pub registro_id: Uuid,
    pub motivo: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datos(columnas: &[(&str, &str)]) -> DatosImportacion {
        let columnas = columnas.iter().map(|(campo, columna)| ((*campo).to_owned(), (*columna).to_owned())).collect();
        DatosImportacion { mapeo: Mapeo { columnas, ..Mapeo::default() }, opciones: Opciones::default() }
    }

    #[test]
    fn columns_must_be_there_fields_known_and_the_least_mapped() {
        let titles = ["Cliente".to_owned(), "DNI".to_owned()];
        let pointers = |datos: DatosImportacion| -> Vec<String> {
            datos.check(Tipo::Tutores, &titles).into_iter().map(|error| error.pointer.into_owned()).collect()
        };
        assert_eq!(pointers(datos(&[("nombre_completo", "Cliente"), ("documento", "DNI")])), Vec::<String>::new());
        assert_eq!(
            pointers(datos(&[("documento", "RUC"), ("kg", "DNI")])),
            ["/mapeo/columnas/documento", "/mapeo/columnas/kg", "/mapeo/columnas"]
        );
    }

    #[test]
    fn a_value_is_read_as_another_whatever_its_case_and_accents() {
        let criollo = BTreeMap::from([("Críollo".to_owned(), "Mestizo".to_owned())]);
        let mapeo = Mapeo { valores: BTreeMap::from([("raza".to_owned(), criollo)]), ..Mapeo::default() };
        assert_eq!(
            (mapeo.valor("raza", "CRIOLLO"), mapeo.valor("raza", "Boxer"), mapeo.valor("color", "criollo")),
            ("Mestizo", "Boxer", "criollo")
        );
    }
}
