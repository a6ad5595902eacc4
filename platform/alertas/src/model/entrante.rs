//! What owners write back.
use super::Accion;
use jiff::Timestamp;
use kernel::{
    ids::{CitaId, MensajeId, TutorId, UsuarioId},
    version::HasVersion,
};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lo que pide una respuesta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccionDeMensaje {
    Confirmar,
    Anular,
    /// No quiere más recordatorios por este medio.
    Baja,
}

impl AccionDeMensaje {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Confirmar => "confirmar",
            Self::Anular => "anular",
            Self::Baja => "baja",
        }
    }
    pub fn read(clave: &str) -> Option<Self> {
        [Self::Confirmar, Self::Anular, Self::Baja].into_iter().find(|accion| accion.clave() == clave)
    }
    pub fn es_de_cita(self) -> bool {
        self != Self::Baja
    }
    pub fn de_cita(accion: Accion) -> Option<Self> {
        match accion {
            Accion::Confirmar => Some(Self::Confirmar),
            Accion::Anular => Some(Self::Anular),
            Accion::PedirCambio => None,
        }
    }

    /// Only what says nothing else: «no puedo hoy, ¿el jueves?» is for somebody to read.
    pub fn leer(texto: &str) -> Option<Self> {
        match kernel::text::words(texto).join(" ").as_str() {
            "si" | "1" | "confirmo" | "si confirmo" => Some(Self::Confirmar),
            "no" | "2" | "anular" => Some(Self::Anular),
            "baja" | "stop" => Some(Self::Baja),
            _ => None,
        }
    }
}

/// Qué se hizo con una respuesta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HechoDeRespuesta {
    PorHacer,
    /// La cita quedó confirmada.
    Confirmada,
    /// La cita se anuló.
    Anulada,
    /// La cita ya no permite lo que se pidió.
    NoSePuede,
    /// Ya no se le envían recordatorios por este medio.
    Baja,
    /// Alguien tiene que leerla.
    PorLeer,
}

impl HechoDeRespuesta {
    pub fn clave(self) -> &'static str {
        match self {
            Self::PorHacer => "por_hacer",
            Self::Confirmada => "confirmada",
            Self::Anulada => "anulada",
            Self::NoSePuede => "no_se_puede",
            Self::Baja => "baja",
            Self::PorLeer => "por_leer",
        }
    }
    pub fn read(clave: &str) -> Self {
        [Self::PorHacer, Self::Confirmada, Self::Anulada, Self::NoSePuede, Self::Baja]
            .into_iter()
            .find(|hecho| hecho.clave() == clave)
            .unwrap_or(Self::PorLeer)
    }
}

/// What was made of something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrante {
    pub mensaje: Option<MensajeId>,
    pub medio: Option<Medio>,
    pub tutor: Option<TutorId>,
    pub cita: Option<CitaId>,
    pub accion: Option<AccionDeMensaje>,
}

/// Algo que un tutor respondió a un mensaje, o escribió a la clínica.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RespuestaDeMensaje)]
pub struct Recibida {
    pub id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub canal: Option<Medio>,
    /// El mensaje al que responde.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mensaje_id: Option<MensajeId>,
    /// Ausente: nadie registrado tiene ese número.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor_id: Option<TutorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    /// De qué número; ausente si se sabe de qué tutor es.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub de: Option<String>,
    /// Ausente si el tutor se anonimizó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub accion: Option<AccionDeMensaje>,
    #[schema(inline)]
    pub hecho: HechoDeRespuesta,
    pub en: Timestamp,
    pub recibida_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendida_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atendida_por: Option<UsuarioId>,
    pub version: i32,
}

impl HasVersion for Recibida {
    fn version(&self) -> i32 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SI", Some(AccionDeMensaje::Confirmar))]
    #[case(" Sí! ", Some(AccionDeMensaje::Confirmar))]
    #[case("1.", Some(AccionDeMensaje::Confirmar))]
    #[case("no", Some(AccionDeMensaje::Anular))]
    #[case("2", Some(AccionDeMensaje::Anular))]
    #[case("Baja", Some(AccionDeMensaje::Baja))]
    #[case("no puedo hoy, ¿el jueves?", None)]
    #[case("si puedo llegar tarde", None)]
    #[case("12", None)]
    #[case("", None)]
    fn only_a_clear_answer_does_something(#[case] text: &str, #[case] expected: Option<AccionDeMensaje>) {
        assert_eq!(AccionDeMensaje::leer(text), expected);
    }
}
