//! What a pet was given and what it has. Written once; ended or taken back with a reason.
use super::problemas;
use jiff::{Timestamp, civil::Date};
use kernel::{
    Problem,
    ids::{CitaId, HechoClinicoId, MascotaId, SedeId, UsuarioId, VacunaId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// De qué es un hecho clínico.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum HechoTipo {
    Vacuna,
    Desparasitacion,
    Problema,
    Alergia,
    Tratamiento,
}

impl HechoTipo {
    pub const TODOS: [Self; 5] = [Self::Vacuna, Self::Desparasitacion, Self::Problema, Self::Alergia, Self::Tratamiento];

    /// It goes on until somebody says that it is over.
    pub fn dura(self) -> bool {
        matches!(self, Self::Problema | Self::Alergia | Self::Tratamiento)
    }
}

/// Por dónde se administra.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Subcutanea,
    Intramuscular,
    Intranasal,
    Oral,
    Topica,
    Intravenosa,
    Otra,
}

/// Contra qué parásitos actúa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alcance {
    Interna,
    Externa,
    Ambas,
}

/// De qué clase es lo que causa una alergia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sustancia {
    Medicamento,
    Vacuna,
    Alimento,
    Ambiente,
    Otra,
}

/// Qué tan grave fue la reacción.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gravedad {
    Leve,
    Moderada,
    /// Puso en riesgo su vida.
    Grave,
}

/// Lo propio de una vacuna aplicada.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetalleVacuna {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacuna_id: Option<VacunaId>,
    /// Los antígenos, como estaban en el catálogo ese día. Ausente si solo se sabe el nombre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub antigenos: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fabricante: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lote: Option<String>,
    /// Vencimiento del lote, como está en la etiqueta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sitio: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dosis: Option<String>,
}

/// Lo propio de una desparasitación.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetalleDesparasitacion {
    pub alcance: Alcance,
    pub activos: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lote: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dosis: Option<String>,
}

/// Lo propio de un problema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetalleProblema {
    /// Código en la lista de diagnósticos que use la cadena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codigo: Option<String>,
    pub cronico: bool,
}

/// Lo propio de una alergia.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetalleAlergia {
    pub sustancia: Sustancia,
    pub gravedad: Gravedad,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaccion: Option<String>,
}

/// Lo propio de un tratamiento.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetalleTratamiento {
    pub dosis: String,
    /// Cada cuántas horas; ausente si es de una vez o a demanda.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cada_horas: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
}

/// Lo propio de cada clase de hecho clínico.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "tipo", rename_all = "snake_case")]
pub enum DetalleClinico {
    Vacuna(DetalleVacuna),
    Desparasitacion(DetalleDesparasitacion),
    Problema(DetalleProblema),
    Alergia(DetalleAlergia),
    Tratamiento(DetalleTratamiento),
}

impl DetalleClinico {
    pub fn tipo(&self) -> HechoTipo {
        match self {
            Self::Vacuna(_) => HechoTipo::Vacuna,
            Self::Desparasitacion(_) => HechoTipo::Desparasitacion,
            Self::Problema(_) => HechoTipo::Problema,
            Self::Alergia(_) => HechoTipo::Alergia,
            Self::Tratamiento(_) => HechoTipo::Tratamiento,
        }
    }
}

/// Cuándo y por qué se anuló algo que se había anotado mal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Anulado {
    pub en: Timestamp,
    pub por: Uuid,
    pub motivo: String,
}

/// Una vacuna, una desparasitación, un problema, una alergia o un tratamiento de una mascota.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HechoClinico {
    pub id: HechoClinicoId,
    /// El registro en que se anotó: si se fusionó con otro, sigue siendo este.
    pub mascota_id: MascotaId,
    #[serde(flatten)]
    pub detalle: DetalleClinico,
    /// El producto, el fármaco, el nombre del problema o lo que causa la alergia.
    pub titulo: String,
    /// Cuándo se aplicó o empezó.
    pub fecha: Date,
    /// De lo que dura, su último día; ausente mientras siga.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    /// Por qué terminó, si alguien lo terminó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta_motivo: Option<String>,
    /// De lo que se repite, cuándo toca otra vez.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxima: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sede_id: Option<SedeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medico_id: Option<UsuarioId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medico: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cita_id: Option<CitaId>,
    /// Quién lo hizo o lo dijo, si no es de esta cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profesional: Option<String>,
    /// Ocurrió en otro lugar: lo cuenta otro sistema o el carné.
    pub anterior: bool,
    pub registrado_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anulado: Option<Anulado>,
    pub version: i32,
}

