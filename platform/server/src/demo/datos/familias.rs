//! Families of a chain: an owner with one to three pets, at home in one of the sedes.
use super::{agenda::Cadena, animales::Catalogo, personas, rng::Rng};
use jiff::{SignedDuration, Timestamp, civil::time, tz};
use pacientes::PacienteImportado;

pub struct Familia {
    /// Its place in `Cadena::sedes`.
    pub sede: usize,
    /// Keys of the pets' species, in their order.
    pub especies: Vec<&'static str>,
    pub paciente: PacienteImportado,
}

/// Families until there are `mascotas` pets. A sede has as many as its vets have hours.
pub fn generar(cadena: &Cadena, catalogo: &Catalogo, mascotas: usize, now: Timestamp) -> Vec<Familia> {
    let mut rng = Rng::new(&format!("familias/{}", cadena.clave));
    let hours = |sede| cadena.turnos.iter().filter(|t| t.sede_id == sede).map(|t| t.hasta.duration_since(t.desde).as_hours() as u32).sum();
    let sedes: Vec<(usize, u32)> = cadena.sedes.iter().enumerate().map(|(index, sede)| (index, hours(sede.id))).collect();
    let (mut familias, mut count) = (Vec::new(), 0);
    while count < mascotas {
        let Some((sede, _)) = rng.weighted(&sedes, |(_, hours)| *hours) else { break };
        let familia = familia(&mut rng, cadena, catalogo, *sede, familias.len(), now);
        if familia.especies.is_empty() {
            break;
        }
        count += familia.especies.len();
        familias.push(familia);
    }
    familias
}

fn familia(rng: &mut Rng, cadena: &Cadena, catalogo: &Catalogo, sede: usize, numero: usize, now: Timestamp) -> Familia {
    let registro = registro(rng, now);
    let tutor = personas::tutor(rng, numero, cadena.sedes[sede].ubigeo.as_deref());
    let count = match rng.between(1, 100) {
        1..=64 => 1,
        65..=91 => 2,
        _ => 3,
    };
    let pets = (0..count).filter_map(|which| catalogo.mascota(rng, numero * 3 + which, registro, now));
    let (especies, mascotas) = pets.unzip();
    Familia { sede, especies, paciente: PacienteImportado { tutor, mascotas, registrado_en: registro } }
}

/// During the last five years, by day: most of them lately, because the chain grows.
fn registro(rng: &mut Rng, now: Timestamp) -> Timestamp {
    let ago = rng.unit().powf(1.25) * 5.0 * 365.25 * 24.0;
    let lima = tz::TimeZone::fixed(tz::offset(-5));
    let day = (now - SignedDuration::from_hours(ago as i64)).to_zoned(lima.clone()).date();
    let hour = time(8 + rng.below(11) as i8, rng.below(60) as i8, 0, 0);
    let at = lima.to_timestamp(day.to_datetime(hour)).unwrap_or(now);
    if at < now { at } else { at - SignedDuration::from_hours(24) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::datos::agenda::Sede;
    use citas::Turno;
    use kernel::ids::{EspecieId, RazaId, SedeId, UsuarioId};
    use pacientes::EspecieConRazas;
    use std::collections::HashSet;

    fn now() -> Timestamp {
        "2026-03-02T16:05:00Z".parse().expect("a time")
    }

    fn generated() -> Vec<Familia> {
        let sede = |ubigeo: &str| Sede {
            id: SedeId::new(),
            codigo: ubigeo.to_owned(),
            nombre: ubigeo.to_owned(),
            ubigeo: Some(ubigeo.to_owned()),
            ambientes: Vec::new(),
            equipos: Vec::new(),
        };
        let sedes = vec![sede("150122"), sede("080108")];
        let turno = |(sede, hours): (&Sede, i64)| Turno {
            sede_id: sede.id,
            medico_id: UsuarioId::new(),
            fecha: jiff::civil::date(2026, 3, 2),
            desde: now(),
            hasta: now() + SignedDuration::from_hours(hours),
        };
        let turnos = sedes.iter().zip([9, 3]).map(turno).collect();
        let especie = |clave: &str, raza: &str| EspecieConRazas {
            id: EspecieId::new(),
            clave: clave.to_owned(),
            razas: vec![(RazaId::new(), raza.to_owned())],
        };
        let catalogo = Catalogo::new(&[especie("perro", "Mestizo"), especie("gato", "Siamés"), especie("hamster", "Sirio")]);
        generar(&Cadena { clave: "prueba".into(), sedes, servicios: vec![], medicos: vec![], turnos }, &catalogo, 5_000, now())
    }

    #[test]
    fn families_are_the_same_every_time() {
        let names = |familias: &[Familia]| -> Vec<String> {
            let pets = |f: &Familia| {
                f.paciente.mascotas.iter().map(|m| format!("{}{:?}", m.mascota.nombre, m.mascota.nacimiento)).collect::<String>()
            };
            familias.iter().map(|f| format!("{} {:?} {}", f.paciente.tutor.nombres, f.paciente.tutor.documento, pets(f))).collect()
        };
        assert_eq!(names(&generated()), names(&generated()));
    }

    #[test]
    fn pets_are_born_before_they_register_and_weigh_what_they_can() {
        let familias = generated();
        let pets: Vec<_> = familias.iter().flat_map(|f| f.paciente.mascotas.iter().map(move |m| (f.paciente.registrado_en, m))).collect();
        assert!((5_000..5_003).contains(&pets.len()));
        for (registro, pet) in &pets {
            let day = registro.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date();
            assert!(*registro < now() && pet.mascota.nacimiento.expect("known") <= day);
            assert!(pet.pesos.iter().all(|(at, kg)| *at >= *registro && *at < now() && *kg > 0.0 && *kg < 90.0), "{pet:?}");
        }
        let dogs = pets.iter().filter(|(_, pet)| pet.mascota.especie.as_deref() == Some("perro")).count() as f64 / pets.len() as f64;
        assert!((0.64..0.74).contains(&dogs), "{dogs}");
        let names: HashSet<&str> = pets.iter().map(|(_, pet)| pet.mascota.nombre.as_str()).collect();
        assert!(names.len() > 220 && names.contains("Luna") && names.contains("Firulais"));
        let lima = familias.iter().filter(|familia| familia.sede == 0).count() as f64 / familias.len() as f64;
        assert!((0.7..0.8).contains(&lima), "{lima}");
    }
}
