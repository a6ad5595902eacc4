//! Hours as they are configured and shown.
use jiff::civil::{Date, Time};
use kernel::{
    FieldError,
    ids::{ExcepcionId, SedeId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Un tramo de cada semana, en la hora de la sede.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HorarioSede {
    /// 1 = lunes … 7 = domingo.
    #[schema(minimum = 1, maximum = 7)]
    pub dia: i16,
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora", example = "09:00")]
    pub desde: Time,
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora", example = "18:00")]
    pub hasta: Time,
}

/// Un tramo semanal de un médico en una sede.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PlanMedico {
    pub medico_id: UsuarioId,
    pub dia: i16,
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora")]
    pub desde: Time,
    #[serde(with = "hora")]
    #[schema(value_type = String, format = "hora")]
    pub hasta: Time,
}

/// Un día especial de la sede, o de un médico en ella.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExcepcionConfigurada {
    pub id: ExcepcionId,
    pub sede_id: SedeId,
    pub medico_id: Option<UsuarioId>,
    pub fecha: Date,
    pub abierto: bool,
    #[serde(with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub desde: Option<Time>,
    #[serde(with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub hasta: Option<Time>,
    pub motivo: String,
}

impl HasVersion for ExcepcionConfigurada {
    fn version(&self) -> i32 {
        1
    }
}

/// Un día especial por crear.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaExcepcion {
    /// Ausente: de toda la sede.
    pub medico_id: Option<UsuarioId>,
    pub fecha: Date,
    /// `true`: ese día se atiende en estas horas en vez de las de la semana. `false`: no se atiende entre
    /// estas horas (sin horas: todo el día).
    pub abierto: bool,
    #[serde(default, with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub desde: Option<Time>,
    #[serde(default, with = "hora::opcional")]
    #[schema(value_type = Option<String>, format = "hora")]
    pub hasta: Option<Time>,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub motivo: String,
}

impl NuevaExcepcion {
    pub fn en(self, sede_id: SedeId) -> ExcepcionConfigurada {
        let Self { medico_id, fecha, abierto, desde, hasta, motivo } = self;
        ExcepcionConfigurada { id: ExcepcionId::new(), sede_id, medico_id, fecha, abierto, desde, hasta, motivo }
    }

    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        match (self.desde, self.hasta) {
            (Some(desde), Some(hasta)) if hasta <= desde => errors.push(FieldError::new("/hasta", "debe ser después de /desde")),
            (Some(_), None) => errors.push(FieldError::new("/hasta", "es obligatorio cuando hay /desde")),
            (None, Some(_)) => errors.push(FieldError::new("/desde", "es obligatorio cuando hay /hasta")),
            (None, None) if self.abierto => errors.push(FieldError::new("/desde", "un día especial abierto necesita sus horas")),
            _ => {}
        }
        errors
    }
}

/// La semana de una sede o de un médico en ella.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Semana {
    #[schema(max_items = 70)]
    pub tramos: Vec<HorarioSede>,
}

/// A week has no row of its own to count its changes: its content is its version.
impl HasVersion for Semana {
    fn version(&self) -> i32 {
        let content = self.tramos.iter().flat_map(|t| [i32::from(t.dia), seconds(t.desde), seconds(t.hasta)]);
        content.fold(17, |hash: i32, part| hash.wrapping_mul(31).wrapping_add(part)) & i32::MAX
    }
}

fn seconds(time: Time) -> i32 {
    i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second())
}

impl Semana {
    /// Stretches end after they begin and do not overlap.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (index, tramo) in self.tramos.iter().enumerate() {
            if tramo.hasta <= tramo.desde {
                errors.push(FieldError::new(format!("/tramos/{index}/hasta"), "debe ser después de desde"));
            }
            let clash = |other: &&HorarioSede| other.dia == tramo.dia && other.desde < tramo.hasta && tramo.desde < other.hasta;
            if self.tramos[..index].iter().any(|other| clash(&other)) {
                errors.push(FieldError::new(format!("/tramos/{index}"), "se cruza con otro tramo"));
            }
        }
        errors
    }
}

/// HH:MM, up to 24:00 for the end of a day.
pub mod hora {
    use crate::model::FIN_DEL_DIA;
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(time: &Time, out: S) -> Result<S::Ok, S::Error> {
        if *time >= FIN_DEL_DIA { out.serialize_str(MEDIANOCHE) } else { out.collect_str(&time.strftime("%H:%M")) }
    }
    const MEDIANOCHE: &str = "24:00";

    /// From text; `None` if it is no time of a day.
    pub fn parse(text: &str) -> Option<Time> {
        if text == MEDIANOCHE { Some(FIN_DEL_DIA) } else { text.parse().ok() }
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        parse(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("no es una hora"))
    }

    pub mod opcional {
        use super::Time;
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        pub fn serialize<S: Serializer>(time: &Option<Time>, out: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, out),
                None => out.serialize_none(),
            }
        }
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| super::parse(&text).ok_or_else(|| D::Error::custom("no es una hora"))).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn a_week_has_no_crossings() {
        let tramo = |dia, desde, hasta| HorarioSede { dia, desde: time(desde, 0, 0, 0), hasta: time(hasta, 0, 0, 0) };
        let bad = Semana { tramos: vec![tramo(1, 9, 13), tramo(1, 12, 15), tramo(2, 9, 13), tramo(3, 9, 8)] };
        let pointers: Vec<String> = bad.check().into_iter().map(|e| e.pointer.into_owned()).collect();
        assert_eq!(pointers, ["/tramos/1", "/tramos/3/hasta"]);
        assert!(Semana { tramos: vec![tramo(1, 9, 13), tramo(1, 13, 15)] }.check().is_empty());
    }
}
