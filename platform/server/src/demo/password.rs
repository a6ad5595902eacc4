//! Everybody's password in one demonstration: made by its first start, easy to type, the same ever after.
use super::folder::Folder;
use anyhow::Result;
use cluster::private;

const CONSONANTS: [&str; 16] = ["b", "ch", "d", "f", "g", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "y"];
const VOWELS: [&str; 4] = ["a", "e", "i", "o"];

pub fn file(folder: &Folder) -> std::path::PathBuf {
    folder.join("demo.clave")
}

pub fn of(folder: &Folder) -> Result<String> {
    Ok(private::kept_in(&file(folder), invent)?)
}

/// Four words of two syllables and a number, such as `lamo-tiche-sora-vipe-4821`: 61 bits by chance.
fn invent() -> cluster::Result<String> {
    let [first, second, rest @ ..] = private::random_bytes::<10>()?;
    let syllables = rest.map(|byte| {
        let byte = usize::from(byte);
        format!("{}{}", CONSONANTS[byte % 16], VOWELS[byte / 16 % 4])
    });
    let words: Vec<String> = syllables.chunks(2).map(<[String]>::concat).collect();
    Ok(format!("{}-{:04}", words.join("-"), u16::from_le_bytes([first, second]) % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use organizacion::identidad::contrasena;
    use std::collections::HashSet;

    #[test]
    fn invented_passwords_differ_and_meet_the_policy() {
        let invented: HashSet<String> = (0..500).map(|_| invent().expect("chance")).collect();
        assert_eq!(invented.len(), 500);
        for password in &invented {
            assert_eq!(password.split('-').count(), 5, "{password}");
            assert!(password.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{password}");
            assert!(contrasena::faults("/contrasena", password, &["Camila", "camila.torres@andes.example.pe"]).is_empty(), "{password}");
        }
    }
}
