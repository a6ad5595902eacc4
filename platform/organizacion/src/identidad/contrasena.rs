//! What makes a password good enough. Length over symbols (NIST SP 800-63B): at least 12 characters, nothing
//! that attackers try first, nothing that the account itself gives away.
use kernel::{FieldError, text};

pub const MINIMO: usize = 12;
pub const MAXIMO: usize = 256;

/// Stems that attackers try first, here and in Peru. A password that is one of these plus decoration (digits,
/// symbols, other case, `@` for `a`) is one of these.
const COMUNES: &[&str] = &[
    "password",
    "passw",
    "contrasena",
    "contrasenia",
    "clave",
    "secreto",
    "secret",
    "qwerty",
    "qwertyuiop",
    "qwertyui",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "admin",
    "administrador",
    "administrator",
    "root",
    "usuario",
    "user",
    "login",
    "welcome",
    "bienvenido",
    "bienvenida",
    "letmein",
    "iloveyou",
    "tequiero",
    "teamo",
    "princesa",
    "princess",
    "dragon",
    "monkey",
    "football",
    "futbol",
    "baseball",
    "superman",
    "batman",
    "sunshine",
    "master",
    "shadow",
    "michael",
    "jesus",
    "jesuscristo",
    "dios",
    "america",
    "peru",
    "lima",
    "arequipa",
    "cusco",
    "trujillo",
    "alianza",
    "alianzalima",
    "universitario",
    "sporting",
    "cristal",
    "vivaperu",
    "veterinaria",
    "veterinario",
    "mascota",
    "mascotas",
    "perro",
    "perrito",
    "gato",
    "gatito",
    "huella",
    "huellas",
    "clinica",
    "computadora",
    "internet",
    "google",
    "facebook",
    "samsung",
    "changeme",
    "cambiame",
    "temporal",
    "prueba",
    "test",
    "testing",
    "hola",
    "holamundo",
    "helloworld",
    "hello",
    "abcdef",
    "abcdefgh",
    "abcdefghijkl",
    "verano",
    "invierno",
    "primavera",
    "otono",
    "enero",
    "diciembre",
    "lunes",
    "viernes",
    "familia",
    "amor",
    "corazon",
    "estrella",
    "chocolate",
    "correcthorsebatterystaple",
];

/// All that is wrong with a password, for the field `pointer`. `propios`: names and address of the account.
pub fn faults(pointer: &'static str, contrasena: &str, propios: &[&str]) -> Vec<FieldError> {
    let length = contrasena.chars().count();
    let fault = |detail: &'static str| FieldError::new(pointer, detail);
    let mut errors = Vec::new();
    if length < MINIMO {
        errors.push(fault("debe tener al menos 12 caracteres"));
    }
    if length > MAXIMO {
        errors.push(fault("debe tener como máximo 256 caracteres"));
    }
    if is_common(contrasena) {
        errors.push(fault("es demasiado común: elija una frase que solo usted diría"));
    }
    if gives_away(contrasena, propios) {
        errors.push(fault("no puede contener su nombre ni su correo"));
    }
    errors
}

fn plain(text: &str) -> String {
    text::words(text).concat()
}

/// As people read it: lower case, no accents, the usual stand-ins for letters undone.
fn letters(text: &str) -> String {
    let undone: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '3' => 'e',
            '1' | '!' => 'i',
            '0' => 'o',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect();
    plain(&undone)
}

fn is_common(contrasena: &str) -> bool {
    let bare = plain(contrasena);
    let undecorated = contrasena.trim_matches(|c: char| !c.is_alphabetic());
    let forms = [bare.clone(), letters(contrasena), letters(undecorated), plain(undecorated)];
    forms.iter().any(|form| is_stem(form)) || is_pattern(&bare)
}

/// A stem, or stems one after another and nothing else (`clavesecreto`, `peruperu`).
fn is_stem(text: &str) -> bool {
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for start in 0..text.len() {
        if reachable[start] {
            for stem in COMUNES.iter().filter(|stem| text[start..].starts_with(**stem)) {
                reachable[start + stem.len()] = true;
            }
        }
    }
    !text.is_empty() && reachable[text.len()]
}

/// Few different characters, one short piece repeated, or a run up or down the alphabet or the digits.
fn is_pattern(text: &str) -> bool {
    let bytes = text.as_bytes();
    let different = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
    let repeats = (1..=4).any(|size| bytes.len() >= size * 2 && bytes.iter().zip(&bytes[size..]).all(|(a, b)| a == b));
    let step = |pair: &[u8]| i16::from(pair[1]) - i16::from(pair[0]);
    let runs = bytes.windows(2).filter(|pair| matches!(step(pair), -1..=1 | 9 | -9)).count();
    different < 5 || repeats || (bytes.len() > 4 && runs * 10 >= (bytes.len() - 1) * 8)
}

/// Whether it contains a name or a part of the address. Parts under four letters are in too many words.
fn gives_away(contrasena: &str, propios: &[&str]) -> bool {
    let (bare, undone) = (plain(contrasena), letters(contrasena));
    let parts = propios.iter().flat_map(|own| text::words(own));
    parts.filter(|part| part.len() >= 4).any(|part| bare.contains(&part) || undone.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const ANA: &[&str] = &["Ana María", "Quispe Ñahui", "aquispe@patitas.pe"];

    #[rstest]
    #[case::phrase("caballo verde tras la lluvia", 0)]
    #[case::random("x7#Kp2!vQz9m", 0)]
    #[case::short("x7#Kp2!vQz", 1)]
    #[case::common("contraseña2026!", 1)]
    #[case::decorated("P@ssw0rd12345", 1)]
    #[case::two_stems("VeterinariaPeru2026", 1)]
    #[case::digits("123456789012", 1)]
    #[case::repeated("abcabcabcabc", 1)]
    #[case::one_letter("aaaaaaaaaaaa", 1)]
    #[case::surname("mi-Quispe-linda-99", 1)]
    #[case::surname_disguised("zapatos qu1sp3 rojos", 1)]
    #[case::accent_in_name("los zapatos de nahui", 1)]
    #[case::address("patitas y otras cosas", 1)]
    #[case::all_at_once("Maria123", 2)]
    #[case::all_three("quispe", 2)]
    #[case::common_and_short("clave123", 2)]
    fn every_fault_is_named(#[case] contrasena: &str, #[case] wrong: usize) {
        let faults = faults("/contrasena", contrasena, ANA);
        assert_eq!(faults.len(), wrong, "{contrasena}: {faults:?}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,300}") {
            faults("/contrasena", &text, ANA);
        }
        #[test]
        fn random_passwords_are_fine(text in "[a-zA-Z0-9#%&+=?]{20,40}") {
            // Chance may spell a pattern, but not in twenty characters of which ten differ.
            proptest::prop_assume!(text.chars().collect::<std::collections::BTreeSet<_>>().len() > 12);
            proptest::prop_assert!(faults("/contrasena", &text, &[]).is_empty());
        }
    }
}
