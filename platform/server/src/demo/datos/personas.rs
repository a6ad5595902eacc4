//! Invented owners. Names are common ones, put together by chance; documents begin with digits that are not given
//! out (DNI 99…, RUC 2099…), telephones with 9000, and the addresses end in `.example.pe`.
use super::rng::Rng;
use kernel::text::{self, DocumentoTipo};
use pacientes::{DatosTutor, Documento};

/// The owner of the chain's `numero`-th family, at home in the sede's district or near it.
pub fn tutor(rng: &mut Rng, numero: usize, sede: Option<&str>) -> DatosTutor {
    let ubigeo = distrito(rng, sede);
    let ubigeo = ubigeo.as_deref();
    if rng.chance(0.02) {
        return empresa(rng, numero, ubigeo);
    }
    let (nombres, apellidos) = (nombres(rng), format!("{} {}", apellido(rng, ubigeo), apellido(rng, ubigeo)));
    let correo = rng.chance(0.7).then(|| correo(&nombres, &apellidos, numero));
    DatosTutor {
        documento: documento(rng, numero),
        telefono: rng.chance(0.96).then(|| telefono(numero)),
        correo,
        direccion: rng.chance(0.8).then(|| direccion(rng)),
        ubigeo: ubigeo.map(str::to_owned),
        notas: rng.chance(0.05).then(|| (*rng.pick(NOTAS)).to_owned()),
        nombres,
        apellidos: Some(apellidos),
    }
}

/// Half live in the sede's own district, the others in the same province.
fn distrito(rng: &mut Rng, sede: Option<&str>) -> Option<String> {
    let sede = sede?;
    let near = DISTRITOS.iter().find(|(provincia, _)| sede.starts_with(provincia));
    let codigo = match near {
        Some((_, distritos)) if rng.chance(0.5) => rng.pick(distritos),
        _ => sede,
    };
    Some(codigo.to_owned())
}

fn empresa(rng: &mut Rng, numero: usize, ubigeo: Option<&str>) -> DatosTutor {
    let nombre = format!("{} {} {}", rng.pick(RUBROS), rng.pick(TITULOS), rng.pick(&["S.A.C.", "E.I.R.L.", "S.R.L."]));
    DatosTutor {
        nombres: nombre,
        documento: Some(Documento { tipo: DocumentoTipo::Ruc, numero: ruc(numero) }),
        telefono: Some(telefono(numero)),
        correo: Some(format!("contacto.{numero}@correo.example.pe")),
        direccion: Some(direccion(rng)),
        ubigeo: ubigeo.map(str::to_owned),
        ..DatosTutor::default()
    }
}

fn nombres(rng: &mut Rng) -> String {
    let list = if rng.chance(0.6) { MUJERES } else { HOMBRES };
    let first = rng.word(list);
    let second = rng.word(list);
    if rng.chance(0.45) && second != first { format!("{first} {second}") } else { first.to_owned() }
}

/// Surnames differ from region to region; the department is the beginning of the UBIGEO.
fn apellido(rng: &mut Rng, ubigeo: Option<&str>) -> &'static str {
    let (regionales, share) = match ubigeo.and_then(|codigo| codigo.get(..2)) {
        Some("03" | "05" | "08" | "09" | "21") => (ANDINOS, 0.65),
        Some("04" | "12" | "18" | "23") => (ANDINOS, 0.45),
        Some("06" | "13" | "14" | "20" | "24") => (NORTENOS, 0.25),
        Some("16" | "22" | "25") => (AMAZONICOS, 0.4),
        _ => (ANDINOS, 0.25),
    };
    let list = if rng.chance(share) { regionales } else { COMUNES };
    rng.word(list)
}

fn documento(rng: &mut Rng, numero: usize) -> Option<Documento> {
    let (tipo, numero) = match rng.between(1, 100) {
        1..=89 => (DocumentoTipo::Dni, format!("99{:06}", scattered(numero))),
        90..=93 => (DocumentoTipo::Ce, format!("009{:06}", scattered(numero))),
        94..=95 => (DocumentoTipo::Pasaporte, format!("XX{:06}", scattered(numero))),
        _ => return None,
    };
    Some(Documento { tipo, numero })
}

/// A number of six digits that looks drawn and is unique for a million: 7919 and 10⁶ have no common divisor.
fn scattered(numero: usize) -> usize {
    (numero * 7_919 + 4_211) % 1_000_000
}

fn ruc(numero: usize) -> String {
    let start = format!("2099{:06}", scattered(numero));
    // The only check digit that fits.
    (0..10).map(|digit| format!("{start}{digit}")).find(|ruc| text::is_ruc(ruc)).unwrap_or_default()
}

