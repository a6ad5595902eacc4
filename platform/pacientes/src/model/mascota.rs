//! Pets: what may be written about one, and in which form it is kept.
use super::{DatosTutor, FichaTutor, Tutor, Vinculo, tutor};
use jiff::{Timestamp, ToSpan, civil::Date, tz};
use kernel::{
    FieldError,
    ids::{EspecieId, MascotaId, PesoId, RazaId, SedeId, TutorId},
    text,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
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

/// Clase de identificador.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IdentificadorTipo {
    Microchip,
    Placa,
    PlacaRabia,
    RegistroMunicipal,
    Otro,
}

/// Identificador de una mascota, como lo dicta una persona.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identificador {
    pub tipo: IdentificadorTipo,
    /// Un microchip tiene 15 dígitos (ISO 11784).
    #[schema(min_length = 1, max_length = 40, format = "texto")]
    pub valor: String,
}

impl Identificador {
    /// As it is compared: upper case letters and digits.
    pub fn normal(&self) -> String {
        text::identifier(&self.valor)
    }

    pub fn check(&self, at: &str, errors: &mut Vec<FieldError>) {
        let normal = self.normal();
        if self.tipo == IdentificadorTipo::Microchip && (normal.len() != 15 || !normal.bytes().all(|byte| byte.is_ascii_digit())) {
            errors.push(FieldError::new(format!("{at}/valor"), "un microchip tiene 15 dígitos"));
        } else if normal.is_empty() {
            errors.push(FieldError::new(format!("{at}/valor"), "debe tener letras o dígitos"));
        }
    }
}

/// Identificador de una mascota.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Identificado {
    pub tipo: IdentificadorTipo,
    pub valor: String,
    /// Lo que llama la atención sin ser un error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aviso: Option<String>,
}

impl Identificado {
    pub fn new(tipo: IdentificadorTipo, valor: String) -> Self {
        let prefix = text::identifier(&valor).get(..3).and_then(|prefix| prefix.parse::<u16>().ok());
        // ISO 11784: the country (Peru 604) or, from 900 to 998, the maker.
        let usual = prefix.is_none_or(|prefix| prefix == 604 || (900..=998).contains(&prefix));
        let aviso = (tipo == IdentificadorTipo::Microchip && !usual)
            .then(|| "El prefijo no es del Perú (604) ni de un fabricante (900 a 998).".into());
        Self { tipo, valor, aviso }
    }
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

/// Una mascota por registrar.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MascotaNueva {
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
    #[serde(default)]
    #[schema(max_items = 10)]
    pub identificadores: Vec<Identificador>,
    /// Peso de hoy.
    #[schema(minimum = 0.001, maximum = 1499.999)]
    pub peso_kg: Option<f64>,
}

