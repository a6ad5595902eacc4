//! Vaccinations and visits of before, as another system or a booklet tells them.
use crate::{
    model::{Asiento, DetalleClinico, DetalleVacuna, mediodia},
    store,
};
use jiff::{ToSpan, civil::Date};
use kernel::{
    FieldError, Problem, Tx,
    ids::{AntecedenteId, HechoClinicoId, MascotaId},
    schema,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// De qué es un antecedente.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AntecedenteTipo {
    Vacuna,
    Visita,
}

/// Una vacuna o una visita anterior, como la cuenta otro sistema.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FichaAntecedente {
    pub tipo: AntecedenteTipo,
    pub fecha: Date,
    /// La vacuna, o el motivo de la visita.
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub titulo: String,
    #[schema(min_length = 1, max_length = 10000)]
    pub texto: Option<String>,
    #[schema(min_length = 1, max_length = 60)]
    pub lote: Option<String>,
    /// Cuándo tocaba la siguiente dosis.
    pub proxima: Option<Date>,
    #[schema(min_length = 1, max_length = 120)]
    pub profesional: Option<String>,
}

impl FichaAntecedente {
    /// A vaccination of which only the name is known: what it protects from is looked up when it is read.
    fn asiento(&self) -> Asiento {
        Asiento {
            detalle: DetalleClinico::Vacuna(DetalleVacuna { lote: self.lote.clone(), ..DetalleVacuna::default() }),
            titulo: self.titulo.clone(),
            fecha: self.fecha,
            en: mediodia(self.fecha),
            hasta: None,
            proxima: self.proxima,
            texto: self.texto.clone(),
            sede_id: None,
            medico_id: None,
            cita_id: None,
            profesional: self.profesional.clone(),
            anterior: true,
        }
    }

    fn check(&self, hoy: Date) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.fecha > hoy {
            errors.push(FieldError::new("/fecha", "no puede ser una fecha futura"));
        }
        if self.fecha < hoy.saturating_sub(200.years()) {
            errors.push(FieldError::new("/fecha", "es demasiado antigua"));
        }
        if self.proxima.is_some_and(|proxima| proxima < self.fecha) {
            errors.push(FieldError::new("/proxima", "no puede ser anterior a la vacuna"));
        }
        errors
    }
}

/// Un antecedente: una visita anterior a esta cadena.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Antecedente {
    pub id: AntecedenteId,
    pub tipo: AntecedenteTipo,
    pub fecha: Date,
    pub titulo: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texto: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profesional: Option<String>,
}

/// What is said of one; every fault with its pointer.
pub fn revisar_antecedente(datos: Value, hoy: Date) -> Result<FichaAntecedente, Vec<FieldError>> {
    let mut errors = schema::violations::<FichaAntecedente>(&datos);
    let ficha = serde_json::from_value::<FichaAntecedente>(datos).ok();
    errors.extend(ficha.as_ref().map(|ficha| ficha.check(hoy)).unwrap_or_default());
    match ficha {
        Some(ficha) if errors.is_empty() => Ok(ficha),
        _ => Err(errors),
    }
}

/// Notes them, vaccinations among the clinical facts; the audit is the caller's.
pub async fn traer_antecedentes(tx: &mut Tx, all: Vec<(AntecedenteId, MascotaId, FichaAntecedente)>) -> Result<(), Problem> {
    let (vacunas, visitas): (Vec<_>, Vec<_>) = all.into_iter().partition(|(.., ficha)| ficha.tipo == AntecedenteTipo::Vacuna);
    store::historial::insert(tx, &visitas).await?;
    let vacunas: Vec<_> = vacunas.iter().map(|(id, mascota, ficha)| (HechoClinicoId(id.0), *mascota, ficha.asiento())).collect();
    store::clinicos::insert(tx, &vacunas).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;
    use serde_json::json;

    const HOY: Date = date(2026, 3, 2);

    #[rstest]
    #[case(json!({ "tipo": "vacuna", "fecha": "2025-03-02", "titulo": "Rabia", "lote": "A1", "proxima": "2026-03-02" }), &[])]
    #[case(json!({ "tipo": "vacuna", "fecha": "2025-03-02", "titulo": "Rabia", "proxima": "2024-03-02" }), &["/proxima"])]
    #[case(json!({ "tipo": "visita", "fecha": "2026-03-03", "titulo": " " }), &["/titulo", "/fecha"])]
    #[case(json!({ "tipo": "visita", "fecha": "1025-03-03", "titulo": "Control" }), &["/fecha"])]
    fn what_was_before_lies_behind(#[case] datos: Value, #[case] wrong: &[&str]) {
        let errors = revisar_antecedente(datos, HOY).err().unwrap_or_default();
        assert_eq!(errors.iter().map(|error| &*error.pointer).collect::<Vec<_>>(), wrong);
    }

    #[test]
    fn it_stands_at_noon_of_its_day() {
        let ficha = revisar_antecedente(json!({ "tipo": "visita", "fecha": "2025-03-02", "titulo": "Control" }), HOY).expect("fits");
        assert_eq!(ficha.asiento().en.to_string(), "2025-03-02T17:00:00Z");
    }
}
