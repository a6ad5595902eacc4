//! Which chain an address names: `andes.huella.pe` is the chain `andes` of the installation `huella.pe`.

/// The host of an address, without scheme, port and path.
pub fn of_url(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    without_port(rest.split(['/', '?', '#']).next().unwrap_or_default())
}

/// A host as a request names it, without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// The chain that `host` names, where `base` is the installation's own host. `localhost` always is one: on a developer's
/// machine and in the demonstration every chain has an address without asking anybody. Says nothing about whether there
/// is such a chain.
pub fn cadena_de(host: &str, base: &str) -> Option<String> {
    let host = without_port(host).trim_end_matches('.').to_ascii_lowercase();
    let label = |base: &str| host.strip_suffix(base)?.strip_suffix('.');
    let label = label(base).or_else(|| label("localhost"))?;
    is_key(label).then(|| label.to_owned())
}

/// As the key of a chain is written.
pub fn is_key(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
    first && (2..=40).contains(&text.len()) && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("andes.localhost:8080", Some("andes"))]
    #[case("Andes.Huella.pe", Some("andes"))]
    #[case("andes.huella.pe.", Some("andes"))]
    #[case("huella.pe", None)]
    #[case("localhost:8080", None)]
    #[case("127.0.0.1:8080", None)]
    #[case("[::1]:8080", None)]
    #[case("andes.malo.pe", None)]
    #[case("andesxhuella.pe", None)]
    #[case("a.b.huella.pe", None)]
    #[case("9.huella.pe", None)]
    #[case("<x>.huella.pe", None)]
    fn one_label_before_the_base_is_a_chain(#[case] host: &str, #[case] expected: Option<&str>) {
        assert_eq!(cadena_de(host, "huella.pe").as_deref(), expected);
    }

    #[rstest]
    #[case("https://huella.pe/x", "huella.pe")]
    #[case("http://127.0.0.1:8080", "127.0.0.1")]
    #[case("http://[::1]:8080", "[::1]")]
    fn the_host_of_an_address(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(of_url(url), expected);
    }
}
