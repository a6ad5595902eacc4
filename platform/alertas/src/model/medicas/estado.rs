//! Which rules did not run, and how far a walk through all pets came.
use super::diferencia::Dicho;
use crate::puertos::NoCorrio;
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use kernel::ids::{MascotaId, PasadaId, TenantId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Mutex};
use utoipa::ToSchema;

/// When nights begin, and over how many minutes chains are spread.
const NOCHE: Time = jiff::civil::time(1, 0, 0, 0);
const REPARTO_MIN: u128 = 180;
/// A rule that failed for so many pets in a row is given up for that walk.
const SEGUIDAS: u32 = 20;

/// Una regla que no corrió: que no dé alertas no quiere decir que no las haya.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReglaQueNoCorrio)]
pub struct Detenida {
    pub complemento: String,
    pub nombre: String,
    /// Cómo terminó, como `parada`, `tiempo` o `configuracion_invalida`.
    pub resultado: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    pub desde: Timestamp,
    /// Para cuántas mascotas; ausente si no corre para ninguna.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mascotas: Option<i64>,
}

/// Por qué las reglas recorren a todas las mascotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PasadaMotivo {
    Noche,
    /// Cambió qué reglas hay, o su configuración.
    Reglas,
    /// Una regla que no corría vuelve a correr.
    Recuperada,
    /// Llegaron datos de otro sistema.
    Datos,
}

impl PasadaMotivo {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Noche => "noche",
            Self::Reglas => "reglas",
            Self::Recuperada => "recuperada",
            Self::Datos => "datos",
        }
    }
}

/// Un recorrido de las reglas por todas las mascotas, y cuánto lleva.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pasada {
    pub id: PasadaId,
    pub motivo: PasadaMotivo,
    /// Mascotas vivas cuando empezó.
    pub total: i32,
    pub vistas: i32,
    pub nuevas: i32,
    pub cambiadas: i32,
    pub cerradas: i32,
    /// Mascotas para las que alguna regla no corrió.
    pub sin_evaluar: i32,
    pub empezada_en: Timestamp,
    pub avanzada_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminada_en: Option<Timestamp>,
    #[serde(skip)]
    pub despues: Option<MascotaId>,
    #[serde(skip)]
    pub firma: String,
}

/// En qué está la evaluación de las reglas.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstadoAlertas {
    /// Vacío: todas las reglas corrieron.
    pub reglas_que_no_corrieron: Vec<Detenida>,
    /// La que está en curso, o la última.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pasada: Option<Pasada>,
    /// Cuándo empieza la próxima noche; ausente si todavía no se calculó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxima: Option<Timestamp>,
}

/// A rule that does not run for the chain, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReglaDetenida {
    pub complemento: String,
    pub nombre: String,
    /// Switched on and unable to; otherwise given up in a walk.
    pub parada: bool,
    pub resultado: String,
    pub detalle: Option<String>,
    /// Able again, and not through all pets yet.
    pub puede: bool,
    pub desde: Timestamp,
    pub ultima_en: Timestamp,
}

/// What a request for a walk finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Siguiente {
    /// Go on, or begin.
    Recorrer(Pasada),
    /// Somebody is at it.
    Otro,
    Nada,
}

/// When the next night of a chain begins. Chains are spread by their id, so that they do not all begin at once.
pub fn noche(now: Timestamp, zona: &TimeZone, tenant: TenantId) -> Timestamp {
    let after = SignedDuration::from_mins(i64::try_from(tenant.0.as_u128() % REPARTO_MIN).unwrap_or_default());
    let today = zona.to_datetime(now).date();
    let begins = |date: jiff::civil::Date| zona.to_timestamp(date.to_datetime(NOCHE)).map_or(now, |at| at + after);
    let tonight = begins(today);
    if tonight > now { tonight } else { today.tomorrow().map_or(now + SignedDuration::from_hours(24), begins) }
}

/// Notes how each rule fares in a walk, and lets go of one that only fails.
#[derive(Debug, Default)]
pub struct Freno(Mutex<BTreeMap<String, Cuenta>>);

#[derive(Debug, Default)]
struct Cuenta {
    seguidas: u32,
    rendida: Option<NoCorrio>,
}

impl Freno {
    pub fn deja(&self, complemento: &str) -> bool {
        self.with(|all| all.get(complemento).is_none_or(|cuenta| cuenta.rendida.is_none()))
    }

    pub fn nota(&self, complemento: &str, dicho: &Dicho) {
        self.with(|all| match (dicho, all.get_mut(complemento)) {
            (Dicho::NoCorrio(why), known) => {
                let cuenta = match known {
                    Some(cuenta) => cuenta,
                    None => all.entry(complemento.to_owned()).or_default(),
                };
                cuenta.seguidas += 1;
                if cuenta.seguidas >= SEGUIDAS && cuenta.rendida.is_none() {
                    cuenta.rendida = Some(why.clone());
                }
            }
            (Dicho::Dijo(_), Some(cuenta)) => cuenta.seguidas = 0,
            _ => {}
        });
    }

    /// The rules that were let go, and how they failed.
    pub fn rendidas(&self) -> BTreeMap<String, NoCorrio> {
        self.with(|all| all.iter().filter_map(|(name, cuenta)| Some((name.clone(), cuenta.rendida.clone()?))).collect())
    }

    fn with<T>(&self, with: impl FnOnce(&mut BTreeMap<String, Cuenta>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use uuid::Uuid;

    #[rstest]
    #[case::in_the_evening("2026-03-03T02:00:00Z", 0, "2026-03-03T06:00:00Z")]
    #[case::after_midnight("2026-03-03T05:30:00Z", 0, "2026-03-03T06:00:00Z")]
    #[case::at_its_minute("2026-03-03T06:00:00Z", 0, "2026-03-04T06:00:00Z")]
    #[case::spread("2026-03-03T06:00:00Z", 75, "2026-03-03T07:15:00Z")]
    #[case::in_the_morning("2026-03-03T13:00:00Z", 179, "2026-03-04T08:59:00Z")]
    fn a_night_begins_after_one_o_clock(#[case] now: &str, #[case] tenant: u128, #[case] expected: &str) {
        let lima = TimeZone::get("America/Lima").expect("a zone");
        let at = noche(now.parse().expect("a time"), &lima, TenantId(Uuid::from_u128(tenant)));
        assert_eq!(at.to_string(), expected);
    }

    #[test]
    fn a_rule_that_only_fails_is_let_go() {
        let (freno, bad) = (Freno::default(), Dicho::NoCorrio(NoCorrio { resultado: "tiempo".into(), detalle: None }));
        for _ in 0..19 {
            freno.nota("a", &bad);
        }
        freno.nota("a", &Dicho::Dijo(Vec::new()));
        for _ in 0..19 {
            freno.nota("a", &bad);
        }
        assert!(freno.deja("a") && freno.rendidas().is_empty());
        freno.nota("a", &bad);
        assert!(!freno.deja("a") && freno.deja("b"));
        assert_eq!(freno.rendidas()["a"].resultado, "tiempo");
    }
}
