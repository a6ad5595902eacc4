//! Vaccines and what they protect from. Schedules go by antigen: names of combinations mean different things in different
//! countries, clinics and years.
use kernel::{FieldError, ids::VacunaId, text::words, version::HasVersion};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// Un antígeno: aquello de lo que una vacuna protege.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Antigeno {
    /// Como lo nombran las reglas de alerta; no cambia.
    pub clave: String,
    pub nombre: String,
    /// Claves de las especies a las que se aplica.
    pub especies: Vec<String>,
    /// De dónde viene lo que se dice de él.
    pub origen: String,
    pub activo: bool,
    pub version: i32,
}

impl HasVersion for Antigeno {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Una vacuna del catálogo de la cadena.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Vacuna {
    pub id: VacunaId,
    pub clave: String,
    pub nombre: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fabricante: Option<String>,
    pub especies: Vec<String>,
    pub antigenos: Vec<String>,
    /// Otros nombres con que la escriben carnés y otros sistemas.
    pub alias: Vec<String>,
    /// De dónde viene lo que se dice de ella.
    pub origen: String,
    pub activa: bool,
    pub version: i32,
}

impl HasVersion for Vacuna {
    fn version(&self) -> i32 {
        self.version
    }
}

fn yes() -> bool {
    true
}

/// Datos de un antígeno.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosAntigeno {
    /// No cambia después.
    #[schema(pattern = "^[a-z0-9_]{2,40}$", example = "rabia")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    /// Claves de especies, como `perro`.
    #[schema(min_items = 1, max_items = 20)]
    pub especies: Vec<String>,
    #[schema(min_length = 1, max_length = 300, format = "texto")]
    pub origen: String,
    #[serde(default = "yes")]
    pub activo: bool,
}

/// Datos de una vacuna.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosVacuna {
    /// No cambia después.
    #[schema(pattern = "^[a-z0-9_]{2,40}$", example = "quintuple")]
    pub clave: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub fabricante: Option<String>,
    /// Claves de especies, como `perro`.
    #[schema(min_items = 1, max_items = 20)]
    pub especies: Vec<String>,
    /// Claves de antígenos.
    #[schema(min_items = 1, max_items = 20)]
    pub antigenos: Vec<String>,
    /// Otros nombres con que la escriben carnés y otros sistemas.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub alias: Vec<String>,
    #[schema(min_length = 1, max_length = 300, format = "texto")]
    pub origen: String,
    #[serde(default = "yes")]
    pub activa: bool,
}

fn unknown(all: &[String], known: &BTreeSet<&str>, at: &str, detail: &'static str, errors: &mut Vec<FieldError>) {
    let wrong = all.iter().enumerate().filter(|(_, one)| !known.contains(one.as_str()));
    errors.extend(wrong.map(|(index, _)| FieldError::new(format!("{at}/{index}"), detail)));
}

const NO_SPECIES: &str = "no es una especie de esta cadena";

impl DatosAntigeno {
    pub fn check(&self, especies: &[String]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        unknown(&self.especies, &especies.iter().map(String::as_str).collect(), "/especies", NO_SPECIES, &mut errors);
        errors
    }
}

impl DatosVacuna {
    pub fn check(&self, especies: &[String], catalogo: &Catalogo) -> Vec<FieldError> {
        let mut errors = Vec::new();
        unknown(&self.especies, &especies.iter().map(String::as_str).collect(), "/especies", NO_SPECIES, &mut errors);
        let antigenos = catalogo.antigenos.iter().map(|antigeno| antigeno.clave.as_str()).collect();
        unknown(&self.antigenos, &antigenos, "/antigenos", "no es un antígeno de esta cadena", &mut errors);
        let blank = self.alias.iter().enumerate().filter(|(_, alias)| words(alias).is_empty() || alias.chars().count() > 80);
        errors.extend(blank.map(|(index, _)| FieldError::new(format!("/alias/{index}"), "debe tener de 1 a 80 caracteres")));
        errors
    }
}

/// All vaccines and antigens of a chain.
#[derive(Debug, Clone, Default)]
pub struct Catalogo {
    pub antigenos: Vec<Antigeno>,
    pub vacunas: Vec<Vacuna>,
}

/// What the names of vaccines mean, by species: the antigens, or nothing where a name means several things.
#[derive(Debug, Default)]
pub struct Nombres(HashMap<(String, String), Option<BTreeSet<String>>>);

