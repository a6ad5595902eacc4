//! Schedules: when which antigen is given, as data that a chain may change.
use crate::plantilla;
use serde::Deserialize;
use std::borrow::Cow;

/// The schedule of one antigen in one species.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Pauta {
    pub antigeno: Cow<'static, str>,
    pub nombre: Cow<'static, str>,
    pub especie: Cow<'static, str>,
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
    pub origen: Cow<'static, str>,
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
    pub fn pautas(self) -> &'static [Pauta] {
        match self {
            Self::Peru => &plantilla::PERU,
            Self::Wsava => &plantilla::WSAVA,
            Self::Ninguna => &[],
        }
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
