//! Security incidents with personal data, and the 48 hours in which the authority is told.
use crate::problemas::INCIDENTE_CERRADO;
use jiff::{SignedDuration, Timestamp};
use kernel::{FieldError, Problem, version::HasVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// D.S. 016-2024-JUS: the authority is told within 48 hours of knowing.
const PLAZO: SignedDuration = SignedDuration::from_hours(48);

/// Qué pasó con los datos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IncidenteTipo {
    AccesoNoAutorizado,
    Divulgacion,
    Alteracion,
    Perdida,
    Robo,
    Indisponibilidad,
}

/// En qué está un incidente.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EstadoIncidente {
    Abierto,
    /// Se avisó a la autoridad.
    Notificado,
    Cerrado,
}

/// Lo que se sabe de un incidente. Sin datos de personas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosIncidente {
    pub tipo: IncidenteTipo,
    /// Cuándo se supo: desde entonces corren las 48 horas.
    pub detectado_en: Timestamp,
    #[schema(min_length = 1, max_length = 4000, format = "texto")]
    pub descripcion: String,
    /// Clases de datos, como `teléfonos` o `historias`.
    #[schema(max_items = 20)]
    pub datos: Vec<String>,
    /// A cuántas personas alcanza, más o menos.
    #[schema(minimum = 0)]
    pub personas_aprox: Option<i32>,
    /// Lo que se hizo para contenerlo.
    #[schema(min_length = 1, max_length = 4000, format = "texto")]
    pub medidas: Option<String>,
}

/// Un incidente de seguridad con datos personales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Incidente {
    pub id: Uuid,
    pub numero: i32,
    pub estado: EstadoIncidente,
    #[serde(flatten)]
    pub datos: DatosIncidente,
    /// Hasta cuándo se avisa a la autoridad.
    pub vence_en: Timestamp,
    /// Las 48 horas pasaron sin aviso, o el aviso llegó tarde.
    pub fuera_de_plazo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notificado_en: Option<Timestamp>,
    /// Número de la constancia de la autoridad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constancia: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub titulares_avisados_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cerrado_en: Option<Timestamp>,
    /// Lo que se concluyó; si no se avisó a la autoridad, por qué no hacía falta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    pub version: i32,
}

impl HasVersion for Incidente {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Anota que se avisó a la autoridad.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificacionIncidente)]
pub struct Notificacion {
    pub notificado_en: Timestamp,
    #[schema(min_length = 1, max_length = 100, format = "texto")]
    pub constancia: Option<String>,
    /// Cuándo se avisó a las personas, si se les avisó.
    pub titulares_avisados_en: Option<Timestamp>,
}

/// Cierra un incidente.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CierreIncidente)]
pub struct Cierre {
    /// Lo que se concluyó; si no se avisó a la autoridad, por qué no hacía falta.
    #[schema(min_length = 10, max_length = 4000, format = "texto")]
    pub conclusion: String,
}

impl DatosIncidente {
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let late = (self.detectado_en > now).then(|| FieldError::new("/detectado_en", "no puede ser futuro"));
        let bad = |text: &String| text.trim().is_empty() || text.chars().count() > 60;
        let wrong = self.datos.iter().enumerate().filter(|(_, text)| bad(text));
        let wrong = wrong.map(|(at, _)| FieldError::new(format!("/datos/{at}"), "debe tener de 1 a 60 caracteres"));
        late.into_iter().chain(wrong).collect()
    }
}

impl Incidente {
    pub fn nuevo(numero: i32, datos: DatosIncidente) -> Self {
        Self {
            id: Uuid::now_v7(),
            numero,
            estado: EstadoIncidente::Abierto,
            vence_en: datos.detectado_en + PLAZO,
            datos,
            fuera_de_plazo: false,
            notificado_en: None,
            constancia: None,
            titulares_avisados_en: None,
            cerrado_en: None,
            conclusion: None,
            version: 1,
        }
    }