impl MascotaNueva {
    pub fn split(self) -> (DatosMascota, Vec<Identificador>, Option<f64>) {
        let datos = DatosMascota {
            nombre: self.nombre,
            especie_id: self.especie_id,
            especie: self.especie,
            raza_id: self.raza_id,
            sexo: self.sexo,
            esterilizado: self.esterilizado,
            nacimiento: self.nacimiento,
            nacimiento_estimado: self.nacimiento_estimado,
            edad_meses: self.edad_meses,
            color: self.color,
            notas: self.notas,
        };
        (datos, self.identificadores, self.peso_kg)
    }
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
fn longest_life_ago(hoy: Date) -> Date {
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

/// Registra una mascota con su propietario: uno nuevo en `tutor`, o uno ya conocido en `tutor_id`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SolicitudRegistro {
    /// Propietario ya registrado.
    pub tutor_id: Option<TutorId>,
    /// Propietario nuevo.
    pub tutor: Option<DatosTutor>,
    pub mascota: MascotaNueva,
    /// Sede donde se registra, si es en una.
    pub sede_id: Option<SedeId>,
}

/// A registration, checked.
#[derive(Debug)]
pub struct Registrable {
    pub tutor: Result<TutorId, Box<FichaTutor>>,
    pub mascota: FichaMascota,
    pub identificadores: Vec<Identificador>,
    pub gramos: Option<i32>,
}

impl SolicitudRegistro {
    pub fn check(self, referencias: Referencias, hoy: Date) -> Result<Registrable, Vec<FieldError>> {
        let mut errors = Vec::new();
        let tutor = match (self.tutor_id, self.tutor) {
            (Some(id), None) => {
                if !referencias.hay_tutor {
                    errors.push(FieldError::new("/tutor_id", "no es un tutor de esta cadena"));
                }
                Some(Ok(id))
            }
            (None, Some(datos)) => Some(Err(Box::new(datos.check("/tutor", &mut errors)))),
            (Some(_), Some(datos)) => {
                errors.push(FieldError::new("/tutor", "indique tutor_id o tutor, no ambos"));
                Some(Err(Box::new(datos.check("/tutor", &mut errors))))
            }
            (None, None) => {
                errors.push(FieldError::new("/tutor", "es obligatorio: indique tutor_id o tutor"));
                None
            }
        };
        let (datos, identificadores, peso) = self.mascota.split();
        if referencias.especie_retirada {
            let field = if datos.especie_id.is_some() { "especie_id" } else { "especie" };
            errors.push(FieldError::new(format!("/mascota/{field}"), "ya no se usa"));
        }
        if referencias.raza_retirada {
            errors.push(FieldError::new("/mascota/raza_id", "ya no se usa"));
        }
        let mascota = datos.check("/mascota", referencias, hoy, &mut errors);
        check_identifiers(&identificadores, "/mascota/identificadores", &mut errors);
        match tutor {
            Some(tutor) if errors.is_empty() => Ok(Registrable { tutor, mascota, identificadores, gramos: peso.map(grams) }),
            _ => Err(errors),
        }
    }
}

pub fn check_identifiers(all: &[Identificador], at: &str, errors: &mut Vec<FieldError>) {
    let mut seen = HashSet::new();
    for (index, identificador) in all.iter().enumerate() {
        identificador.check(&format!("{at}/{index}"), errors);
        if !seen.insert((identificador.tipo, identificador.normal())) {
            errors.push(FieldError::new(format!("{at}/{index}"), "está repetido"));
        }
    }
}

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
}

/// Un peso.
#[derive(Debug, Serialize, ToSchema)]
pub struct Peso {
    pub id: PesoId,
    pub pesado_en: Timestamp,
    pub kg: f64,
    pub sede_id: Option<SedeId>,
}

impl HasVersion for Peso {
    /// A weight is never changed.
    fn version(&self) -> i32 {
        1
    }
}

/// Especie, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EspecieBreve {
    pub id: EspecieId,
    pub clave: String,
    pub nombre: String,
}

/// Raza, en pocas palabras.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RazaBreve {
    pub id: RazaId,
    pub nombre: String,
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
    /// Los tutores vigentes, el propietario primero.
    pub tutores: Vec<Vinculo>,
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

/// Lo que quedó registrado.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registro {
    pub mascota: Mascota,
    /// Falta si el tutor ya era conocido y usted no tiene el permiso `paciente.ver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor: Option<Tutor>,
}

impl HasVersion for Registro {
    fn version(&self) -> i32 {
        self.mascota.version
    }
}

/// Una especie del catálogo de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct Especie {
    pub id: EspecieId,
    pub clave: String,
    pub nombre: String,
    pub activa: bool,
    pub version: i32,
}

impl HasVersion for Especie {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Una raza del catálogo de la cadena.
#[derive(Debug, Serialize, ToSchema)]
pub struct Raza {
    pub id: RazaId,
    pub especie_id: EspecieId,
    pub nombre: String,
    /// Potencialmente peligrosa (Ley 27596).
    pub peligrosa: bool,
    pub activa: bool,
    pub version: i32,
}

impl HasVersion for Raza {
    fn version(&self) -> i32 {
        self.version
    }
}

fn yes() -> bool {
    true
}

/// Datos de una especie.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaEspecie {
    /// No cambia después.
    #[schema(pattern = "^[a-z0-9_]{2,40}$")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    #[serde(default = "yes")]
    pub activa: bool,
}

