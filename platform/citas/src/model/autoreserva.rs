//! Owners who book themselves: what a sede offers them, and what they say.
use super::CanalCodigo;
use jiff::{SignedDuration, Timestamp};
use kernel::{
    FieldError,
    ids::{SedeId, ServicioId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Lo que una sede ofrece a los tutores que reservan por su cuenta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoreserva {
    pub activa: bool,
    /// Los servicios que se pueden reservar.
    #[schema(max_items = 100)]
    pub servicios: Vec<ServicioId>,
    /// Los médicos con los que se puede reservar; ninguno: todos.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub medicos: Vec<UsuarioId>,
    /// El tutor elige médico; si no, se le asigna uno.
    #[serde(default)]
    pub elige_medico: bool,
    /// Claves de las especies que se atienden, como `perro`; ninguna: todas.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub especies: Vec<String>,
    /// No se reserva una hora que empieza antes de tantos minutos.
    #[schema(minimum = 0, maximum = 20160)]
    pub antelacion_min: i32,
    /// Ni una más lejos que tantos días.
    #[schema(minimum = 1, maximum = 365)]
    pub dias_max: i32,
    /// Minutos que se guarda la hora mientras el tutor llena sus datos.
    #[schema(minimum = 5, maximum = 10)]
    pub retencion_min: i32,
    /// La sede aprueba cada solicitud; mientras tanto la hora queda retenida.
    #[serde(default)]
    pub aprobar: bool,
    /// Horas que la sede tiene para aprobar; después la hora queda libre.
    #[schema(minimum = 1, maximum = 168)]
    pub aprobar_horas: i32,
    /// Citas por venir que un tutor puede tener a la vez.
    #[schema(minimum = 1, maximum = 20)]
    pub abiertas_max: i32,
    /// Reservas que se aceptan por día desde una misma red.
    #[schema(minimum = 1, maximum = 100)]
    pub por_dia_max: i32,
    /// Lo que el tutor debe saber antes de venir.
    #[schema(min_length = 1, max_length = 2000, format = "texto")]
    pub instrucciones: Option<String>,
    /// Texto que el tutor debe aceptar: para qué se usan sus datos.
    #[schema(min_length = 1, max_length = 20000, format = "texto")]
    pub condiciones: String,
    /// Versión de ese texto, como `2026-01`.
    #[schema(min_length = 1, max_length = 40, format = "texto")]
    pub condiciones_version: String,
}

/// Lo que ofrece una sede, con su versión.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AutoreservaDeSede {
    pub sede_id: SedeId,
    pub autoreserva: Autoreserva,
    pub version: i32,
}

impl HasVersion for AutoreservaDeSede {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Autoreserva {
    /// What is offered where a sede says no more than this. The portal's form begins with the same.
    pub fn propuesta(servicios: Vec<ServicioId>, condiciones: String, condiciones_version: String) -> Self {
        Self {
            activa: true,
            servicios,
            medicos: Vec::new(),
            elige_medico: false,
            especies: Vec::new(),
            antelacion_min: 120,
            dias_max: 30,
            retencion_min: 10,
            aprobar: false,
            aprobar_horas: 12,
            abiertas_max: 2,
            por_dia_max: 20,
            instrucciones: None,
            condiciones,
            condiciones_version,
        }
    }

    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.activa && self.servicios.is_empty() {
            errors.push(FieldError::new("/servicios", "indique al menos uno"));
        }
        errors
    }

    /// The first and the last start that may be booked now.
    pub fn ventana(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let days = SignedDuration::from_hours(24 * i64::from(self.dias_max));
        (now + SignedDuration::from_mins(self.antelacion_min.into()), now + days)
    }

    /// Whether owners may ask for this vet.
    pub fn admite_medico(&self, medico: UsuarioId) -> bool {
        self.medicos.is_empty() || self.medicos.contains(&medico)
    }
    pub fn admite_especie(&self, clave: &str) -> bool {
        self.especies.is_empty() || self.especies.iter().any(|especie| especie == clave)
    }

    /// When a request that nobody approved lets the slot go: never after the visit would begin.
    pub fn aprobar_hasta(&self, now: Timestamp, inicio: Timestamp) -> Timestamp {
        (now + SignedDuration::from_hours(self.aprobar_horas.into())).min(inicio)
    }
}

/// Un servicio que se puede reservar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServicioPublico {
    pub id: ServicioId,
    pub nombre: String,
    pub duracion_min: i32,
}

/// Un médico con el que se puede reservar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MedicoPublico {
    pub id: UsuarioId,
    pub nombre: String,
}

/// Una sede en la que se puede reservar.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SedePublica {
    pub sede_id: SedeId,
    pub nombre: String,
    pub ciudad: String,
    pub zona_horaria: String,
    pub servicios: Vec<ServicioPublico>,
    /// Vacío si el médico no se elige.
    pub medicos: Vec<MedicoPublico>,
    /// Vacío: todas.
    pub especies: Vec<String>,
    pub antelacion_min: i32,
    pub dias_max: i32,
    /// La sede aprueba cada solicitud.
    pub aprobar: bool,
    pub instrucciones: Option<String>,
    pub condiciones: String,
    pub condiciones_version: String,
}

/// Una cadena, para quien reserva por su cuenta.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CadenaPublica {
    pub nombre: String,
    /// Por dónde llega el código: por correo siempre, por teléfono donde la cadena tiene un canal que llega a celulares.
    #[schema(inline)]
    pub codigos_por: Vec<CanalCodigo>,
    pub sedes: Vec<SedePublica>,
}

/// Una hora que se puede reservar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HuecoPublico {
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Ausente si el médico no se elige.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medico_id: Option<UsuarioId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn autoreserva() -> Autoreserva {
        Autoreserva {
            activa: true,
            servicios: vec![ServicioId::new()],
            medicos: vec![],
            elige_medico: false,
            especies: vec!["perro".into()],
            antelacion_min: 90,
            dias_max: 2,
            retencion_min: 8,
            aprobar: true,
            aprobar_horas: 24,
            abiertas_max: 2,
            por_dia_max: 5,
            instrucciones: None,
            condiciones: "Trataremos sus datos para atenderle.".into(),
            condiciones_version: "2026-01".into(),
        }
    }

    #[test]
    fn a_window_opens_after_the_notice_and_closes_some_days_ahead() {
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().expect("utc");
        let (first, last) = autoreserva().ventana(now);
        assert_eq!((first.to_string(), last.to_string()), ("2026-11-23T16:30:00Z".into(), "2026-11-25T15:00:00Z".into()));
        let soon = now + SignedDuration::from_hours(3);
        assert_eq!(autoreserva().aprobar_hasta(now, soon), soon);
        assert_eq!(autoreserva().aprobar_hasta(now, last), now + SignedDuration::from_hours(24));
    }

    #[test]
    fn no_list_admits_everybody() {
        let offered = autoreserva();
        assert!(offered.admite_medico(UsuarioId::new()) && offered.admite_especie("perro") && !offered.admite_especie("gato"));
        let nothing = Autoreserva { servicios: vec![], ..offered };
        assert_eq!(nothing.check().len(), 1);
    }
}