fn telefono(numero: usize) -> String {
    format!("9000{:05}", (numero * 7_919 + 311) % 100_000)
}

fn correo(nombres: &str, apellidos: &str, numero: usize) -> String {
    let first = |text: &str| text::words(text).into_iter().next().unwrap_or_default();
    format!("{}.{}.{numero}@correo.example.pe", first(nombres), first(apellidos))
}

fn direccion(rng: &mut Rng) -> String {
    let (via, nombre, puerta) = (rng.pick(VIAS), rng.pick(CALLES), rng.between(101, 1_990));
    if rng.chance(0.3) {
        format!("{via} {nombre} {puerta}, dpto. {}0{}", rng.between(1, 9), rng.between(1, 4))
    } else {
        format!("{via} {nombre} {puerta}")
    }
}

/// Province, and districts around its capital (INEI).
const DISTRITOS: &[(&str, &[&str])] = &[
    ("0401", &["040101", "040126", "040103", "040104", "040129", "040112"]),
    ("0801", &["080101", "080104", "080105", "080106", "080108"]),
    ("1301", &["130101", "130102", "130104", "130105", "130111"]),
    ("1401", &["140101", "140105", "140106", "140112"]),
    ("1501", &["150104", "150108", "150114", "150122", "150130", "150131", "150140", "150141"]),
    ("1601", &["160101", "160108", "160112", "160113"]),
    ("2001", &["200101", "200104", "200115"]),
    ("2401", &["240101", "240102"]),
];
const VIAS: &[&str] = &["Av.", "Jr.", "Calle", "Calle", "Pasaje", "Psje.", "Urb."];
const CALLES: &[&str] = &[
    "Los Arrayanes",
    "Las Retamas",
    "Los Molles",
    "Las Cantutas",
    "Los Algarrobos",
    "Las Gardenias",
    "Los Cedros",
    "Las Begonias",
    "Los Ficus",
    "El Tumbo",
    "La Lúcuma",
    "El Pacae",
    "Los Tulipanes",
    "Las Moras",
    "Los Eucaliptos",
    "El Sauce",
    "La Tuna",
    "Los Nogales",
    "Las Totoras",
    "El Capulí",
    "Los Jacarandás",
    "Las Palmeras",
    "El Molino",
    "La Acequia",
    "Los Zorzales",
    "Las Gaviotas",
    "El Colibrí",
    "Los Cóndores",
    "Las Vicuñas",
    "El Huarango",
    "La Alameda Vieja",
    "Los Girasoles",
];
const NOTAS: &[&str] = &[
    "Prefiere que la llamen por la tarde.",
    "Prefiere mensajes antes que llamadas.",
    "Viene siempre con su hijo.",
    "Pide factura.",
    "Llega en taxi: avisar si hay demora.",
    "Suele venir los sábados.",
    "Necesita estacionamiento.",
];
const RUBROS: &[&str] = &["Criadero", "Albergue", "Hospedaje Canino", "Fundo", "Granja", "Refugio", "Escuela Canina", "Almacenes"];
const TITULOS: &[&str] = &[
    "Cuatro Patas",
    "El Buen Amigo",
    "Patitas Felices",
    "Valle Imaginario",
    "Los Hocicos",
    "La Colita",
    "San Ficticio",
    "Cerro Inventado",
    "Huellitas del Sur",
    "El Ladrido",
    "Tres Bigotes",
    "La Manada",
];
const MUJERES: &[(&str, u32)] = &[
    ("María", 40),
    ("Rosa", 26),
    ("Ana", 22),
    ("Carmen", 18),
    ("Luz", 16),
    ("Juana", 12),
    ("Julia", 11),
    ("Elizabeth", 14),
    ("Milagros", 12),
    ("Gladys", 9),
    ("Norma", 8),
    ("Patricia", 13),
    ("Flor", 9),
    ("Sonia", 8),
    ("Yolanda", 7),
    ("Teresa", 8),
    ("Victoria", 8),
    ("Nelly", 7),
    ("Martha", 7),
    ("Silvia", 8),
    ("Karina", 9),
    ("Gabriela", 11),
    ("Lucía", 11),
    ("Andrea", 12),
    ("Claudia", 10),
    ("Valeria", 10),
    ("Diana", 10),
    ("Katherine", 9),
    ("Fiorella", 9),
    ("Jessica", 9),
    ("Vanessa", 8),
    ("Melissa", 7),
    ("Daniela", 9),
    ("Camila", 9),
    ("Ximena", 6),
    ("Angélica", 5),
    ("Roxana", 6),
    ("Maribel", 6),
    ("Nancy", 6),
    ("Olga", 5),
    ("Esther", 5),
    ("Ruth", 5),
    ("Noemí", 4),
    ("Pilar", 5),
    ("Mónica", 6),
    ("Liliana", 5),
    ("Cecilia", 5),
    ("Alejandra", 7),
    ("Sofía", 8),
    ("Nataly", 5),
    ("Yesenia", 6),
    ("Maritza", 4),
    ("Delia", 4),
    ("Justina", 2),
    ("Saturnina", 1),
    ("Killa", 1),
    ("Sisa", 1),
    ("Wayra", 1),
    ("Rosalinda", 2),
    ("Zoila", 3),
    ("Bertha", 4),
    ("Doris", 4),
    ("Margarita", 4),
    ("Edith", 4),
    ("Lourdes", 5),
];
const HOMBRES: &[(&str, u32)] = &[
    ("José", 34),
    ("Luis", 30),
    ("Juan", 28),
    ("Carlos", 26),
    ("Jorge", 18),
    ("Miguel", 16),
    ("Víctor", 13),
    ("César", 12),
    ("Pedro", 11),
    ("Manuel", 11),
    ("Julio", 10),
    ("Óscar", 8),
    ("Raúl", 7),
    ("Walter", 7),
    ("Percy", 5),
    ("Edwin", 7),
    ("Wilfredo", 4),
    ("Freddy", 5),
    ("Ángel", 8),
    ("Jesús", 9),
    ("Fernando", 8),
    ("Roberto", 7),
    ("Ricardo", 7),
    ("Eduardo", 8),
    ("Alberto", 6),
    ("Enrique", 6),
    ("Javier", 7),
    ("Daniel", 9),
    ("Diego", 9),
    ("Kevin", 8),
    ("Renzo", 6),
    ("Gonzalo", 5),
    ("Sebastián", 6),
    ("Rodrigo", 6),
    ("Alonso", 4),
    ("Bryan", 5),
    ("Jhon", 6),
    ("Cristian", 6),
    ("Franco", 4),
    ("Marco", 7),
    ("Héctor", 5),
    ("Hugo", 5),
    ("Félix", 4),
    ("Rubén", 5),
    ("Iván", 5),
    ("Wilmer", 5),
    ("Elmer", 4),
    ("Nilton", 3),
    ("Fidel", 2),
    ("Santos", 3),
    ("Segundo", 3),
    ("Eusebio", 1),
    ("Teófilo", 1),
    ("Amaru", 1),
    ("Inti", 1),
    ("Edgar", 5),
    ("Richard", 4),
    ("Gustavo", 5),
];
const COMUNES: &[(&str, u32)] = &[
    ("García", 24),
    ("Rodríguez", 24),
    ("Sánchez", 22),
    ("Flores", 22),
    ("Rojas", 18),
    ("Díaz", 18),
    ("Torres", 18),
    ("López", 17),
    ("Gonzales", 17),
    ("Pérez", 16),
    ("Ramírez", 16),
    ("Vásquez", 15),
    ("Ramos", 16),
    ("Castillo", 14),
    ("Castro", 13),
    ("Chávez", 15),
    ("Fernández", 14),
    ("Espinoza", 13),
    ("Gutiérrez", 13),
    ("Mendoza", 13),
    ("Ruiz", 12),
    ("Silva", 11),
    ("Vargas", 12),
    ("Salazar", 10),
    ("Cruz", 12),
    ("Reyes", 9),
    ("Romero", 9),
    ("Morales", 8),
    ("Herrera", 8),
    ("Medina", 8),
    ("Rivera", 7),
    ("Aguilar", 7),
    ("Campos", 7),
    ("Delgado", 7),
    ("Paredes", 7),
    ("Cárdenas", 6),
    ("Cabrera", 6),
    ("Valdivia", 5),
    ("Zapata", 5),
    ("Palacios", 6),
    ("Vega", 6),
    ("Ortiz", 6),
    ("Guerrero", 6),
    ("Suárez", 5),
    ("Núñez", 5),
    ("Peña", 5),
    ("Ríos", 5),
    ("León", 6),
    ("Soto", 5),
    ("Córdova", 5),
    ("Alvarado", 5),
    ("Arias", 4),
    ("Navarro", 4),
    ("Ponce", 4),
    ("Carrasco", 4),
    ("Ñahui", 1),
    ("Bravo", 4),
    ("Salas", 4),
    ("Tello", 3),
    ("Zevallos", 4),
    ("Villanueva", 4),
    ("Miranda", 4),
    ("Cáceres", 4),
    ("Benavides", 3),
    ("Quiroz", 3),
    ("Loayza", 3),
    ("Zegarra", 3),
    ("Ugarte", 2),
    ("Pacheco", 4),
    ("Acosta", 3),
    ("Meza", 4),
    ("Zúñiga", 3),
    ("Maldonado", 3),
    ("Lozano", 3),
    ("Tapia", 4),
];
/// Quechua and Aymara surnames.
const ANDINOS: &[(&str, u32)] = &[
    ("Quispe", 60),
    ("Mamani", 44),
    ("Huamán", 40),
    ("Condori", 24),
    ("Apaza", 16),
    ("Choque", 14),
    ("Ccopa", 5),
    ("Huanca", 15),
    ("Ticona", 9),
    ("Chura", 6),
    ("Ccori", 4),
    ("Yupanqui", 9),
    ("Puma", 8),
    ("Cusi", 6),
    ("Huarcaya", 4),
    ("Poma", 9),
    ("Sulca", 7),
    ("Ñaupari", 2),
    ("Inga", 6),
    ("Llactahuamán", 1),
    ("Huayhua", 5),
    ("Ccallo", 4),
    ("Limachi", 3),
    ("Vilca", 11),
    ("Pari", 7),
    ("Layme", 4),
    ("Nina", 6),
    ("Chipana", 5),
    ("Ttito", 4),
    ("Tupa", 4),
    ("Challco", 5),
    ("Ccahuana", 5),
    ("Huallpa", 9),
    ("Sucari", 3),
    ("Yucra", 4),
    ("Coaquira", 4),
    ("Calla", 4),
    ("Cutipa", 6),
    ("Pilco", 6),
    ("Quilla", 3),
    ("Rimachi", 3),
    ("Atauchi", 2),
    ("Chuquimia", 3),
    ("Machaca", 7),
    ("Arapa", 3),
    ("Hancco", 5),
    ("Illatopa", 1),
    ("Taipe", 6),
    ("Waraqa", 1),
    ("Curi", 5),
    ("Chambi", 5),
    ("Huillca", 7),
    ("Cahuana", 5),
    ("Soncco", 4),
    ("Tito", 5),
    ("Ancco", 3),
];
/// Of the northern coast, some of them Mochica and Tallán.
const NORTENOS: &[(&str, u32)] = &[
    ("Chapoñán", 8),
    ("Farroñán", 7),
    ("Suclupe", 8),
    ("Llontop", 9),
    ("Chero", 8),
    ("Bances", 6),
    ("Santisteban", 6),
    ("Chiroque", 8),
    ("Yarlequé", 6),
    ("Sernaqué", 6),
    ("Vílchez", 7),
    ("Purizaca", 6),
    ("Nunura", 5),
    ("Ipanaqué", 6),
    ("Timaná", 5),
    ("Mogollón", 5),
    ("Capuñay", 6),
    ("Puicón", 5),
    ("Effio", 5),
    ("Zeña", 5),
    ("Querevalú", 4),
    ("Chunga", 6),
    ("Temoche", 5),
    ("Ancajima", 5),
    ("Azabache", 5),
    ("Huamanchumo", 5),
    ("Piminchumo", 4),
];
/// Of the forest.
const AMAZONICOS: &[(&str, u32)] = &[
    ("Tuanama", 6),
    ("Shupingahua", 6),
    ("Isuiza", 5),
    ("Tapullima", 6),
    ("Sangama", 6),
    ("Pinedo", 8),
    ("Panduro", 8),
    ("Tananta", 6),
    ("Ahuanari", 6),
    ("Manihuari", 6),
    ("Yahuarcani", 6),
    ("Murayari", 6),
    ("Tamani", 5),
    ("Pacaya", 7),
    ("Curitima", 4),
    ("Yaicate", 4),
    ("Mozombite", 5),
    ("Amasifuén", 6),
    ("Cachique", 6),
    ("Guerra", 6),
    ("Chujandama", 4),
    ("Huaymacari", 4),
    ("Taricuarima", 4),
    ("Macedo", 5),
    ("Arirama", 5),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn documents_are_valid_and_unique_and_telephones_are_telephones() {
        let mut rng = Rng::new("personas");
        let mut seen = HashSet::new();
        for numero in 0..20_000 {
            let tutor = tutor(&mut rng, numero, Some("080101"));
            if let Some(documento) = tutor.documento {
                let normal = documento.tipo.normalise(&documento.numero).expect("a valid document");
                assert!(seen.insert((documento.tipo as u8, normal)), "{documento:?} twice");
            }
            assert!(tutor.telefono.is_none_or(|telefono| text::phone(&telefono).is_some()));
            assert!(tutor.correo.is_none_or(|correo| text::is_email(&correo) && correo.ends_with("@correo.example.pe")));
        }
        assert!(seen.len() > 18_000);
    }
}
