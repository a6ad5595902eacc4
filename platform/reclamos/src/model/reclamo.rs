//! A sheet of the book, and its answer.
use super::plazo::{Plazo, habiles_hasta};
use crate::problemas::RECLAMO_RESPONDIDO;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kernel::{Problem, Soles, ids::SedeId, text::DocumentoTipo, version::HasVersion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Qué es: disconformidad con el producto o servicio, o con la atención.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = TipoReclamo)]
pub enum Tipo {
    /// Disconformidad relacionada con el producto o servicio.
    Reclamo,
    /// Disconformidad que no se relaciona con el producto o servicio, o malestar por la atención.
    Queja,
}

impl Tipo {
    pub fn nombre(self) -> &'static str {
        match self {
            Self::Reclamo => "reclamo",
            Self::Queja => "queja",
        }
    }
}

/// De qué se trata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BienReclamado)]
pub enum Bien {
    Producto,
    Servicio,
}

impl Bien {
    pub fn nombre(self) -> &'static str {
        match self {
            Self::Producto => "Producto",
            Self::Servicio => "Servicio",
        }
    }
}

/// En qué está.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstadoReclamo {
    Pendiente,
    Respondido,
}

/// Por dónde le llega la respuesta al consumidor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EntregaDeRespuesta)]
pub enum Entrega {
    /// La plataforma la envía.
    Correo,
    /// No dejó correo: la cadena imprime la hoja y la lleva a su domicilio.
    Domicilio,
}

/// Quien reclama.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsumidorReclamante)]
pub struct Consumidor {
    pub nombre: String,
    pub documento_tipo: DocumentoTipo,
    pub documento: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domicilio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefono: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correo: Option<String>,
    /// Padre, madre o apoderado, si es menor de edad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apoderado: Option<String>,
}

/// What a consumer wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = HojaDeReclamacion)]
pub struct Hoja {
    pub consumidor: Consumidor,
    pub bien: Bien,
    pub bien_descripcion: String,
    /// Monto reclamado.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monto: Option<Soles>,
    pub detalle: String,
    pub pedido: String,
}

/// Who provides, as it was on the day of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proveedor {
    pub cadena: String,
    pub razon_social: String,
    pub ruc: String,
    pub sede: String,
    pub direccion: String,
}

impl Hoja {
    /// As the copy of a letter says it, a line each.
    pub fn lineas(&self, proveedor: &Proveedor) -> Vec<String> {
        let Consumidor { nombre, documento_tipo, documento, domicilio, telefono, correo, apoderado } = &self.consumidor;
        let lines = [
            ("Proveedor", Some(format!("{}, RUC {}", proveedor.razon_social, proveedor.ruc))),
            ("Establecimiento", Some(format!("{}, {}", proveedor.sede, proveedor.direccion))),
            ("Consumidor", Some(nombre.clone())),
            ("Documento", Some(format!("{} {documento}", documento_nombre(*documento_tipo)))),
            ("Domicilio", domicilio.clone()),
            ("Teléfono", telefono.clone()),
            ("Correo", correo.clone()),
            ("Padre, madre o apoderado", apoderado.clone()),
            (self.bien.nombre(), Some(self.bien_descripcion.clone())),
            ("Monto reclamado", self.monto.map(|monto| format!("S/ {monto}"))),
            ("Detalle", Some(self.detalle.clone())),
            ("Pedido", Some(self.pedido.clone())),
        ];
        lines.into_iter().filter_map(|(name, text)| Some(format!("{name}: {}", text?))).collect()
    }
}

pub fn documento_nombre(tipo: DocumentoTipo) -> &'static str {
    match tipo {
        DocumentoTipo::Dni => "DNI",
        DocumentoTipo::Ce => "Carné de extranjería",
        DocumentoTipo::Ruc => "RUC",
        DocumentoTipo::Pasaporte => "Pasaporte",
        DocumentoTipo::Ptp => "PTP o CPP",
    }
}

