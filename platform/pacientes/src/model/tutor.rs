//! Owners: what may be written about a person, and in which form it is kept.
use crate::ubigeo;
use jiff::Timestamp;
use kernel::{
    FieldError,
    ids::TutorId,
    text::{self, DocumentoTipo},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Documento de identidad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Documento {
    pub tipo: DocumentoTipo,
    /// Con o sin espacios, guiones o puntos. Los ceros de la izquierda cuentan.
    #[schema(min_length = 1, max_length = 30)]
    pub numero: String,
}

/// Datos de un tutor, tal como los dicta una persona.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosTutor {
    /// Nombres de la persona, o razón social si el documento es RUC.
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombres: String,
    /// Obligatorios, salvo que el documento sea RUC.
    #[schema(max_length = 120)]
    pub apellidos: Option<String>,
    pub documento: Option<Documento>,
    #[schema(max_length = 30, format = "telefono")]
    pub telefono: Option<String>,
    #[schema(max_length = 254, format = "correo")]
    pub correo: Option<String>,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub direccion: Option<String>,
    /// Distrito, con el código del INEI.
    #[schema(format = "ubigeo")]
    pub ubigeo: Option<String>,
    #[schema(max_length = 2000)]
    pub notas: Option<String>,
}

/// The same, checked and in the one form in which it is kept and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FichaTutor {
    pub nombres: String,
    pub apellidos: String,
    pub documento: Option<Documento>,
    pub telefono: Option<String>,
    pub correo: Option<String>,
    pub direccion: Option<String>,
    pub ubigeo: Option<String>,
    pub notas: Option<String>,
}

pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn tidy_or_none(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl DatosTutor {
    /// `at` is where the owner stands in the body: `/tutor`, or empty.
    pub fn check(self, at: &str, errors: &mut Vec<FieldError>) -> FichaTutor {
        let mut wrong = |field: &str, detail: &'static str| errors.push(FieldError::new(format!("{at}{field}"), detail));
        let es_ruc = self.documento.as_ref().is_some_and(|documento| documento.tipo == DocumentoTipo::Ruc);
        let apellidos = tidy(&self.apellidos.unwrap_or_default());
        if apellidos.is_empty() && !es_ruc {
            wrong("/apellidos", "es obligatorio, salvo que el documento sea RUC");
        }
        let documento = self.documento.map(|Documento { tipo, numero }| match tipo.normalise(&numero) {
            Ok(numero) => Documento { tipo, numero },
            Err(help) => {
                wrong("/documento/numero", help);
                Documento { tipo, numero }
            }
        });
        if self.ubigeo.as_deref().is_some_and(|codigo| ubigeo::find(codigo).is_none()) {
            wrong("/ubigeo", "no es un distrito de la tabla del INEI");
        }
        FichaTutor {
            nombres: tidy(&self.nombres),
            apellidos,
            documento,
            telefono: self.telefono.as_deref().and_then(text::phone),
            correo: self.correo.as_deref().map(text::email),
            direccion: tidy_or_none(self.direccion),
            ubigeo: self.ubigeo,
            notas: tidy_or_none(self.notas),
        }
    }
}

impl FichaTutor {
    pub fn nombre(&self) -> String {
        full_name(&self.nombres, &self.apellidos)
    }
    /// By which they are found.
    pub(crate) fn names(&self) -> [&str; 2] {
        [&self.nombres, &self.apellidos]
    }
}

pub(crate) fn full_name(nombres: &str, apellidos: &str) -> String {
    format!("{nombres} {apellidos}").trim().to_owned()
}

/// What documents are compared by: equal numbers of different kinds are different documents.
pub(crate) fn document_key(tipo: DocumentoTipo, numero: &str) -> String {
    // Written out: renaming a variant must not change what is stored.
    let tipo = match tipo {
        DocumentoTipo::Dni => "dni",
        DocumentoTipo::Ce => "ce",
        DocumentoTipo::Ruc => "ruc",
        DocumentoTipo::Pasaporte => "pasaporte",
        DocumentoTipo::Ptp => "ptp",
    };
    format!("{tipo}:{numero}")
}

/// The last six digits of a phone, by which people ask for it.
pub(crate) fn phone_tail(phone: &str) -> Option<&str> {
    phone.len().checked_sub(6).and_then(|at| phone.get(at..))
}

/// Only the last three digits: enough to tell two people of one name apart.
pub fn masked_phone(phone: &str) -> String {
    let tail = phone.len().saturating_sub(3);
    format!("•••{}", phone.get(tail..).unwrap_or_default())
}

/// Un tutor.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tutor {
    pub id: TutorId,
    pub nombres: String,
    pub apellidos: String,
    pub documento: Option<Documento>,
    /// En formato internacional, como `+51987654321`.
    pub telefono: Option<String>,
    pub correo: Option<String>,
    pub direccion: Option<String>,
    pub ubigeo: Option<String>,
    /// Distrito, provincia y departamento del ubigeo.
    pub lugar: Option<String>,
    pub notas: Option<String>,
    /// Cuándo se anonimizó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonimizado_en: Option<Timestamp>,
    /// Este registro se fusionó con otro, que es el que sigue: este ya no cambia.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusionado_con: Option<TutorId>,
    /// Los registros que se fusionaron con este.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fusionados: Vec<super::Fusionado>,
    /// `autoreserva` si lo registró el propio tutor al reservar: revise si ya estaba.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origen: Option<String>,
    pub version: i32,
    pub creado_en: Timestamp,
    pub actualizado_en: Timestamp,
}

