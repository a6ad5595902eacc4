//! An alert as people see it.
use super::{estado::Detenida, evidencia::linea};
use crate::puertos::Gravedad;
use jiff::{Timestamp, civil::Date};
use kernel::ids::{AlertaId, HechoClinicoId, MascotaId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Por qué se cerró una alerta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CierreMotivo {
    /// La regla ya no la da.
    Resuelta,
    /// Alguien la descartó con un motivo.
    Descartada,
    /// La regla se desactivó, se desinstaló o ya no vale en las sedes de la mascota.
    ReglaRetirada,
    Fallecida,
    /// El registro se fusionó con otro, del que las reglas vuelven a opinar.
    Fusionada,
}

impl CierreMotivo {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Resuelta => "resuelta",
            Self::Descartada => "descartada",
            Self::ReglaRetirada => "regla_retirada",
            Self::Fallecida => "fallecida",
            Self::Fusionada => "fusionada",
        }
    }
}

/// Un hecho en el que se apoya una alerta.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Evidencia {
    /// Dónde estaba en los hechos que leyó la regla.
    pub puntero: String,
    /// Como se le dice a una persona.
    pub texto: String,
    /// El hecho clínico, si es uno.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hecho_id: Option<HechoClinicoId>,
}

impl Evidencia {
    /// From the pointers and the facts beside them, each once.
    pub fn read(punteros: &[String], hechos: &[Value]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::with_capacity(punteros.len());
        for (puntero, hecho) in punteros.iter().zip(hechos) {
            let hecho_id =
                hecho.get("id").filter(|_| !puntero.starts_with("/pesos")).and_then(Value::as_str).and_then(|id| id.parse().ok());
            let one = Self { puntero: puntero.clone(), texto: linea(puntero, hecho), hecho_id };
            if !all.iter().any(|other| other.texto == one.texto && other.hecho_id == one.hecho_id) {
                all.push(one);
            }
        }
        all
    }
}

/// Cómo se descartó una alerta.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Descarte {
    pub motivo: String,
    pub por: Uuid,
    /// Desde este día vuelve, si la regla la sigue dando; sin él, cuando cambien sus hechos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    /// Sigue en pie: la alerta no vuelve mientras sus hechos sean los mismos.
    pub vigente: bool,
}

/// Una alerta médica de una mascota: qué dijo qué regla, por qué y con qué hechos.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alerta {
    pub id: AlertaId,
    pub mascota_id: MascotaId,
    /// El complemento que la dio, como `pe.huella.vacunas`.
    pub complemento: String,
    /// Su versión, cuando lo dijo así por última vez.
    pub version: String,
    /// Resumen criptográfico de esa versión.
    pub digest: String,
    /// Revisión de su instalación: sube con cada cambio de configuración.
    pub revision: i32,
    /// La regla, como `vacunas.rabia`.
    pub regla: String,
    /// Dos alertas de una mascota con la misma clave son una.
    pub clave: String,
    pub gravedad: Gravedad,
    pub titulo: String,
    /// El motivo, para el médico.
    pub detalle: String,
    /// Cuándo toca lo que falta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vence: Option<Date>,
    pub evidencia: Vec<Evidencia>,
    pub sugiere_bloquear: bool,
    pub desde: Timestamp,
    /// Cuándo cambió por última vez lo que dice.
    pub cambiada_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cerrada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cerrada_motivo: Option<CierreMotivo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descarte: Option<Descarte>,
}

/// Las alertas de una mascota, y de qué reglas no se sabe qué dirían.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertasDeMascota {
    /// Las abiertas, la más grave primero; con `cerradas=true`, detrás las cerradas, la última primero.
    pub alertas: Vec<Alerta>,
    /// Reglas que no corrieron para esta mascota: que no haya alertas de ellas no dice nada.
    pub reglas_que_no_corrieron: Vec<Detenida>,
}

/// Una alerta abierta, en la lista de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertaDeLista {
    pub id: AlertaId,
    pub mascota_id: MascotaId,
    pub mascota: String,
    pub especie: String,
    /// Su propietario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor: Option<String>,
    pub gravedad: Gravedad,
    pub titulo: String,
    pub detalle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vence: Option<Date>,
    pub complemento: String,
    pub version: String,
    pub regla: String,
    pub sugiere_bloquear: bool,
    pub desde: Timestamp,
}