/// A sede that has a book.
#[derive(Debug, Clone)]
pub struct Establecimiento {
    pub id: SedeId,
    pub zona: TimeZone,
    pub proveedor: Proveedor,
}

/// A new sheet, on its way into the book; the database gives its number.
#[derive(Debug)]
pub struct Registro<'a> {
    pub id: Uuid,
    pub sede: &'a Establecimiento,
    pub tipo: Tipo,
    pub fecha: Date,
    pub plazo: Plazo,
    pub hoja: &'a Hoja,
    pub enlace: &'a [u8],
    pub contenido: &'a [u8],
    pub red: &'a [u8],
}

/// Una hoja del Libro de Reclamaciones.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reclamo {
    pub id: Uuid,
    pub sede_id: SedeId,
    /// Nombre de la sede.
    pub sede: String,
    /// Correlativo de la sede en el año.
    pub numero: i32,
    pub anio: i32,
    /// Como se imprime en la hoja.
    #[schema(example = "00000012-2026")]
    pub codigo: String,
    pub tipo: Tipo,
    pub estado: EstadoReclamo,
    pub presentado_en: Timestamp,
    /// El día de la hoja, en la hora de la sede.
    pub fecha: Date,
    /// Último día para responder: quince días hábiles, que no se pueden ampliar.
    pub vence_el: Date,
    /// Días hábiles que quedan hasta que venza; negativo, los que lleva de atraso. Ausente si ya se respondió.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dias_habiles: Option<i64>,
    /// Su plazo pasó sin respuesta, o la respuesta llegó tarde.
    pub fuera_de_plazo: bool,
    #[serde(flatten)]
    pub hoja: Hoja,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respuesta: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respondido_en: Option<Timestamp>,
    /// Nombre de quien respondió.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respondido_por: Option<String>,
    pub respuesta_por: Entrega,
    pub version: i32,
    #[serde(skip)]
    pub proveedor: Proveedor,
    #[serde(skip)]
    pub zona: TimeZone,
}

impl HasVersion for Reclamo {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Responde un reclamo o una queja.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RespuestaReclamo)]
pub struct Respuesta {
    /// Lo que se le dice al consumidor, con las acciones que se tomaron. No se puede cambiar después.
    #[schema(min_length = 1, max_length = 4000, format = "texto")]
    pub respuesta: String,
}

pub fn codigo(numero: i32, anio: i32) -> String {
    format!("{numero:08}-{anio}")
}

impl Reclamo {
    /// As it stands at a time; one that was answered stands as it was then.
    pub fn al(mut self, ahora: Timestamp, feriados: &BTreeSet<Date>) -> Self {
        let on = self.zona.to_datetime(self.respondido_en.unwrap_or(ahora)).date();
        self.fuera_de_plazo = on > self.vence_el;
        self.dias_habiles = self.respondido_en.is_none().then(|| habiles_hasta(on, self.vence_el, feriados));
        self
    }

    pub fn responder(&mut self, respuesta: Respuesta, ahora: Timestamp) -> Result<(), Problem> {
        if self.estado == EstadoReclamo::Respondido {
            return Err(Problem::new(RECLAMO_RESPONDIDO));
        }
        (self.estado, self.respuesta, self.respondido_en) = (EstadoReclamo::Respondido, Some(respuesta.respuesta), Some(ahora));
        Ok(())
    }
}

/// Reclamos y quejas de la sede que esperan respuesta: `GET /reclamos?sede_id=&estado=pendiente`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReclamosPendientes {
    pub pendientes: i64,
    /// De ellos, los que tienen cinco días hábiles o menos.
    pub por_vencer: i64,
    /// De ellos, los que pasaron su plazo.
    pub vencidos: i64,
}

/// Somebody has to be told of a sheet that is not answered.
#[derive(Debug, Clone)]
pub struct Aviso {
    pub reclamo: Uuid,
    pub sede: SedeId,
    pub codigo: String,
    pub tipo: &'static str,
    /// `vence el 23 de marzo de 2026`
    pub situacion: String,
    /// 1 and 2: the term runs out; 3: it is over.
    pub nivel: i16,
}