/// Datos de una raza.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaRaza {
    #[schema(min_length = 1, max_length = 60, format = "texto")]
    pub nombre: String,
    /// Potencialmente peligrosa (Ley 27596).
    #[serde(default)]
    pub peligrosa: bool,
    #[serde(default = "yes")]
    pub activa: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    const HOY: Date = date(2026, 3, 31);

    fn solicitud(json: serde_json::Value) -> SolicitudRegistro {
        serde_json::from_value(json).expect("a readable request")
    }
    fn pointers(result: Result<Registrable, Vec<FieldError>>) -> Vec<String> {
        result.err().unwrap_or_default().into_iter().map(|error| error.pointer.into_owned()).collect()
    }

    #[test]
    fn an_age_in_months_becomes_an_estimated_birth() {
        let perro = EspecieId::new();
        let referencias = Referencias { especie: Some(perro), ..Referencias::default() };
        let tutor = serde_json::json!({ "nombres": "Ana", "apellidos": "Poma" });
        let mascota = serde_json::json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "edad_meses": 13, "peso_kg": 4.25 });
        let registro = solicitud(serde_json::json!({ "tutor": tutor, "mascota": mascota })).check(referencias, HOY).expect("fits");
        assert_eq!((registro.mascota.nacimiento, registro.mascota.nacimiento_estimado), (Some(date(2025, 2, 28)), true));
        assert_eq!(registro.gramos, Some(4250));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let (perro, gato) = (EspecieId::new(), EspecieId::new());
        let referencias = Referencias { especie: Some(perro), especie_de_raza: Some(gato), ..Referencias::default() };
        let mascota = serde_json::json!({
            "nombre": "Luna", "especie_id": perro, "raza_id": RazaId::new(), "sexo": "hembra", "nacimiento": "2027-01-01", "edad_meses": 3,
            "identificadores": [{"tipo": "microchip", "valor": "12"}, {"tipo": "placa", "valor": "A-1"}, {"tipo": "placa", "valor": "a1"}]
        });
        let wrong = pointers(solicitud(serde_json::json!({ "tutor": { "nombres": "Ana" }, "mascota": mascota })).check(referencias, HOY));
        assert_eq!(
            wrong,
            [
                "/tutor/apellidos",
                "/mascota/raza_id",
                "/mascota/edad_meses",
                "/mascota/nacimiento",
                "/mascota/identificadores/0/valor",
                "/mascota/identificadores/2"
            ]
        );
    }

    #[rstest]
    #[case(serde_json::json!({}), &["/tutor"])]
    #[case(serde_json::json!({ "tutor_id": TutorId::new(), "tutor": { "nombres": "Ana", "apellidos": "Poma" } }), &["/tutor"])]
    #[case(serde_json::json!({ "tutor_id": TutorId::new() }), &["/tutor_id"])]
    #[case(serde_json::json!({ "tutor": { "nombres": "Ana", "apellidos": "Poma" } }), &[])]
    fn a_pet_has_one_owner_known_or_new(#[case] mut body: serde_json::Value, #[case] wrong: &[&str]) {
        let referencias = Referencias { especie: Some(EspecieId::new()), ..Referencias::default() };
        body["mascota"] = serde_json::json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra" });
        assert_eq!(pointers(solicitud(body).check(referencias, HOY)), wrong);
    }

    #[rstest]
    #[case("604000000000001", false)]
    #[case("981000000000001", false)]
    #[case("123000000000001", true)]
    fn an_odd_prefix_only_warns(#[case] valor: &str, #[case] odd: bool) {
        assert_eq!(Identificado::new(IdentificadorTipo::Microchip, valor.into()).aviso.is_some(), odd);
    }
}