impl HasVersion for Tutor {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Tutor> for FichaTutor {
    fn from(tutor: Tutor) -> Self {
        Self {
            nombres: tutor.nombres,
            apellidos: tutor.apellidos,
            documento: tutor.documento,
            telefono: tutor.telefono,
            correo: tutor.correo,
            direccion: tutor.direccion,
            ubigeo: tutor.ubigeo,
            notas: tutor.notas,
        }
    }
}

/// Un tutor, como está en la lista.
#[derive(Debug, Serialize, ToSchema)]
pub struct TutorDeLista {
    pub id: TutorId,
    pub nombres: String,
    pub apellidos: String,
    pub documento: Option<Documento>,
    pub telefono: Option<String>,
    pub correo: Option<String>,
    pub ubigeo: Option<String>,
    /// Distrito, provincia y departamento del ubigeo.
    pub lugar: Option<String>,
    /// Cuántas mascotas tiene hoy a su cargo.
    pub mascotas: i64,
    /// `autoreserva` si lo registró el propio tutor al reservar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origen: Option<String>,
    pub creado_en: Timestamp,
}

/// Un tutor, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TutorBreve {
    pub id: TutorId,
    pub nombre: String,
    /// Solo los tres últimos dígitos.
    pub telefono: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn datos() -> DatosTutor {
        DatosTutor { nombres: "  María   José ".into(), apellidos: Some("Ñahui  Quispe".into()), ..DatosTutor::default() }
    }
    fn check(datos: DatosTutor) -> (FichaTutor, Vec<String>) {
        let mut errors = Vec::new();
        let ficha = datos.check("/tutor", &mut errors);
        (ficha, errors.into_iter().map(|error| error.pointer.into_owned()).collect())
    }

    #[test]
    fn what_is_kept_has_one_form() {
        let (ficha, errors) = check(DatosTutor {
            documento: Some(Documento { tipo: DocumentoTipo::Dni, numero: "0123-4567".into() }),
            telefono: Some("987 654 321".into()),
            correo: Some(" Maria@Ejemplo.PE ".into()),
            ubigeo: Some("150122".into()),
            notas: Some("  ".into()),
            ..datos()
        });
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!((ficha.nombre().as_str(), ficha.notas), ("María José Ñahui Quispe", None));
        assert_eq!(ficha.documento.map(|documento| documento.numero).as_deref(), Some("01234567"));
        assert_eq!((ficha.telefono.as_deref(), ficha.correo.as_deref()), (Some("+51987654321"), Some("maria@ejemplo.pe")));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let documento = Some(Documento { tipo: DocumentoTipo::Dni, numero: "123".into() });
        let (_, errors) = check(DatosTutor { apellidos: None, documento, ubigeo: Some("159999".into()), ..datos() });
        assert_eq!(errors, ["/tutor/apellidos", "/tutor/documento/numero", "/tutor/ubigeo"]);
    }

    #[rstest]
    #[case(DocumentoTipo::Ruc, "20131312955", true)]
    #[case(DocumentoTipo::Dni, "01234567", false)]
    fn only_a_company_has_no_surname(#[case] tipo: DocumentoTipo, #[case] numero: &str, #[case] fits: bool) {
        let documento = Some(Documento { tipo, numero: numero.into() });
        assert_eq!(check(DatosTutor { apellidos: None, documento, ..datos() }).1.is_empty(), fits);
    }

    #[test]
    fn a_masked_phone_shows_three_digits() {
        assert_eq!(masked_phone("+51987654321"), "•••321");
        assert_eq!(phone_tail("+51987654321"), Some("654321"));
    }
}
