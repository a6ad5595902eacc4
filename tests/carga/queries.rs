//! What people type into the search box.
use crate::names;
use std::collections::HashSet;

pub const QUERIES: usize = 1_000;

/// So many different searches for pets of a chain of so many: by pet, by surname, by both; a third misspelt.
pub fn queries(mascotas: usize, how_many: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut queries = Vec::with_capacity(how_many);
    let mut candidates = (0..).map(|n| text(n, n * 7_919 % mascotas));
    while queries.len() < how_many {
        let Some(text) = candidates.next() else { break };
        let text = if queries.len().is_multiple_of(3) { misspell(&text, queries.len()) } else { text };
        if seen.insert(text.clone()) {
            queries.push(encode(&text));
        }
    }
    queries
}

fn text(n: usize, number: usize) -> String {
    let (mascota, apellidos) = (names::nombre_de_mascota(number), names::apellidos(number));
    let apellido = apellidos.split(' ').next().unwrap_or_default();
    match n % 5 {
        0 => mascota,
        1 => apellido.to_owned(),
        2 => apellidos,
        _ => format!("{mascota} {apellido}"),
    }
}

/// Swaps, drops or doubles one letter, as hands do.
fn misspell(text: &str, n: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = 1 + n % (letters.len() - 2);
    match n % 9 {
        0 if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        3 => drop(letters.remove(at)),
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_different_searches_a_third_misspelt() {
        for mascotas in [8_000, 200_000] {
            let names: HashSet<String> = (0..mascotas).flat_map(|number| (0..4).map(move |n| encode(&text(n, number)))).collect();
            let queries = queries(mascotas, QUERIES);
            assert_eq!(HashSet::<&String>::from_iter(&queries).len(), QUERIES);
            let misspelt = queries.iter().filter(|query| !names.contains(*query)).count();
            // A slip may by chance give another name.
            assert!((325..=334).contains(&misspelt), "{misspelt} of {mascotas}");
        }
    }
}
