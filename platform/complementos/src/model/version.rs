//! A version of a plugin, from its upload to its end.
use super::{Hallazgo, Permiso, pedidos};
use jiff::Timestamp;
use kernel::{Problem, version::HasVersion};
use plugin_manifest::{Limits, Package, World};
use semver::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::problemas::VERSION_EN_OTRO_ESTADO;

/// En qué está una versión.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoVersion {
    /// Se está leyendo, compilando y probando.
    EnExamen,
    /// El examen o la revisión dijeron que no.
    Rechazada,
    /// Espera a una persona de la plataforma.
    EnRevision,
    /// Firmada por la plataforma: cualquier cadena la puede instalar.
    Aprobada,
    /// No corre en ninguna parte.
    Retirada,
}

impl EstadoVersion {
    pub fn clave(self) -> &'static str {
        match self {
            Self::EnExamen => "en_examen",
            Self::Rechazada => "rechazada",
            Self::EnRevision => "en_revision",
            Self::Aprobada => "aprobada",
            Self::Retirada => "retirada",
        }
    }
    pub fn read(text: &str) -> Self {
        match text {
            "en_examen" => Self::EnExamen,
            "en_revision" => Self::EnRevision,
            "aprobada" => Self::Aprobada,
            "retirada" => Self::Retirada,
            _ => Self::Rechazada,
        }
    }
}

/// Algo que está mal en una versión.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FaltaExamen {
    /// Dónde: puntero JSON en el manifiesto, o parte del examen.
    pub pointer: String,
    pub detail: String,
}

impl From<plugin_manifest::Fault> for FaltaExamen {
    fn from(fault: plugin_manifest::Fault) -> Self {
        Self { pointer: fault.pointer, detail: fault.detail }
    }
}

/// A version as the store has it.
#[derive(Debug, Clone)]
pub struct Publicada {
    pub digest: String,
    pub propia: bool,
    pub editor: String,
    pub complemento: String,
    pub version: String,
    pub mundo: World,
    pub estado: EstadoVersion,
    pub clave_editor: Option<String>,
    pub paquete: Package,
    pub bytes: i32,
    pub importa: Vec<String>,
    pub hallazgos: Vec<Hallazgo>,
    pub faltas: Vec<FaltaExamen>,
    pub examen_ms: Option<i64>,
    pub subida_en: Timestamp,
    pub examinada_en: Option<Timestamp>,
    pub revisada_en: Option<Timestamp>,
    pub motivo: Option<String>,
    pub revision: i32,
}

/// Una versión de un complemento.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionVista {
    /// sha256 de su contenido sin firmas: su identidad.
    pub digest: String,
    pub complemento: String,
    pub version: String,
    pub nombre: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descripcion: Option<String>,
    /// `payment`, `fiscal`, `delivery`, `notification` o `alerts`.
    pub mundo: String,
    pub editor: String,
    pub estado: EstadoVersion,
    /// La clave que la firmó; ausente, nadie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clave_editor: Option<String>,
    pub bytes: i32,
    pub permisos: Vec<Permiso>,
    #[schema(value_type = Object)]
    pub limites: Limits,
    /// Lo que ofrece: medios de pago, monedas, canales…
    pub capacidades: BTreeMap<String, Vec<String>>,
    /// Las partes de Huella que usa.
    pub importa: Vec<String>,
    pub hallazgos: Vec<Hallazgo>,
    /// Todo lo que el examen encontró mal.
    pub faltas: Vec<FaltaExamen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examen_ms: Option<i64>,
    pub subida_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examinada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revisada_en: Option<Timestamp>,
    /// De un rechazo o un retiro.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    pub revision: i32,
}

impl HasVersion for VersionVista {
    fn version(&self) -> i32 {
        self.revision
    }
}

impl From<Publicada> for VersionVista {
    fn from(row: Publicada) -> Self {
        let manifest = &row.paquete.manifest;
        Self {
            nombre: manifest.name.es.clone(),
            descripcion: manifest.description.as_ref().map(|text| text.es.clone()),
            mundo: row.mundo.name().to_owned(),
            permisos: pedidos(&row.paquete),
            limites: manifest.limits(),
            capacidades: manifest.capabilities.clone(),
            digest: row.digest,
            complemento: row.complemento,
            version: row.version,
            editor: row.editor,
            estado: row.estado,
            clave_editor: row.clave_editor,
            bytes: row.bytes,
            importa: row.importa,
            hallazgos: row.hallazgos,
            faltas: row.faltas,
            examen_ms: row.examen_ms,
            subida_en: row.subida_en,
            examinada_en: row.examinada_en,
            revisada_en: row.revisada_en,
            motivo: row.motivo,
            revision: row.revision,
        }
    }
}

impl Publicada {
    /// 409 unless it is where this can be done.
    pub fn exigir(&self, estado: EstadoVersion) -> Result<(), Problem> {
        if self.estado == estado {
            return Ok(());
        }
        let detail = format!("Está «{}»; tendría que estar «{}».", self.estado.clave(), estado.clave());
        Err(Problem::new(VERSION_EN_OTRO_ESTADO).detail(detail).with("estado", self.estado))
    }

    /// Whether a chain may install it: what the platform signed, and in a sandbox what the chain itself publishes.
    pub fn instalable(&self, sandbox: bool) -> bool {
        self.estado == EstadoVersion::Aprobada || (sandbox && self.propia && self.estado == EstadoVersion::EnRevision)
    }
}

/// Sorts as versions do, in a database that compares bytes: a release after what came before it.
pub fn orden(version: &str) -> Option<String> {
    let version: Version = version.parse().ok()?;
    let pre = |part: &str| match part.parse::<u64>() {
        Ok(number) => format!("0{number:010}"),
        Err(_) => format!("1{part}"),
    };
    let tail = match version.pre.is_empty() {
        true => "~".to_owned(),
        false => format!("-{}", version.pre.split('.').map(pre).collect::<Vec<_>>().join("!")),
    };
    Some(format!("{:010}.{:010}.{:010}{tail}", version.major, version.minor, version.patch))
}

pub fn mundo(name: &str) -> Option<World> {
    World::ALL.into_iter().find(|world| world.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_as_versions() {
        let sorted = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.2.0",
            "1.10.0",
            "2.0.0",
        ];
        let keys: Vec<String> = sorted.iter().map(|text| orden(text).expect("a version")).collect();
        let mut again = keys.clone();
        again.sort();
        assert_eq!(keys, again);
        assert_eq!(orden("uno"), None);
    }
}
