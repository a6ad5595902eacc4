//! How long each kind of data is kept, what the law asks for at least, and what happens then.
use super::plazo;
use crate::problemas::CONSERVACION_SIN_ENSAYO;
use jiff::{SignedDuration, Timestamp, ToSpan, tz};
use kernel::{FieldError, Problem, version::HasVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Una clase de datos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ClaseDeDatos)]
pub enum Clase {
    /// Tutores sin actividad: ni cambios, ni visitas de sus mascotas.
    Tutores,
    /// Copias de expedientes que se entregaron.
    Expedientes,
    /// Solicitudes sobre datos personales ya respondidas.
    Solicitudes,
    /// Incidentes cerrados.
    Incidentes,
    /// Fichas que se abrieron por emergencia, ya revisadas.
    Aperturas,
    /// Fichas clínicas, pesos y citas de las mascotas.
    Historias,
    /// Comprobantes de pago.
    Comprobantes,
    /// Lo que los tutores consintieron o retiraron.
    Consentimientos,
    /// La auditoría.
    Auditoria,
    /// Ingresos al sistema.
    Accesos,
}

/// Qué se hace con lo que vence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccionConservacion)]
pub enum Accion {
    Anonimizar,
    Borrar,
    /// Se queda: la cadena no lo puede acortar.
    Conservar,
}

impl Clase {
    pub const ALL: [Self; 10] = [
        Self::Tutores,
        Self::Expedientes,
        Self::Solicitudes,
        Self::Incidentes,
        Self::Aperturas,
        Self::Historias,
        Self::Comprobantes,
        Self::Consentimientos,
        Self::Auditoria,
        Self::Accesos,
    ];

    pub fn accion(self) -> Accion {
        match self {
            Self::Tutores => Accion::Anonimizar,
            Self::Expedientes | Self::Solicitudes | Self::Incidentes | Self::Aperturas => Accion::Borrar,
            Self::Historias | Self::Comprobantes | Self::Consentimientos | Self::Auditoria | Self::Accesos => Accion::Conservar,
        }
    }

    /// The fewest months, and why. General knowledge unless a source is named: to be confirmed by counsel.
    pub fn minimo(self) -> (i32, &'static str) {
        match self {
            Self::Tutores => {
                (60, "Código Tributario, art. 87, num. 7: lo vinculado a tributos, cinco años o hasta que prescriban (por confirmar)")
            }
            Self::Expedientes => (1, "Ninguna norma pide guardar la copia: cuanto menos, mejor"),
            Self::Solicitudes | Self::Incidentes => (
                48,
                "Ley 27444, art. 252: las infracciones prescriben a los cuatro años, y hay que poder probar lo que se hizo (por confirmar)",
            ),
            Self::Aperturas => (24, "Ninguna norma: prueba de que los accesos se revisan"),
            Self::Historias => (0, "Sin el tutor no identifican a nadie: se quedan cuando se anonimiza"),
            Self::Comprobantes => (60, "Código Tributario, art. 87, num. 7 (por confirmar)"),
            Self::Consentimientos => (0, "Ley 29733, art. 13: la cadena debe poder probarlos; la evidencia se pierde al anonimizar"),
            Self::Auditoria => (0, "Está encadenada y no se borra; lo personal en ella se pierde al anonimizar"),
            Self::Accesos => (12, "Se borran al año en toda la plataforma: un ataque se suele notar tarde"),
        }
    }
}

/// Cuánto se guarda una clase de datos en la cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReglaDeConservacion)]
pub struct Regla {
    pub clase: Clase,
    pub accion: Accion,
    /// Lo menos que se puede guardar, en meses.
    pub minimo_meses: i32,
    /// De dónde viene ese mínimo.
    pub fuente: &'static str,
    /// Cuántos meses se guarda; ausente si la cadena no lo decidió.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meses: Option<i32>,
    /// Lo que vence se anonimiza o se borra cada noche.
    pub activa: bool,
    /// Cuándo se ensayó por última vez, y cuánto habría vencido.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ensayada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ensayo_cantidad: Option<i64>,
    /// Cuándo se cumplió por última vez, y con cuánto.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cumplida_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cumplida_cantidad: Option<i64>,
    pub version: i32,
}

