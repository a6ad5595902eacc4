//! Weights: what may be written down, what is asked about twice, and the curve they draw.
use super::{Retenida, hoy, mascota::longest_life_ago, problemas};
use jiff::{Timestamp, civil::Date};
use kernel::{
    FieldError, Problem,
    ids::{PesoId, SedeId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whole grams: scales of clinics show no less.
pub(crate) fn grams(kg: f64) -> i32 {
    (kg * 1000.0).round() as i32
}

/// Anota un peso.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoPeso {
    #[schema(minimum = 0.001, maximum = 1499.999)]
    pub kg: f64,
    /// Ahora, si falta.
    pub pesado_en: Option<Timestamp>,
    /// Sede donde se pesó, si fue en una.
    pub sede_id: Option<SedeId>,
    /// Condición corporal, de 1 (caquéctico) a 9 (obeso).
    #[schema(minimum = 1, maximum = 9)]
    pub condicion: Option<i16>,
    /// Lo anota aunque llame la atención. Sin esto, la respuesta es 409 `peso-por-confirmar` con los `motivos`.
    #[serde(default)]
    pub confirmar: bool,
}

impl NuevoPeso {
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let wrong = |detail: &'static str| vec![FieldError::new("/pesado_en", detail)];
        match self.pesado_en {
            Some(en) if en > now => wrong("no puede ser una hora futura"),
            Some(en) if hoy(en) < longest_life_ago(hoy(now)) => wrong("es demasiado antigua"),
            _ => Vec::new(),
        }
    }

    /// 409 with what is odd about it, unless somebody looked twice.
    pub fn unless_odd(&self, mascota: &Retenida, fecha: Date, anterior: Option<f64>) -> Result<(), Problem> {
        let motivos = oddities(&mascota.especie, mascota.edad_dias(fecha), self.kg, anterior);
        if motivos.is_empty() || self.confirmar {
            return Ok(());
        }
        Err(Problem::new(problemas::PESO_POR_CONFIRMAR).detail("Revíselo y, si es así, repítalo con confirmar.").with("motivos", motivos))
    }
}

/// The lightest newborn and the heaviest giant of a species, roughly (general knowledge): beyond, a comma slipped.
const PLAUSIBLE: &[(&str, f64, f64)] = &[
    ("perro", 0.05, 120.0),
    ("gato", 0.05, 14.0),
    ("conejo", 0.02, 11.0),
    ("cuy", 0.04, 4.5),
    ("hamster", 0.001, 0.3),
    ("chinchilla", 0.03, 1.6),
    ("huron", 0.006, 3.0),
    ("erizo", 0.008, 1.6),
    ("ave", 0.003, 15.0),
    ("tortuga", 0.003, 300.0),
    ("reptil", 0.001, 150.0),
    ("caballo", 5.0, 1_200.0),
];
/// A grown animal that changes by more than a fifth, or a young one that loses a tenth or becomes three times as heavy
/// between two weighings, is ill or was not on the scales.
const CHANGE: f64 = 0.20;
const LOSS_OF_YOUNG: f64 = 0.10;
const GAIN_OF_YOUNG: f64 = 2.0;
const YOUNG_DAYS: i32 = 365;

fn oddities(especie: &str, edad_dias: Option<i32>, kg: f64, anterior: Option<f64>) -> Vec<String> {
    let mut motivos = Vec::new();
    if let Some((_, least, most)) = PLAUSIBLE.iter().find(|(clave, ..)| *clave == especie)
        && !(*least..=*most).contains(&kg)
    {
        motivos.push(format!("Un {especie} pesa entre {least} y {most} kg."));
    }
    if let Some(antes) = anterior {
        let change = kg / antes - 1.0;
        let young = edad_dias.is_some_and(|dias| dias < YOUNG_DAYS);
        let (loss, gain) = if young { (LOSS_OF_YOUNG, GAIN_OF_YOUNG) } else { (CHANGE, CHANGE) };
        if change < -loss || change > gain {
            motivos.push(format!("El peso anterior fue {antes} kg: cambia {:+.0} %.", change * 100.0));
        }
    }
    motivos
}

