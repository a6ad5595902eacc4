//! The page behind a link, and what can be done there.
use super::{fecha, hora, plantilla::pagina};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{
    Problem,
    ids::{CitaId, SedeId, SolicitudId, TutorId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use utoipa::ToSchema;

/// The appointment that a link opens, as far as its page shows it.
#[derive(Debug, Clone)]
pub struct Abierta {
    pub cita: CitaId,
    pub sede_id: SedeId,
    pub tutor: TutorId,
    pub mascota: String,
    pub inicio: Timestamp,
    pub zona: TimeZone,
    pub estado: String,
    pub sede: String,
    pub direccion: String,
    pub telefono: String,
    pub cadena: String,
    /// Another time was asked for, and the desk has not seen to it.
    pub pedida: bool,
}

/// Lo que el tutor responde.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccionDeTutor)]
pub enum Accion {
    Confirmar,
    Anular,
    PedirCambio,
}

impl Accion {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Confirmar => "confirmar",
            Self::Anular => "anular",
            Self::PedirCambio => "pedir_cambio",
        }
    }
    pub fn read(clave: &str) -> Option<Self> {
        [Self::Confirmar, Self::Anular, Self::PedirCambio].into_iter().find(|accion| accion.clave() == clave)
    }
}

/// El formulario de la página.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Respuesta {
    #[schema(inline)]
    pub accion: Accion,
    /// Qué hora le convendría.
    #[schema(max_length = 300)]
    pub texto: Option<String>,
}

impl Respuesta {
    /// At most 300 letters, on lines of their own; `None` of an empty one.
    pub fn texto(&self) -> Option<String> {
        let plain: String = self.texto.as_deref()?.chars().filter(|letter| !letter.is_control() || *letter == '\n').take(300).collect();
        Some(plain.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// What the page says came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hecho {
    Nada,
    Confirmada,
    Anulada,
    Pedida,
    /// The appointment is too far on for that.
    NoSePuede,
}

impl Hecho {
    fn clave(self) -> &'static str {
        match self {
            Self::Nada => "",
            Self::Confirmada => "confirmada",
            Self::Anulada => "anulada",
            Self::Pedida => "pedida",
            Self::NoSePuede => "no_se_puede",
        }
    }
}

impl Abierta {
    /// The page: what, when and where, what came of the last answer, and what can still be answered.
    pub fn pagina(&self, hecho: Hecho) -> Result<String, Problem> {
        let datos = json!({
            "cadena": self.cadena, "sede": self.sede, "direccion": self.direccion, "telefono": self.telefono, "mascota": self.mascota,
            "fecha": fecha(self.inicio, &self.zona), "hora": hora(self.inicio, &self.zona), "hecho": hecho.clave(),
            "estado": self.estado, "pedida": self.pedida,
        });
        pagina(include_str!("../paginas/respuesta.html"), datos.as_object().unwrap_or(&Map::new()))
    }
}

/// The page of a link that opens nothing: it does not say why.
pub fn pagina_cerrada() -> Result<String, Problem> {
    pagina(include_str!("../paginas/cerrada.html"), &Map::new())
}

/// Un tutor pide otra hora para una cita.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SolicitudDeCambio)]
pub struct Solicitud {
    pub id: SolicitudId,
    pub cita_id: CitaId,
    pub sede_id: SedeId,
    pub tutor_id: TutorId,
    pub mascota: String,
    /// Cuándo es la cita ahora.
    pub inicio: Timestamp,
    /// El estado de la cita.
    pub estado: String,
    /// Lo que escribió el tutor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    pub creada_en: Timestamp,
    /// Ausente: está abierta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendida_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendida_por: Option<UsuarioId>,
    pub version: i32,
}

impl HasVersion for Solicitud {
    fn version(&self) -> i32 {
        self.version
    }
}
