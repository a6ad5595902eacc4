//! Invented owners. Names are common ones, put together by chance; documents begin with digits that are not given
//! out (DNI 99…, RUC 2099…), telephones with 9000, and the addresses end in `.example.pe`.
use super::{listas::lista, rng::Rng};
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
        notas: rng.chance(0.05).then(|| rng.word(lista("notas.tutor")).to_owned()),
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
    let nombre = format!("{} {} {}", rng.word(lista("rubros")), rng.word(lista("titulos")), rng.pick(&["S.A.C.", "E.I.R.L.", "S.R.L."]));
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
    let list = lista(if rng.chance(0.6) { "mujeres" } else { "hombres" });
    let first = rng.word(list);
    let second = rng.word(list);
    if rng.chance(0.45) && second != first { format!("{first} {second}") } else { first.to_owned() }
}

/// Surnames differ from region to region; the department is the beginning of the UBIGEO.
fn apellido(rng: &mut Rng, ubigeo: Option<&str>) -> &'static str {
    let (regionales, share) = match ubigeo.and_then(|codigo| codigo.get(..2)) {
        Some("03" | "05" | "08" | "09" | "21") => ("apellidos.andes", 0.65),
        Some("04" | "12" | "18" | "23") => ("apellidos.andes", 0.45),
        Some("06" | "13" | "14" | "20" | "24") => ("apellidos.norte", 0.25),
        Some("16" | "22" | "25") => ("apellidos.selva", 0.4),
        _ => ("apellidos.andes", 0.25),
    };
    let list = lista(if rng.chance(share) { regionales } else { "apellidos" });
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
    let (via, nombre, puerta) = (rng.word(lista("vias")), rng.word(lista("calles")), rng.between(101, 1_990));
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
