//! Words of names, how they sound, and how far apart two of them are.
use kernel::text::words;
use std::collections::BTreeSet;

/// Where a word stands: the pet's name comes before an owner's when both match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fuente {
    Mascota,
    Tutor,
}

/// The words under which a pet is found.
pub fn indexed<'a>(mascota: &str, tutores: impl IntoIterator<Item = &'a str>) -> BTreeSet<(String, Fuente)> {
    let own = words(mascota).into_iter().map(|word| (word, Fuente::Mascota));
    let owners = tutores.into_iter().flat_map(words).map(|word| (word, Fuente::Tutor));
    own.chain(owners).collect()
}

/// Spelling that people in Peru mix up and that sounds alike: b/v, s/z/soft c, ll/y/i, silent h, c/k/qu, doubled
/// letters.
pub fn sound(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    let mut index = 0;
    while let Some(&letter) = letters.get(index) {
        let next = letters.get(index + 1).copied();
        let (sounds, used) = match (letter, next) {
            ('l', Some('l')) => ('i', 2),
            ('c', Some('h')) => ('x', 2),
            ('q', Some('u')) => ('k', 2),
            ('p', Some('h')) => ('f', 2),
            ('c', Some('e' | 'i' | 'y')) | ('z', _) => ('s', 1),
            ('c' | 'q', _) => ('k', 1),
            ('v', _) => ('b', 1),
            ('y', _) => ('i', 1),
            ('w', _) => ('u', 1),
            ('h', _) => {
                index += 1;
                continue;
            }
            (other, _) => (other, 1),
        };
        if !out.ends_with(sounds) {
            out.push(sounds);
        }
        index += used;
    }
    out
}

/// Words as long as this are also found with two slips.
const LONG: usize = 7;
const SHORTEST: usize = 3;
const SHORT: usize = 6;
const LONGEST: usize = 16;

fn without_one(word: &str) -> impl Iterator<Item = String> + '_ {
    word.char_indices().map(|(at, letter)| format!("{}{}", &word[..at], &word[at + letter.len_utf8()..]))
}

/// The keys of a word: its sound, and the sound with one letter left out; of a short word also its letters.
pub fn near_keys(word: &str) -> BTreeSet<String> {
    let sound = sound(word);
    let mut keys = BTreeSet::new();
    if (SHORTEST..=LONGEST).contains(&sound.len()) {
        keys.extend(without_one(&sound));
    }
    keys.insert(sound);
    // In a short word a slip may also make it sound shorter (`coo` for `coco`): its letters count as well.
    if (SHORTEST..SHORT).contains(&word.len()) {
        keys.extend(without_one(word));
        keys.insert(word.to_owned());
    }
    keys
}

/// All keys under which a word is kept: of a long one also those with two letters left out.
pub fn all_keys(word: &str) -> BTreeSet<String> {
    let mut keys = near_keys(word);
    if (LONG..=LONGEST).contains(&sound(word).len()) {
        let twice: Vec<String> = keys.iter().flat_map(|key| without_one(key)).collect();
        keys.extend(twice);
    }
    keys
}

/// How badly `written` misspells `word`, or `None` if it is too far to be meant: two slips in a long word, one in
/// a short one. What sounds alike is nearest, then two letters swapped, then a letter more, less or other; and
/// the first letter is seldom the wrong one.
pub fn misspelt(written: &str, word: &str) -> Option<usize> {
    let first = usize::from(written.chars().next() != word.chars().next());
    let (sounds, should) = (sound(written), sound(word));
    if sounds == should {
        return Some(1 + first);
    }
    let slips = slips(&sounds, &should).min(slips(written, word));
    let allowed = if written.len() >= LONG { 2 } else { 1 };
    let swapped = usize::from(written.len() != word.len() || !same_letters(written, word));
    (slips <= allowed).then_some(slips * 3 + first + swapped)
}

fn same_letters(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(a) == sorted(b)
}

/// Optimal string alignment distance.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("lnua", "luna")]
    #[case("luuna", "luna")]
    #[case("lna", "luna")]
    #[case("lina", "luna")]
    #[case("gonsalez", "gonzales")]
    #[case("kispe", "quispe")]
    #[case("quipse", "quispe")]
    #[case("yupanki", "yupanqui")]
    #[case("basques", "vasquez")]
    #[case("rodrigeuz", "rodriguez")]
    #[case("rodigues", "rodriguez")]
    #[case("firulays", "firulais")]
    #[case("max", "mac")]
    #[case("huaman", "guaman")]
    #[case("coo", "coco")]
    fn a_slip_shares_a_key_and_is_near(#[case] written: &str, #[case] word: &str) {
        assert!(misspelt(written, word).is_some());
        assert!(!all_keys(written).is_disjoint(&all_keys(word)));
    }

    #[rstest]
    #[case("luna", "rocky")]
    #[case("luna", "lola")]
    #[case("quispe", "quiroz")]
    #[case("mamani", "maldonado")]
    fn another_word_is_not_near(#[case] written: &str, #[case] word: &str) {
        assert_eq!(misspelt(written, word), None);
    }

    #[test]
    fn the_nearest_is_ranked_first() {
        let mut words = ["tuna", "luna", "lunas"];
        words.sort_by_key(|word| misspelt("lnua", word).unwrap_or(usize::MAX));
        assert_eq!(words[0], "luna");
        assert!(misspelt("gonsales", "gonzales") < misspelt("gonsales", "consales"));
    }

    proptest::proptest! {
        // Whatever one slip does to a word, the two share a key.
        #[test]
        fn one_slip_never_hides_a_word(word in "[abcdehilmnoqrstuvyz]{4,12}", at in 0usize..12, kind in 0u8..4, letter in "[a-z]") {
            let at = at % (word.len() - 1);
            let mut slip: Vec<char> = word.chars().collect();
            let letter = letter.chars().next().unwrap_or('a');
            match kind {
                0 => { slip.remove(at); }
                1 => slip.insert(at, letter),
                2 => slip[at] = letter,
                _ => slip.swap(at, at + 1),
            }
            let slip: String = slip.into_iter().collect();
            // Two letters that sound as one may change together with the slip; only plain slips are promised.
            proptest::prop_assume!(slips(&sound(&slip), &sound(&word)) <= 1);
            proptest::prop_assume!(sound(&slip).len() >= SHORTEST && sound(&word).len() >= SHORTEST);
            proptest::prop_assert!(misspelt(&slip, &word).is_some());
            proptest::prop_assert!(!near_keys(&slip).is_disjoint(&near_keys(&word)), "{slip} {word}");
        }
    }
}