/// Un peso.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Peso {
    pub id: PesoId,
    pub pesado_en: Timestamp,
    pub kg: f64,
    pub sede_id: Option<SedeId>,
    /// Condición corporal, de 1 a 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condicion: Option<i16>,
}

impl HasVersion for Peso {
    /// A weight is never changed.
    fn version(&self) -> i32 {
        1
    }
}

/// Hacia dónde va el peso: más de un 3 % arriba o abajo desde el anterior.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tendencia {
    Sube,
    Estable,
    Baja,
}

/// Un punto de la curva de peso.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PuntoDePeso {
    pub pesado_en: Timestamp,
    pub kg: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condicion: Option<i16>,
    /// Edad de ese día, si se sabe cuándo nació.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edad_dias: Option<i32>,
    /// Cuánto cambió desde el punto anterior, en porcentaje.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cambio_pct: Option<f64>,
}

/// Los pesos de una mascota como curva, del más antiguo al más reciente.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CurvaDePeso {
    pub especie: String,
    pub nacimiento: Option<Date>,
    pub nacimiento_estimado: bool,
    pub tendencia: Option<Tendencia>,
    pub puntos: Vec<PuntoDePeso>,
}

impl CurvaDePeso {
    /// `pesos`: newest first, as they are read.
    pub fn new(mascota: Retenida, pesos: Vec<Peso>) -> Self {
        let mut puntos: Vec<PuntoDePeso> = Vec::with_capacity(pesos.len());
        for peso in pesos.into_iter().rev() {
            let cambio_pct = puntos.last().map(|before| ((peso.kg / before.kg - 1.0) * 1000.0).round() / 10.0);
            let edad_dias = mascota.edad_dias(hoy(peso.pesado_en));
            puntos.push(PuntoDePeso { pesado_en: peso.pesado_en, kg: peso.kg, condicion: peso.condicion, edad_dias, cambio_pct });
        }
        let tendencia = puntos.last().and_then(|last| last.cambio_pct).map(|pct| match pct {
            pct if pct > 3.0 => Tendencia::Sube,
            pct if pct < -3.0 => Tendencia::Baja,
            _ => Tendencia::Estable,
        });
        let Retenida { especie, nacimiento, nacimiento_estimado, .. } = mascota;
        Self { especie, nacimiento, nacimiento_estimado, tendencia, puntos }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case::as_before("perro", None, 20.0, Some(19.0), 0)]
    #[case::a_slipped_comma("gato", None, 42.0, None, 1)]
    #[case::a_slipped_comma_after_another("gato", None, 42.0, Some(4.2), 2)]
    #[case::a_fifth_of_the_grown("perro", Some(2_000), 24.1, Some(20.0), 1)]
    #[case::a_puppy_grows("perro", Some(80), 5.0, Some(2.0), 0)]
    #[case::a_puppy_does_not_shrink("perro", Some(80), 1.7, Some(2.0), 1)]
    #[case::a_kind_that_nobody_lists("pez", None, 100.0, None, 0)]
    fn a_weight_that_is_odd_is_asked_about(
        #[case] especie: &str,
        #[case] edad: Option<i32>,
        #[case] kg: f64,
        #[case] anterior: Option<f64>,
        #[case] motivos: usize,
    ) {
        assert_eq!(oddities(especie, edad, kg, anterior).len(), motivos);
    }

    #[test]
    fn a_curve_goes_from_the_oldest_to_the_newest() {
        let mascota =
            Retenida { especie: "perro".into(), nacimiento: Some(date(2026, 1, 1)), nacimiento_estimado: false, fallecida_en: None };
        let peso = |en: &str, kg| Peso { id: PesoId::new(), pesado_en: en.parse().expect("a time"), kg, sede_id: None, condicion: None };
        let curva = CurvaDePeso::new(mascota, vec![peso("2026-02-10T17:00:00Z", 3.3), peso("2026-02-01T17:00:00Z", 3.0)]);
        let puntos: Vec<_> = curva.puntos.iter().map(|punto| (punto.kg, punto.edad_dias, punto.cambio_pct)).collect();
        assert_eq!(puntos, [(3.0, Some(31), None), (3.3, Some(40), Some(10.0))]);
        assert_eq!(curva.tendencia, Some(Tendencia::Sube));
    }
}
