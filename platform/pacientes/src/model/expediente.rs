//! All that a chain holds about one person, for that person.
use super::{Consentimientos, Mascota, Peso, Relacion, Tutor};
use jiff::{Timestamp, civil::Date};
use kernel::{
    ids::SedeId,
    ports::{CitaDeMascota, Conducta},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Quién vio o cambió los datos, y cuándo.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccesoADatos {
    pub en: Timestamp,
    /// La persona, o la integración.
    pub quien: String,
    /// Como `leer` o `cambiar`.
    pub accion: String,
    /// `tutor` o `mascota`.
    pub entidad: String,
}

/// Algo que se le hizo a una mascota o que tiene: una vacuna, un problema, una visita anterior.
#[derive(Debug, Serialize, ToSchema)]
pub struct HechoDelExpediente {
    /// `vacuna`, `desparasitacion`, `problema`, `alergia`, `tratamiento` o `visita`.
    pub tipo: String,
    pub titulo: String,
    pub fecha: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxima: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    /// Lo propio de cada tipo.
    pub detalle: Value,
}

/// Una alerta médica que una regla dio de una mascota.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertaDelExpediente {
    /// El complemento y la regla, con su versión.
    pub complemento: String,
    pub regla: String,
    pub version: String,
    /// `info`, `advertencia` o `critica`.
    pub gravedad: String,
    pub titulo: String,
    pub detalle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vence: Option<Date>,
    pub desde: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cerrada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cerrada_motivo: Option<String>,
    /// Por qué alguien la descartó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descarte_motivo: Option<String>,
}

/// Una espera de la mascota por una hora.
#[derive(Debug, Serialize, ToSchema)]
pub struct EsperaDelExpediente {
    pub en: Timestamp,
    pub servicio: String,
    pub desde: Date,
    pub hasta: Date,
    /// Como `activa` o `cumplida`.
    pub estado: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nota: Option<String>,
}

/// Una llegada de la mascota a una sede.
#[derive(Debug, Serialize, ToSchema)]
pub struct LlegadaDelExpediente {
    pub en: Timestamp,
    pub sede_id: SedeId,
    /// Si vino sin cita.
    pub sin_cita: bool,
    /// Como `rojo` o `verde`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triaje: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fin_en: Option<Timestamp>,
    /// Cuándo y por qué se fue sin que la atendieran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retirada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retirada_motivo: Option<String>,
}

/// Algo que reservó por su cuenta.
#[derive(Debug, Serialize, ToSchema)]
pub struct AutoreservaDelExpediente {
    pub en: Timestamp,
    pub sede_id: SedeId,
    /// Como `reservada` o `rechazada`.
    pub estado: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    /// Qué versión de las condiciones aceptó.
    pub condiciones_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resuelta_en: Option<Timestamp>,
}

/// Un pedido de otra hora para una cita.
#[derive(Debug, Serialize, ToSchema)]
pub struct PedidoDelExpediente {
    pub en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendido_en: Option<Timestamp>,
}

/// Una cita a la que no vino, o que anuló tarde.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaltaDelExpediente {
    pub en: Timestamp,
    /// `no_asistio` o `anulacion_tardia`.
    pub tipo: String,
}

/// Por dónde prefiere que le escriban.
#[derive(Debug, Serialize, ToSchema)]
pub struct CanalesDelExpediente {
    /// En su orden; ninguno: no quiere mensajes.
    pub canales: Vec<String>,
    /// Si volvió a lo que prefiere la cadena.
    pub segun_cadena: bool,
    pub desde: Timestamp,
}

/// Una mascota que es o fue del tutor, con lo que se sabe de ella.
#[derive(Debug, Serialize, ToSchema)]
pub struct MascotaDelExpediente {
    pub relacion: Relacion,
    pub desde: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    pub mascota: Mascota,
    pub pesos: Vec<Peso>,
    /// Del más antiguo al más reciente.
    pub historia: Vec<HechoDelExpediente>,
    /// Las abiertas y las que se cerraron, de la más antigua a la más reciente.
    pub alertas: Vec<AlertaDelExpediente>,
    pub citas: Vec<CitaDeMascota>,
    /// De la más antigua a la más reciente.
    pub esperas: Vec<EsperaDelExpediente>,
    /// De la más antigua a la más reciente.
    pub visitas: Vec<LlegadaDelExpediente>,
}

/// Un mensaje que se le envió, o se le iba a enviar. Lo que decía no se guarda.
#[derive(Debug, Serialize, ToSchema)]
pub struct MensajeDelExpediente {
    pub en: Timestamp,
    /// Como `cita_reservada` o `recordatorio`.
    pub tipo: String,
    /// Como `enviado` o `fallido`.
    pub estado: String,
    /// Por dónde se intentó.
    pub canales: Vec<String>,
}

/// Algo que respondió a un mensaje.
#[derive(Debug, Serialize, ToSchema)]
pub struct RespuestaDelExpediente {
    pub en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    /// Qué se hizo con ella, como `confirmada` o `por_leer`.
    pub hecho: String,
}

/// Todo lo que la cadena tiene de un tutor.
#[derive(Debug, Serialize, ToSchema)]
pub struct Expediente {
    pub generado_en: Timestamp,
    pub tutor: Tutor,
    pub mascotas: Vec<MascotaDelExpediente>,
    pub consentimientos: Consentimientos,
    pub conducta: Conducta,
    /// Citas a las que no vino o que anuló tarde, de la más antigua a la más reciente.
    pub faltas: Vec<FaltaDelExpediente>,
    /// De la más antigua a la más reciente.
    pub autoreservas: Vec<AutoreservaDelExpediente>,
    /// Pedidos de otra hora, del más antiguo al más reciente.
    pub pedidos: Vec<PedidoDelExpediente>,
    /// Ausente si nunca lo dijo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canales: Option<CanalesDelExpediente>,
    /// Del más antiguo al más reciente.
    pub mensajes: Vec<MensajeDelExpediente>,
    pub respuestas: Vec<RespuestaDelExpediente>,
    /// Quién vio o cambió sus datos y los de sus mascotas, lo más reciente primero.
    pub accesos: Vec<AccesoADatos>,
}
