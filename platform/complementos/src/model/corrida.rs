//! Runs as a chain sees them, and failures as a publisher does.
use jiff::Timestamp;
use kernel::ids::CorridaId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Una llamada a un complemento, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorridaBreve {
    pub id: CorridaId,
    pub complemento: String,
    pub version: String,
    /// `payment`, `fiscal`, `delivery`, `notification` o `alerts`.
    pub mundo: String,
    pub operacion: String,
    pub intento: i32,
    pub sandbox: bool,
    pub inicio: Timestamp,
    /// `ok`, `rejected`, `not_authorized`, `invalid_input`, `unsupported`, `retry_later`, `indeterminate`, `internal`, `trap`, `timeout`, `limit`, `refused` o `host`.
    pub resultado: String,
    /// Por qué no terminó, en palabras de Huella: el límite al que llegó, o por qué no corrió.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    /// Por esta quedó en cuarentena.
    pub cuarentena: bool,
}

/// What everybody who sees the list may read of a run's details: words of ours, which carry nothing of a guest or a person.
pub fn motivo(resultado: &str, detalle: Option<&str>) -> Option<String> {
    match resultado {
        "limit" | "timeout" | "refused" => detalle.map(str::to_owned),
        "trap" => Some("se detuvo por un error propio".to_owned()),
        _ => None,
    }
}

/// Una llamada entera: tiempos, uso de sus límites, llamadas afuera, registro, pedido y respuesta, sin lo personal ni lo secreto.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorridaEntera {
    #[serde(flatten)]
    pub breve: CorridaBreve,
    pub digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    #[schema(value_type = Object)]
    pub documento: Value,
}

/// Cómo fallan los complementos de un editor, en todas las cadenas juntas.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Falla {
    pub complemento: String,
    pub version: String,
    pub operacion: String,
    pub resultado: String,
    pub veces: i64,
    /// En cuántas cadenas.
    pub cadenas: i64,
    /// En cuántas lo puso en cuarentena.
    pub en_cuarentena: i64,
    pub primera: Timestamp,
    pub ultima: Timestamp,
}

/// Una falla de una cadena que consintió compartirlas.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FallaCompartida {
    pub id: CorridaId,
    pub complemento: String,
    pub version: String,
    pub digest: String,
    pub operacion: String,
    pub resultado: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    pub inicio: Timestamp,
    /// La corrida, sin la cadena; ausente en la lista.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub documento: Option<Value>,
}

/// Las fallas de los complementos de un editor en los últimos 14 días.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fallas {
    pub resumen: Vec<Falla>,
    /// Las últimas de cadenas que consintieron compartirlas.
    pub compartidas: Vec<FallaCompartida>,
}