fn normal(nombre: &str) -> String {
    words(nombre).join(" ")
}

impl Catalogo {
    pub fn nombres(&self) -> Nombres {
        let mut nombres = Nombres::default();
        for antigeno in &self.antigenos {
            nombres.add(&antigeno.especies, &antigeno.nombre, &BTreeSet::from([antigeno.clave.clone()]));
        }
        for vacuna in &self.vacunas {
            let antigenos = vacuna.antigenos.iter().cloned().collect();
            for nombre in vacuna.alias.iter().chain([&vacuna.nombre]) {
                nombres.add(&vacuna.especies, nombre, &antigenos);
            }
        }
        nombres
    }
}

impl Nombres {
    fn add(&mut self, especies: &[String], nombre: &str, antigenos: &BTreeSet<String>) {
        for especie in especies {
            let known = self.0.entry((especie.clone(), normal(nombre))).or_insert_with(|| Some(antigenos.clone()));
            if known.as_ref().is_some_and(|known| known != antigenos) {
                *known = None;
            }
        }
    }

    /// What a vaccine of this name protects such an animal from, as far as the name says.
    pub fn antigenos(&self, especie: &str, nombre: &str) -> Option<Vec<String>> {
        let known = self.0.get(&(especie.to_owned(), normal(nombre)))?;
        known.as_ref().map(|antigenos| antigenos.iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn catalogo() -> Catalogo {
        let antigeno = |clave: &str, nombre: &str, especies: &[&str]| Antigeno {
            clave: clave.into(),
            nombre: nombre.into(),
            especies: especies.iter().map(|one| (*one).into()).collect(),
            origen: "prueba".into(),
            activo: true,
            version: 1,
        };
        let vacuna = |nombre: &str, alias: &[&str], antigenos: &[&str]| Vacuna {
            id: VacunaId::new(),
            clave: "x".into(),
            nombre: nombre.into(),
            fabricante: None,
            especies: vec!["perro".into()],
            antigenos: antigenos.iter().map(|one| (*one).into()).collect(),
            alias: alias.iter().map(|one| (*one).into()).collect(),
            origen: "prueba".into(),
            activa: true,
            version: 1,
        };
        Catalogo {
            antigenos: vec![antigeno("rabia", "Rabia", &["perro", "gato"])],
            vacunas: vec![
                vacuna("Antirrábica", &["Vacuna contra la rabia"], &["rabia"]),
                vacuna("Doble", &["DP"], &["parvovirus", "moquillo"]),
                vacuna("Séxtuple con rabia", &["Séxtuple"], &["moquillo", "rabia"]),
                vacuna("Séxtuple con coronavirus", &["sextuple"], &["moquillo", "coronavirus"]),
            ],
        }
    }

    #[rstest]
    #[case::an_alias("perro", "VACUNA CONTRA LA RABIA", Some(vec!["rabia"]))]
    #[case::accents_and_case("perro", "antirrabica ", Some(vec!["rabia"]))]
    #[case::an_antigen("gato", "rabia", Some(vec!["rabia"]))]
    #[case::another_species("gato", "antirrábica", None)]
    #[case::several_meanings("perro", "SEXTUPLE", None)]
    #[case::one_of_them("perro", "séxtuple con rabia", Some(vec!["moquillo", "rabia"]))]
    #[case::never_heard("perro", "DHPPiL", None)]
    fn a_name_says_as_much_as_the_catalogue_knows(#[case] especie: &str, #[case] nombre: &str, #[case] expected: Option<Vec<&str>>) {
        let found = catalogo().nombres().antigenos(especie, nombre);
        assert_eq!(found, expected.map(|all| all.into_iter().map(str::to_owned).collect()));
    }

    #[test]
    fn what_a_vaccine_refers_to_is_there() {
        let datos = DatosVacuna {
            clave: "nueva".into(),
            nombre: "Nueva".into(),
            fabricante: None,
            especies: vec!["perro".into(), "dragon".into()],
            antigenos: vec!["fuego".into(), "rabia".into()],
            alias: vec!["--".into()],
            origen: "prueba".into(),
            activa: true,
        };
        let errors = datos.check(&["perro".into()], &catalogo());
        assert_eq!(errors.iter().map(|one| &*one.pointer).collect::<Vec<_>>(), ["/especies/1", "/antigenos/0", "/alias/0"]);
    }
}
