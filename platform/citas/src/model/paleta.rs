//! What the search box of the portal shows: patients, their owners, and when they come.
use super::Estado;
use jiff::Timestamp;
use kernel::ids::{CitaId, MascotaId, SedeId, TutorId, UsuarioId};
use pacientes::{Buscado, Encontrado, MascotaHallada, Por, TutorBreve, nombra};
use serde::Serialize;
use std::collections::HashSet;
use utoipa::ToSchema;

/// More of each than one sees at a glance helps nobody.
pub const DE_CADA: usize = 6;

/// Lo hallado con una sola búsqueda, hasta seis de cada clase, lo más parecido primero.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Hallazgos {
    pub mascotas: Vec<MascotaEnPaleta>,
    pub tutores: Vec<TutorEnPaleta>,
    /// De hoy y de los próximos treinta días, de las mascotas halladas; solo de las sedes cuya agenda puede ver.
    pub citas: Vec<CitaEnPaleta>,
}

/// Una mascota hallada, con quien responde por ella.
#[derive(Debug, Serialize, ToSchema)]
pub struct MascotaEnPaleta {
    #[serde(flatten)]
    pub mascota: MascotaHallada,
    pub tutor: Option<TutorBreve>,
    pub por: Por,
    /// Es de otra sede: de su tutor se dan solo las iniciales, y la ficha se abre por emergencia.
    pub restringida: bool,
}

/// Un tutor hallado.
#[derive(Debug, Serialize, ToSchema)]
pub struct TutorEnPaleta {
    #[serde(flatten)]
    pub tutor: TutorBreve,
    pub por: Por,
}

/// Una cita de una mascota hallada.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitaEnPaleta {
    pub id: CitaId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub estado: Estado,
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
    pub mascota: String,
    pub tutor: Option<String>,
    pub medico_id: UsuarioId,
    pub medico: String,
    pub servicio: String,
}

impl Hallazgos {
    /// Patients and the owners that were meant: found by a key of theirs, or by their own name.
    pub fn de(buscado: &Buscado, encontrados: Vec<Encontrado>) -> Self {
        let mut all = Self::default();
        let mut seen: HashSet<TutorId> = HashSet::new();
        for Encontrado { mascota, tutor, por, restringida } in encontrados {
            if let Some(tutor) = tutor.as_ref().filter(|tutor| !restringida && meant(buscado, tutor, por))
                && seen.insert(tutor.id)
            {
                all.tutores.push(TutorEnPaleta { tutor: tutor.clone(), por });
            }
            all.mascotas.extend(mascota.map(|mascota| MascotaEnPaleta { mascota, tutor, por, restringida }));
        }
        all.tutores.truncate(DE_CADA);
        all.mascotas.truncate(DE_CADA);
        all
    }

    /// Whose appointments are of interest.
    pub fn visibles(&self) -> Vec<MascotaId> {
        self.mascotas.iter().filter(|one| !one.restringida).map(|one| one.mascota.id).collect()
    }
}

fn meant(buscado: &Buscado, tutor: &TutorBreve, por: Por) -> bool {
    match por {
        Por::Documento | Por::Telefono | Por::TelefonoFinal | Por::Correo => true,
        Por::Id => buscado.id == Some(tutor.id.into()),
        Por::Identificador | Por::Lista => false,
        Por::Nombre | Por::NombreParecido => nombra(buscado, &tutor.nombre),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pet: &str, owner: &str, por: Por) -> Encontrado {
        let mascota = MascotaHallada { id: MascotaId::new(), nombre: pet.into(), especie: "canino".into(), raza: None, fallecida_en: None };
        let tutor = TutorBreve { id: TutorId::new(), nombre: owner.into(), telefono: None };
        Encontrado { mascota: Some(mascota), tutor: Some(tutor), por, restringida: false }
    }

    #[test]
    fn owners_are_shown_where_they_were_meant() {
        let buscado = Buscado::read("luna");
        let all = Hallazgos::de(&buscado, vec![found("Luna", "Ana Poma", Por::Nombre), found("Max", "Rosa Luna", Por::Nombre)]);
        assert_eq!(all.mascotas.len(), 2);
        assert_eq!(all.tutores.iter().map(|one| one.tutor.nombre.as_str()).collect::<Vec<_>>(), ["Rosa Luna"]);
        let all = Hallazgos::de(&Buscado::read("987654321"), vec![found("Luna", "Ana Poma", Por::Telefono)]);
        assert_eq!(all.tutores.len(), 1);
        let all = Hallazgos::de(&Buscado::read("604000000000001"), vec![found("Luna", "Ana Poma", Por::Identificador)]);
        assert!(all.tutores.is_empty());
    }

    #[test]
    fn of_other_sedes_no_owner_and_no_appointment() {
        let hidden = Encontrado { restringida: true, ..found("Luna", "L. P.", Por::Telefono) };
        let all = Hallazgos::de(&Buscado::read("987654321"), vec![hidden]);
        assert!(all.mascotas.len() == 1 && all.tutores.is_empty() && all.visibles().is_empty());
    }

    #[test]
    fn six_of_each() {
        let many = (0..20).map(|n| found("Luna", &format!("Luna {n}"), Por::Nombre)).collect();
        let all = Hallazgos::de(&Buscado::read("luna"), many);
        assert_eq!((all.mascotas.len(), all.tutores.len()), (DE_CADA, DE_CADA));
    }
}
