//! Registering a pet with its owner.
use super::{
    DatosMascota, DatosTutor, FichaMascota, FichaTutor, Identificador, Mascota, Referencias, Sexo, Tutor, check_identifiers, grams,
};
use jiff::civil::Date;
use kernel::{
    FieldError,
    ids::{EspecieId, RazaId, SedeId, TutorId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// What an owner says of a pet at first.
    pub fn sencilla(nombre: &str, especie: &str, sexo: Sexo) -> Self {
        Self {
            nombre: nombre.to_owned(),
            especie_id: None,
            especie: Some(especie.to_owned()),
            raza_id: None,
            sexo,
            esterilizado: None,
            nacimiento: None,
            nacimiento_estimado: false,
            edad_meses: None,
            color: None,
            notas: None,
            identificadores: Vec::new(),
            peso_kg: None,
        }
    }
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
}