impl HasVersion for Regla {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Cambia cuánto se guarda una clase de datos.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CambioDeConservacion)]
pub struct CambioRegla {
    #[schema(minimum = 1, maximum = 600)]
    pub meses: i32,
    /// Solo se activa lo que se ensayó con estos meses en los últimos 30 días.
    pub activa: bool,
}

/// Lo que vencería.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DatosVencidos)]
pub struct Vencidos {
    /// Todo lo que no tiene actividad desde entonces.
    pub antes_de: Timestamp,
    pub cantidad: i64,
    /// Los primeros, hasta cien.
    pub muestra: Vec<Uuid>,
}

/// A dry run is good for so long.
const ENSAYO: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Regla {
    pub fn sin_decidir(clase: Clase) -> Self {
        let (minimo_meses, fuente) = clase.minimo();
        Self {
            clase,
            accion: clase.accion(),
            minimo_meses,
            fuente,
            meses: None,
            activa: false,
            ensayada_en: None,
            ensayo_cantidad: None,
            cumplida_en: None,
            cumplida_cantidad: None,
            version: 1,
        }
    }

    /// The first instant that is kept.
    pub fn antes_de(&self, now: Timestamp) -> Option<Timestamp> {
        let day = plazo::hoy(now).saturating_sub(self.meses?.months());
        day.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).ok().map(|day| day.timestamp())
    }

    /// Whether it works on what falls due, and not only lists it.
    pub fn cambiar(&mut self, cambio: &CambioRegla, now: Timestamp) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self.accion == Accion::Conservar {
            errors.push(FieldError::new("{clase}", "la cadena no decide cuánto se guarda"));
        } else if cambio.meses < self.minimo_meses {
            errors.push(FieldError::new("/meses", format!("debe ser {} o más: {}", self.minimo_meses, self.fuente)));
        }
        Problem::check(errors)?;
        if self.meses != Some(cambio.meses) {
            (self.ensayada_en, self.ensayo_cantidad) = (None, None);
        }
        if cambio.activa && self.ensayada_en.is_none_or(|en| en + ENSAYO <= now) {
            return Err(
                Problem::new(CONSERVACION_SIN_ENSAYO).detail("Guárdela sin activar, ensáyela y actívela si lo que vence es lo que espera.")
            );
        }
        (self.meses, self.activa) = (Some(cambio.meses), cambio.activa);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn tried(meses: i32, days_ago: i64) -> Regla {
        let ensayada_en = Some(NOW - SignedDuration::from_hours(24 * days_ago));
        Regla { meses: Some(meses), ensayada_en, ensayo_cantidad: Some(3), ..Regla::sin_decidir(Clase::Tutores) }
    }

    #[rstest]
    #[case::tried_lately(tried(72, 29), 72, true, true)]
    #[case::tried_long_ago(tried(72, 31), 72, true, false)]
    #[case::tried_with_other_months(tried(72, 1), 84, true, false)]
    #[case::never_tried(Regla::sin_decidir(Clase::Tutores), 72, true, false)]
    #[case::to_be_tried(Regla::sin_decidir(Clase::Tutores), 72, false, true)]
    #[case::less_than_the_law(tried(59, 1), 59, false, false)]
    #[case::not_theirs_to_say(Regla::sin_decidir(Clase::Auditoria), 600, false, false)]
    fn nothing_is_forgotten_that_nobody_looked_at(#[case] mut regla: Regla, #[case] meses: i32, #[case] activa: bool, #[case] may: bool) {
        assert_eq!(regla.cambiar(&CambioRegla { meses, activa }, NOW).is_ok(), may);
    }

    #[test]
    fn months_are_counted_by_days_of_peru() {
        let regla = Regla { meses: Some(1), ..Regla::sin_decidir(Clase::Expedientes) };
        let before = regla.antes_de("2026-03-31T03:00:00Z".parse().expect("a time"));
        assert_eq!(before, Some("2026-02-28T05:00:00Z".parse().expect("a time")));
    }

    #[test]
    fn whatever_the_chain_decides_has_a_minimum_and_a_reason() {
        for clase in Clase::ALL {
            let (months, why) = clase.minimo();
            assert!(!why.is_empty() && (months > 0 || clase.accion() == Accion::Conservar), "{clase:?}");
        }
    }
}
