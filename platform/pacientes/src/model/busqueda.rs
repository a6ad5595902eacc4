//! One box: what somebody typed, and how well a pet answers it.
use super::{TutorBreve, palabras};
use kernel::{
    ids::MascotaId,
    text::{self, DocumentoTipo},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a text in the search box can mean. Exact keys are tried first, then words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Buscado {
    /// A record's own id, pasted.
    pub id: Option<Uuid>,
    pub correo: Option<String>,
    /// E.164.
    pub telefono: Option<String>,
    pub telefono_final: Option<String>,
    /// Keys of every kind of document that this could be.
    pub documentos: Vec<String>,
    pub identificador: Option<String>,
    pub palabras: Vec<String>,
}

/// More words than a full name has do not make a search narrower.
const MAX_WORDS: usize = 8;
const DOCUMENTS: [DocumentoTipo; 5] =
    [DocumentoTipo::Dni, DocumentoTipo::Ce, DocumentoTipo::Ruc, DocumentoTipo::Pasaporte, DocumentoTipo::Ptp];

impl Buscado {
    pub fn read(typed: &str) -> Self {
        let typed = typed.trim();
        if let Ok(id) = Uuid::try_parse(typed) {
            return Self { id: Some(id), ..Self::default() };
        }
        if text::is_email(typed) {
            return Self { correo: Some(text::email(typed)), ..Self::default() };
        }
        let mut words: Vec<String> = Vec::new();
        for word in text::words(typed) {
            if !words.contains(&word) && words.len() < MAX_WORDS {
                words.push(word);
            }
        }
        let plain = text::identifier(typed);
        if plain.len() < 3 || !plain.bytes().any(|byte| byte.is_ascii_digit()) {
            return Self { palabras: words, ..Self::default() };
        }
        let key = |tipo: DocumentoTipo| tipo.normalise(&plain).ok().map(|numero| super::document_key(tipo, &numero));
        Self {
            id: None,
            correo: None,
            telefono: text::phone(typed),
            telefono_final: (plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit())).then(|| plain.clone()),
            documentos: DOCUMENTS.into_iter().filter_map(key).collect(),
            identificador: Some(plain),
            palabras: words,
        }
    }
}

/// Por qué un resultado responde a la búsqueda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Por {
    /// El identificador mismo del registro.
    Id,
    Documento,
    Telefono,
    TelefonoFinal,
    Correo,
    Identificador,
    /// Todas las palabras están en los nombres, o la última es el comienzo de una.
    Nombre,
    /// Alguna palabra se parece: quizá hubo un error al escribir.
    NombreParecido,
    /// No se buscó nada: es la lista de todos.
    Lista,
}

/// Una mascota hallada.
#[derive(Debug, Serialize, ToSchema)]
pub struct MascotaHallada {
    pub id: MascotaId,
    pub nombre: String,
    /// Clave de la especie.
    pub especie: String,
    pub raza: Option<String>,
    pub fallecida_en: Option<jiff::civil::Date>,
}

/// Un resultado de la búsqueda. Un tutor sin mascotas se halla por documento, teléfono o correo.
#[derive(Debug, Serialize, ToSchema)]
pub struct Encontrado {
    pub mascota: Option<MascotaHallada>,
    pub tutor: Option<TutorBreve>,
    pub por: Por,
    /// Es de otra sede: de su tutor se dan solo las iniciales, y la ficha se abre por emergencia.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub restringida: bool,
}

/// Whether a word that was typed stands in this name, or nearly.
pub fn names(buscado: &Buscado, nombre: &str) -> bool {
    let name = text::words(nombre);
    let near = |word: &String| name.iter().any(|part| part.starts_with(word.as_str()) || palabras::misspelt(word, part).is_some());
    buscado.palabras.iter().any(near)
}

/// How well names answer the words, smaller is better; and whether a word had to be corrected.
pub fn rank(wanted: &[String], mascota: &str, tutores: &str) -> (usize, Por) {
    let (own, owners) = (text::words(mascota), text::words(tutores));
    let mut total = 0;
    let mut corrected = false;
    for word in wanted {
        let of = |name: &String| -> Option<usize> {
            if name == word {
                Some(0)
            } else if name.starts_with(word.as_str()) {
                Some(2)
            } else {
                palabras::misspelt(word, name).map(|far| 4 + far * 2)
            }
        };
        let in_own = own.iter().filter_map(of).min();
        // Between two equal matches the pet's own name counts more.
        let in_owners = owners.iter().filter_map(of).min().map(|far| far + 1);
        let best = in_own.into_iter().chain(in_owners).min().unwrap_or(30);
        corrected |= best >= 4;
        total += best;
    }
    (total, if corrected { Por::NombreParecido } else { Por::Nombre })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_box_understands_what_it_is_given() {
        assert_eq!(Buscado::read(" Ana@Ejemplo.pe ").correo.as_deref(), Some("ana@ejemplo.pe"));
        let phone = Buscado::read("987 654 321");
        assert_eq!(phone.telefono.as_deref(), Some("+51987654321"));
        assert_eq!(Buscado::read("654-321").telefono_final.as_deref(), Some("654321"));
        let dni = Buscado::read("01234567");
        assert!(dni.documentos.contains(&"dni:01234567".to_owned()), "{dni:?}");
        assert_eq!(Buscado::read("604 000 000 000 001").identificador.as_deref(), Some("604000000000001"));
        let pasted = Buscado::read(" 019a0000-0000-7000-8000-000000000001 ");
        assert!(pasted.id.is_some() && pasted.identificador.is_none() && pasted.palabras.is_empty());
        let names = Buscado::read("Luna ÑAHUI luna");
        assert_eq!(names.palabras, ["luna", "nahui"]);
        assert!(names.identificador.is_none() && names.documentos.is_empty());
    }

    #[rstest]
    #[case("luna", "Luna", "Ana Poma", "Lunares", "Ana Poma")]
    #[case("luna", "Lunares", "Ana Poma", "Lina", "Ana Poma")]
    #[case("luna", "Luna", "Ana Poma", "Max", "Rosa Luna")]
    #[case("luna poma", "Luna", "Ana Poma", "Luna", "Ana Pomar")]
    #[case("lnua poma", "Luna", "Ana Poma", "Lina", "Ana Toma")]
    fn the_better_answer_comes_first(
        #[case] typed: &str,
        #[case] pet: &str,
        #[case] owner: &str,
        #[case] other: &str,
        #[case] others: &str,
    ) {
        let words = Buscado::read(typed).palabras;
        assert!(rank(&words, pet, owner) < rank(&words, other, others));
    }
}