impl HasVersion for HechoClinico {
    fn version(&self) -> i32 {
        self.version
    }
}

impl HechoClinico {
    /// 409 for what was taken back: nothing about it changes any more.
    pub fn vigente(&self) -> Result<(), Problem> {
        match &self.anulado {
            Some(anulado) => Err(Problem::new(problemas::HECHO_ANULADO).with("anulado", anulado)),
            None => Ok(()),
        }
    }

    /// Ends what lasts; once.
    pub fn terminar(&mut self, termino: Termino, hoy: Date) -> Result<(), Problem> {
        self.vigente()?;
        if !self.detalle.tipo().dura() {
            return Err(Problem::new(problemas::HECHO_TERMINADO).detail("No dura: se hizo una vez."));
        }
        if self.hasta_motivo.is_some() {
            return Err(Problem::new(problemas::HECHO_TERMINADO).with("hasta", self.hasta));
        }
        let hasta = termino.hasta.unwrap_or(hoy);
        if hasta > hoy {
            return Err(Problem::field("/hasta", "no puede ser una fecha futura"));
        }
        if hasta < self.fecha {
            return Err(Problem::field("/hasta", "es anterior a su comienzo"));
        }
        self.hasta = Some(hasta);
        self.hasta_motivo = Some(termino.motivo.trim().to_owned());
        self.version += 1;
        Ok(())
    }
}

/// Da por resuelto un problema o una alergia, o termina un tratamiento.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Termino {
    /// Su último día; hoy, si falta.
    pub hasta: Option<Date>,
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub motivo: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    pub fn hecho(detalle: DetalleClinico, titulo: &str, fecha: Date) -> HechoClinico {
        HechoClinico {
            id: HechoClinicoId::new(),
            mascota_id: MascotaId::new(),
            detalle,
            titulo: titulo.into(),
            fecha,
            hasta: None,
            hasta_motivo: None,
            proxima: None,
            texto: None,
            sede_id: None,
            medico_id: None,
            medico: None,
            cita_id: None,
            profesional: None,
            anterior: false,
            registrado_en: Timestamp::UNIX_EPOCH,
            anulado: None,
            version: 1,
        }
    }

    fn problema() -> HechoClinico {
        hecho(DetalleClinico::Problema(DetalleProblema { codigo: None, cronico: true }), "Diabetes", date(2026, 1, 10))
    }

    #[rstest]
    #[case(None, true)]
    #[case(Some(date(2026, 1, 10)), true)]
    #[case(Some(date(2026, 1, 9)), false)]
    #[case(Some(date(2026, 3, 3)), false)]
    fn what_lasts_ends_between_its_beginning_and_today(#[case] hasta: Option<Date>, #[case] ends: bool) {
        let mut one = problema();
        let done = one.terminar(Termino { hasta, motivo: " Curó ".into() }, date(2026, 3, 2));
        assert_eq!((done.is_ok(), one.version, one.hasta_motivo.is_some()), (ends, 1 + i32::from(ends), ends));
    }

    #[test]
    fn nothing_ends_twice_or_after_it_was_taken_back_and_what_was_done_once_never() {
        let termino = || Termino { hasta: None, motivo: "Curó".into() };
        let mut one = problema();
        one.terminar(termino(), date(2026, 3, 2)).expect("ends");
        assert!(one.terminar(termino(), date(2026, 3, 2)).is_err());
        let mut back = problema();
        back.anulado = Some(Anulado { en: Timestamp::UNIX_EPOCH, por: Uuid::nil(), motivo: "Otra mascota".into() });
        assert!(back.terminar(termino(), date(2026, 3, 2)).is_err());
        let mut shot = hecho(DetalleClinico::Vacuna(DetalleVacuna::default()), "Rabia", date(2026, 1, 10));
        assert!(shot.terminar(termino(), date(2026, 3, 2)).is_err());
    }
}
