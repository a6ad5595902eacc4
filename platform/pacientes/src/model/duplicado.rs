//! What makes two records look like the same one. The document of an owner and the microchip of a pet are more than a
//! likeness: the database refuses the second one.
use super::{Buscado, FichaTutor, Por, TutorBreve, phone_tail, problemas};
use kernel::{
    Problem,
    ids::{MascotaId, TutorId},
    text,
};
use serde::Serialize;

/// In what they are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Motivo {
    Telefono,
    Correo,
    NombreYTelefono,
    NombreYEspecie,
}

/// A record that may be the one about to be made.
#[derive(Debug, Serialize)]
pub struct Candidato {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor_id: Option<TutorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mascota_id: Option<MascotaId>,
    /// Names and phone only for who may see records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nombre: Option<String>,
    /// The last three digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefono: Option<String>,
    pub motivos: Vec<Motivo>,
}

/// The same words, in any order, with or without accents.
pub fn same_name(one: &str, other: &str) -> bool {
    let sorted = |name: &str| {
        let mut words = text::words(name);
        words.sort_unstable();
        words
    };
    sorted(one) == sorted(other)
}

impl FichaTutor {
    /// What to look for in the chain.
    pub fn keys(&self) -> Buscado {
        let telefono_final = self.telefono.as_deref().and_then(phone_tail).map(str::to_owned);
        Buscado { correo: self.correo.clone(), telefono: self.telefono.clone(), telefono_final, ..Buscado::default() }
    }

    /// `found` by [`FichaTutor::keys`]: one line per key. The last digits alone are too little.
    pub fn alike(&self, tutor: &TutorBreve, found: &[Por]) -> Option<Candidato> {
        let motivo = |por: &Por| match por {
            Por::Telefono => Some(Motivo::Telefono),
            Por::Correo => Some(Motivo::Correo),
            Por::TelefonoFinal if !found.contains(&Por::Telefono) && same_name(&self.nombre(), &tutor.nombre) => {
                Some(Motivo::NombreYTelefono)
            }
            _ => None,
        };
        let mut motivos: Vec<Motivo> = found.iter().filter_map(motivo).collect();
        motivos.sort_unstable();
        motivos.dedup();
        let TutorBreve { id, nombre, telefono } = tutor.clone();
        (!motivos.is_empty()).then_some(Candidato { tutor_id: Some(id), mascota_id: None, nombre: Some(nombre), telefono, motivos })
    }
}

/// The 409 that names whom this may already be. `nombrar`: whether the caller may see records.
pub fn refuse(candidatos: Vec<Candidato>, nombrar: bool) -> Result<(), Problem> {
    if candidatos.is_empty() {
        return Ok(());
    }
    let shown: Vec<Candidato> = candidatos
        .into_iter()
        .map(|candidato| if nombrar { candidato } else { Candidato { nombre: None, telefono: None, ..candidato } })
        .collect();
    Err(Problem::new(problemas::POSIBLE_DUPLICADO)
        .detail("Si no es ninguno de estos, repita con confirmar_duplicado=true.")
        .with("candidatos", shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("María José Ñahui", "nahui maria  jose", true)]
    #[case("María Ñahui", "María José Ñahui", false)]
    fn names_are_the_same_in_any_order_and_without_accents(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        assert_eq!(same_name(one, other), same);
    }

    #[rstest]
    #[case(&[Por::Telefono, Por::TelefonoFinal], "Otra Persona", &[Motivo::Telefono])]
    #[case(&[Por::Correo, Por::Telefono], "Otra Persona", &[Motivo::Telefono, Motivo::Correo])]
    #[case(&[Por::TelefonoFinal], "Poma Ana", &[Motivo::NombreYTelefono])]
    #[case(&[Por::TelefonoFinal], "Otra Persona", &[])]
    fn phone_or_mail_is_enough_and_the_last_digits_need_the_name(#[case] found: &[Por], #[case] nombre: &str, #[case] motivos: &[Motivo]) {
        let ficha = FichaTutor {
            nombres: "Ana".into(),
            apellidos: "Poma".into(),
            documento: None,
            telefono: Some("+51987654321".into()),
            correo: None,
            direccion: None,
            ubigeo: None,
            notas: None,
        };
        let tutor = TutorBreve { id: TutorId::new(), nombre: nombre.into(), telefono: None };
        assert_eq!(ficha.alike(&tutor, found).map(|candidato| candidato.motivos).unwrap_or_default(), motivos);
    }
}
