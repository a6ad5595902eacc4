//! The lists of `listas.txt`.
use std::{collections::HashMap, sync::LazyLock};

/// A text that is drawn `peso` times as often as others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    pub texto: &'static str,
    pub peso: u32,
    /// Of a breed: between which weights a grown one is, in kg.
    pub kg: (f64, f64),
}

static LISTAS: LazyLock<HashMap<&'static str, Vec<Item>>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Vec<Item>> = HashMap::new();
    let lines = include_str!("listas.txt").lines().filter(|line| !line.starts_with('#'));
    for (name, items) in lines.filter_map(|line| line.split_once(':')) {
        all.entry(name).or_default().extend(items.split(';').map(item));
    }
    all
});

/// `Shih Tzu 90 4.5-8`
fn item(text: &'static str) -> Item {
    let text = text.trim();
    let range = |last: &str| last.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    let (text, kg) = match text.rsplit_once(' ').map(|(rest, last)| (rest, range(last))) {
        Some((rest, Some(kg))) => (rest, kg),
        _ => (text, (0.0, 0.0)),
    };
    match text.rsplit_once(' ').map(|(rest, last)| (rest, last.parse())) {
        Some((texto, Ok(peso))) => Item { texto, peso, kg },
        _ => Item { texto: text, peso: 1, kg },
    }
}

/// A list by its name, or by the part before its first dot; empty if there is none.
pub fn lista(name: &str) -> &'static [Item] {
    let short = || name.split_once('.').and_then(|(short, _)| LISTAS.get(short));
    LISTAS.get(name).or_else(short).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_their_weights() {
        let read = |text| {
            let Item { texto, peso, kg } = item(text);
            (texto, peso, kg)
        };
        assert_eq!(read(" Shih Tzu 90 4.5-8"), ("Shih Tzu", 90, (4.5, 8.0)));
        assert_eq!(read("María 40"), ("María", 40, (0.0, 0.0)));
        assert_eq!(read("Negro y fuego"), ("Negro y fuego", 1, (0.0, 0.0)));
    }

    #[test]
    fn lists_are_there_and_hold_what_they_should() {
        assert!(LISTAS.len() > 40 && LISTAS.values().flatten().all(|item| !item.texto.is_empty() && item.peso > 0));
        let breeds = LISTAS.iter().filter(|(name, _)| name.starts_with("razas.")).flat_map(|(_, items)| items);
        assert!(breeds.clone().count() > 80 && breeds.clone().all(|raza| 0.0 < raza.kg.0 && raza.kg.0 <= raza.kg.1));
        assert_eq!(lista("colores.cuy"), lista("colores"));
        assert_eq!(lista("nombres.huron.macho"), lista("nombres"));
        assert!(lista("otra.cosa").is_empty());
    }
}
