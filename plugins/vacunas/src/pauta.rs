//! Schedules: when which antigen is given, as data that a chain may change.
use serde::Deserialize;

/// The schedule of one antigen in one species.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Pauta {
    pub antigeno: String,
    pub nombre: String,
    pub especie: String,
    #[serde(default)]
    pub ley: bool,
    #[serde(default)]
    pub optativa: bool,
    /// A dose before this age does not count: the mother's antibodies undo it.
    #[serde(default)]
    pub valida_desde_semanas: i32,
    pub primera_semanas: i32,
    pub dosis: usize,
    pub ultima_desde_semanas: Option<i32>,
    #[serde(default = "three_weeks")]
    pub intervalo_dias: i32,
    #[serde(default = "two_weeks")]
    pub intervalo_minimo_dias: i32,
    #[serde(default = "eight_weeks")]
    pub intervalo_maximo_dias: i32,
    pub adulto_desde_semanas: Option<i32>,
    pub adulto_dosis: Option<usize>,
    pub refuerzo_meses: i32,
    pub revacunacion_meses: i32,
    pub caduca_meses: Option<i32>,
    pub origen: String,
}

fn two_weeks() -> i32 {
    14
}
fn three_weeks() -> i32 {
    21
}
fn eight_weeks() -> i32 {
    56
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plantilla {
    #[default]
    Peru,
    Wsava,
    Ninguna,
}

impl Plantilla {
    pub fn pautas(self) -> Result<Vec<Pauta>, String> {
        let text = match self {
            Self::Peru => include_str!("../plantillas/peru.json"),
            Self::Wsava => include_str!("../plantillas/wsava.json"),
            Self::Ninguna => "[]",
        };
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

impl Pauta {
    fn is_adult(&self, weeks: i32) -> bool {
        self.adulto_desde_semanas.is_some_and(|from| weeks >= from)
    }

    /// How many doses a series has that begins at this age; without an age, a grown animal's.
    pub fn doses_from(&self, weeks: Option<i32>) -> usize {
        let adult = weeks.is_none_or(|weeks| self.is_adult(weeks));
        self.adulto_dosis.filter(|_| adult).unwrap_or(self.dosis)
    }

    /// Whether a series that begins at this age has to end at some age.
    pub fn last_from(&self, weeks: Option<i32>) -> Option<i32> {
        self.ultima_desde_semanas.filter(|_| weeks.is_some_and(|weeks| !self.is_adult(weeks)))
    }
}