    /// As it stands now; one that the authority was told of, or that was closed without, stands as it was then.
    pub fn al(mut self, now: Timestamp) -> Self {
        self.fuera_de_plazo = self.notificado_en.or(self.cerrado_en).unwrap_or(now) > self.vence_en;
        self
    }

    fn exige(&self, estados: &[EstadoIncidente]) -> Result<(), Problem> {
        if estados.contains(&self.estado) { Ok(()) } else { Err(Problem::new(INCIDENTE_CERRADO).with("estado", self.estado)) }
    }

    pub fn cambiar(&mut self, datos: DatosIncidente, now: Timestamp) -> Result<(), Problem> {
        self.exige(&[EstadoIncidente::Abierto, EstadoIncidente::Notificado])?;
        Problem::check(datos.check(now))?;
        self.vence_en = datos.detectado_en + PLAZO;
        self.datos = datos;
        Ok(())
    }

    pub fn notificar(&mut self, aviso: Notificacion, now: Timestamp) -> Result<(), Problem> {
        self.exige(&[EstadoIncidente::Abierto])?;
        let within = |at: Timestamp| (self.datos.detectado_en..=now).contains(&at);
        let mut errors = Vec::new();
        for (field, at) in [("/notificado_en", Some(aviso.notificado_en)), ("/titulares_avisados_en", aviso.titulares_avisados_en)] {
            if at.is_some_and(|at| !within(at)) {
                errors.push(FieldError::new(field, "debe estar entre el momento en que se supo y ahora"));
            }
        }
        Problem::check(errors)?;
        (self.estado, self.notificado_en) = (EstadoIncidente::Notificado, Some(aviso.notificado_en));
        (self.constancia, self.titulares_avisados_en) = (aviso.constancia, aviso.titulares_avisados_en);
        Ok(())
    }

    pub fn cerrar(&mut self, cierre: Cierre, now: Timestamp) -> Result<(), Problem> {
        self.exige(&[EstadoIncidente::Abierto, EstadoIncidente::Notificado])?;
        (self.estado, self.cerrado_en, self.conclusion) = (EstadoIncidente::Cerrado, Some(now), Some(cierre.conclusion));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }
    fn incidente() -> Incidente {
        let datos = DatosIncidente {
            tipo: IncidenteTipo::Perdida,
            detectado_en: hour(0),
            descripcion: "Se perdió una portátil".into(),
            datos: vec!["teléfonos".into()],
            personas_aprox: Some(40),
            medidas: None,
        };
        Incidente::nuevo(1, datos)
    }
    fn aviso(notificado_en: Timestamp) -> Notificacion {
        Notificacion { notificado_en, constancia: Some("ANPD-12".into()), titulares_avisados_en: None }
    }

    #[rstest]
    #[case::in_time(48, false)]
    #[case::late(49, true)]
    fn the_authority_is_told_within_two_days(#[case] hours: i64, #[case] late: bool) {
        let mut one = incidente();
        assert_eq!(one.clone().al(hour(hours)).fuera_de_plazo, late);
        one.notificar(aviso(hour(hours)), hour(60)).expect("told");
        assert_eq!((one.estado, one.al(hour(1_000)).fuera_de_plazo), (EstadoIncidente::Notificado, late));
    }

    #[test]
    fn nobody_was_told_before_it_was_known_nor_will_be() {
        for at in [-1, 61] {
            assert!(incidente().notificar(aviso(hour(at)), hour(60)).is_err(), "{at}");
        }
    }

    #[test]
    fn what_is_closed_stays() {
        let mut one = incidente();
        one.cerrar(Cierre { conclusion: "Estaba cifrada".into() }, hour(3)).expect("closed");
        assert!(one.notificar(aviso(hour(4)), hour(5)).is_err() && one.cambiar(incidente().datos, hour(5)).is_err());
        assert!(!one.al(hour(100)).fuera_de_plazo);
    }

    #[test]
    fn what_is_known_moves_the_clock() {
        let mut one = incidente();
        let datos = DatosIncidente { detectado_en: hour(-10), ..one.datos.clone() };
        one.cambiar(datos, hour(1)).expect("open");
        assert_eq!(one.vence_en, hour(38));
    }
}
