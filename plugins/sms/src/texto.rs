//! What fits into a text message: 160 letters of the GSM alphabet, or 70 of any other.

/// What the provider takes at once.
pub const MOST: usize = 1000;

/// GSM 03.38 without its control characters; those of its second table count twice.
const BASIC: &str =
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n\r";
const EXTENDED: &str = "^{}\\[~]|€";

/// With the letters of the GSM alphabet, as far as they say the same; ñ, é and ü are in it, á, í, ó and ú are not.
pub fn plain(text: &str) -> String {
    text.chars().map(letter).collect()
}

fn letter(letter: char) -> &'static str {
    match letter {
        'á' | 'â' | 'ã' | 'ª' => "a",
        'í' | 'î' | 'ï' => "i",
        'ó' | 'ô' | 'õ' | 'º' | '°' => "o",
        'ú' | 'û' => "u",
        'ê' | 'ë' => "e",
        'ç' => "Ç",
        'Á' | 'À' | 'Â' | 'Ã' => "A",
        'Í' | 'Ì' | 'Î' => "I",
        'Ó' | 'Ò' | 'Ô' | 'Õ' => "O",
        'Ú' | 'Ù' | 'Û' => "U",
        'Ê' | 'Ë' | 'È' => "E",
        '«' | '»' | '“' | '”' | '„' => "\"",
        '‘' | '’' | '´' | '`' => "'",
        '–' | '—' | '‑' | '•' | '·' => "-",
        '…' => "...",
        '\u{a0}' | '\u{202f}' | '\t' => " ",
        other => kept(other),
    }
}

/// A letter of the alphabet as it is; what neither is in it nor looks like something in it goes.
fn kept(letter: char) -> &'static str {
    let among = |alphabet: &'static str| {
        alphabet.char_indices().find(|(_, known)| *known == letter).map(|(at, known)| &alphabet[at..at + known.len_utf8()])
    };
    among(BASIC).or_else(|| among(EXTENDED)).unwrap_or("")
}

/// How many messages it is charged as.
pub fn parts(text: &str) -> usize {
    let weight = |letter: char| match letter {
        letter if BASIC.contains(letter) => Some(1),
        letter if EXTENDED.contains(letter) => Some(2),
        _ => None,
    };
    let (length, single, joined) = match text.chars().map(weight).sum::<Option<usize>>() {
        Some(length) => (length, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= single { 1 } else { length.div_ceil(joined) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_here_fits_and_says_the_same() {
        assert_eq!(plain("Sábado 10:30, ¿confirma a Ñusta? «Sí» — ü é…"), "Sabado 10:30, ¿confirma a Ñusta? \"Si\" - ü é...");
        assert_eq!(plain("Luna 🐶 cumple [3] años"), "Luna  cumple [3] años");
        assert_eq!(parts(&plain(&"ó".repeat(160))), 1);
    }

    #[test]
    fn an_accent_makes_it_dearer() {
        assert_eq!((parts(&"o".repeat(160)), parts(&"o".repeat(161)), parts(&"o".repeat(307))), (1, 2, 3));
        assert_eq!((parts(&"ó".repeat(70)), parts(&"ó".repeat(71))), (1, 2));
        assert_eq!((parts(&"€".repeat(80)), parts(&"€".repeat(81))), (1, 2));
    }
}
