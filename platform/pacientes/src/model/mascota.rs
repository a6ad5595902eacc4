//! Pets: what may be written about one, and in which form it is kept.
use super::{EspecieBreve, Identificado, Peso, RazaBreve, Vinculo, tutor};
use jiff::{Timestamp, ToSpan, civil::Date, tz};
use kernel::{
    FieldError,
    ids::{EspecieId, MascotaId, RazaId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sexo de una mascota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Sexo {
    Macho,
    Hembra,
    Desconocido,
}

/// Datos de una mascota.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosMascota {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    /// La especie, o bien su clave en `especie`.
    pub especie_id: Option<EspecieId>,
    /// Clave de la especie, como `perro`.
    #[schema(min_length = 2, max_length = 40)]
    pub especie: Option<String>,
    /// Una raza de esa especie.
    pub raza_id: Option<RazaId>,
    pub sexo: Sexo,
    pub esterilizado: Option<bool>,
    pub nacimiento: Option<Date>,
    /// La fecha de nacimiento es aproximada.
    #[serde(default)]
    pub nacimiento_estimado: bool,
    /// En lugar de la fecha de nacimiento: edad aproximada, en meses.
    #[schema(minimum = 0, maximum = 1200)]
    pub edad_meses: Option<i32>,
    #[schema(max_length = 80)]
    pub color: Option<String>,
    #[schema(max_length = 2000)]
    pub notas: Option<String>,
}

/// What the database knows about the things that a request refers to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Referencias {
    pub especie: Option<EspecieId>,
    /// The species of the breed.
    pub especie_de_raza: Option<EspecieId>,
    pub hay_tutor: bool,
    /// No longer for new pets.
    pub especie_retirada: bool,
    pub raza_retirada: bool,
}

/// A pet, checked and in the form in which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FichaMascota {
    pub nombre: String,
    pub especie_id: EspecieId,
    pub raza_id: Option<RazaId>,
    pub sexo: Sexo,
    pub esterilizado: Option<bool>,
    pub nacimiento: Option<Date>,
    pub nacimiento_estimado: bool,
    pub color: Option<String>,
    pub notas: Option<String>,
}

impl FichaMascota {
    /// Names of the fields in which two differ.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let fields = [
            ("nombre", self.nombre != other.nombre),
            ("especie", self.especie_id != other.especie_id),
            ("raza", self.raza_id != other.raza_id),
            ("sexo", self.sexo != other.sexo),
            ("esterilizado", self.esterilizado != other.esterilizado),
            ("nacimiento", (self.nacimiento, self.nacimiento_estimado) != (other.nacimiento, other.nacimiento_estimado)),
            ("color", self.color != other.color),
            ("notas", self.notas != other.notas),
        ];
        fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// Largest photo, in bytes.
pub const FOTO_MAX: usize = 5 * 1024 * 1024;

/// Kind of picture by its first bytes; what the client says about it is not asked.
pub fn foto_tipo(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The day in Peru: one zone, UTC−5, no summer time.
pub fn hoy(now: Timestamp) -> Date {
    now.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date()
}

/// Tortoises reach some 200 years; before that it is a slip of the keyboard.
pub fn longest_life_ago(hoy: Date) -> Date {
    hoy.saturating_sub(200.years())
}

impl DatosMascota {
    pub fn check(self, at: &str, referencias: Referencias, hoy: Date, errors: &mut Vec<FieldError>) -> FichaMascota {
        let mut wrong = |field: &str, detail: &'static str| errors.push(FieldError::new(format!("{at}{field}"), detail));
        match (self.especie_id, &self.especie) {
            (None, None) => wrong("/especie_id", "es obligatorio: indique especie_id o especie"),
            (Some(_), Some(_)) => wrong("/especie", "indique especie_id o especie, no ambos"),
            (Some(_), None) if referencias.especie.is_none() => wrong("/especie_id", "no es una especie de esta cadena"),
            (None, Some(_)) if referencias.especie.is_none() => wrong("/especie", "no es una especie de esta cadena"),
            _ => {}
        }
        if self.raza_id.is_some() {
            match referencias.especie_de_raza {
                None => wrong("/raza_id", "no es una raza de esta cadena"),
                Some(de) if referencias.especie.is_some_and(|especie| especie != de) => wrong("/raza_id", "es una raza de otra especie"),
                Some(_) => {}
            }
        }
        if self.nacimiento.is_some() && self.edad_meses.is_some() {
            wrong("/edad_meses", "indique nacimiento o edad_meses, no ambos");
        }
        if self.nacimiento.is_some_and(|nacimiento| nacimiento > hoy) {
            wrong("/nacimiento", "no puede ser una fecha futura");
        }
        if self.nacimiento.is_some_and(|nacimiento| nacimiento < longest_life_ago(hoy)) {
            wrong("/nacimiento", "es demasiado antigua");
        }
        let estimada = self.edad_meses.and_then(|meses| hoy.checked_sub(meses.months()).ok());
        FichaMascota {
            nombre: tutor::tidy(&self.nombre),
            // The nil id is never stored: without a species there is an error.
            especie_id: referencias.especie.unwrap_or(EspecieId(uuid::Uuid::nil())),
            raza_id: self.raza_id,
            sexo: self.sexo,
            esterilizado: self.esterilizado,
            nacimiento: self.nacimiento.or(estimada),
            nacimiento_estimado: estimada.is_some() || (self.nacimiento.is_some() && self.nacimiento_estimado),
            color: tutor::tidy_or_none(self.color),
            notas: tutor::tidy_or_none(self.notas),
        }
    }
}

/// Una mascota.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mascota {
    pub id: MascotaId,
    pub nombre: String,
    pub especie: EspecieBreve,
    pub raza: Option<RazaBreve>,
    pub sexo: Sexo,
    pub esterilizado: Option<bool>,
    pub nacimiento: Option<Date>,
    pub nacimiento_estimado: bool,
    pub color: Option<String>,
    pub notas: Option<String>,
    pub identificadores: Vec<Identificado>,
    pub ultimo_peso: Option<Peso>,
    /// Hay foto en `/pacientes/{id}/foto`.
    pub tiene_foto: bool,
    pub fallecida_en: Option<Date>,
    /// Este registro se fusionó con otro, que es el que sigue: este ya no cambia.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusionada_con: Option<MascotaId>,
    /// Los registros que se fusionaron con este.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fusionadas: Vec<super::Fusionado>,
    /// Los tutores vigentes, el propietario primero.
    pub tutores: Vec<Vinculo>,
    /// `autoreserva` si lo registró el propio tutor al reservar: revise si ya estaba.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origen: Option<String>,
    pub version: i32,
    pub creado_en: Timestamp,
    pub actualizado_en: Timestamp,
}

impl HasVersion for Mascota {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Una mascota de un tutor.
#[derive(Debug, Serialize, ToSchema)]
pub struct MascotaDeTutor {
    pub id: MascotaId,
    pub nombre: String,
    /// Clave de la especie.
    pub especie: String,
    pub raza: Option<String>,
    pub relacion: super::Relacion,
    pub desde: Date,
    pub hasta: Option<Date>,
    pub fallecida_en: Option<Date>,
}
