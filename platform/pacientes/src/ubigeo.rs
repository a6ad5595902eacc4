//! Places of Peru by their INEI code. The table and its origin: `datos/ubigeo.csv`.
use serde::Serialize;
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::ToSchema;

static LUGARES: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../datos/ubigeo.csv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(';')).collect()
});

/// Un distrito del Perú.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ubigeo {
    /// Código de 6 dígitos del INEI.
    pub codigo: &'static str,
    pub distrito: &'static str,
    pub provincia: &'static str,
    pub departamento: &'static str,
}

impl Ubigeo {
    pub fn lugar(&self) -> String {
        format!("{}, {}, {}", self.distrito, self.provincia, self.departamento)
    }
}

fn name(codigo: &str) -> &'static str {
    LUGARES.get(codigo).copied().unwrap_or_default()
}

pub fn find(codigo: &str) -> Option<Ubigeo> {
    let (codigo, distrito) = LUGARES.get_key_value(codigo).filter(|(codigo, _)| codigo.len() == 6)?;
    Some(Ubigeo { codigo, distrito, provincia: name(&codigo[..4]), departamento: name(&codigo[..2]) })
}

/// Districts by the start of their code, or by words of their name and of the places around them. The
/// district's own name counts first.
pub fn search(text: &str, limit: usize) -> Vec<Ubigeo> {
    let wanted = kernel::text::words(text);
    let mut found: Vec<(usize, Ubigeo)> = LUGARES
        .keys()
        .filter_map(|codigo| find(codigo))
        .filter_map(|place| {
            let own = kernel::text::words(place.distrito);
            let around = kernel::text::words(&format!("{} {}", place.provincia, place.departamento));
            let in_own = wanted.iter().filter(|word| own.iter().any(|name| name.starts_with(*word))).count();
            let fits =
                |word: &String| place.codigo.starts_with(word.as_str()) || own.iter().chain(&around).any(|name| name.starts_with(word));
            wanted.iter().all(fits).then_some((wanted.len() - in_own, place))
        })
        .collect();
    found.sort_by(|(a, place), (b, other)| (a, place.distrito, place.codigo).cmp(&(b, other.distrito, other.codigo)));
    found.into_iter().map(|(_, place)| place).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_district_has_its_province_and_department() {
        let districts: Vec<Ubigeo> = LUGARES.keys().filter_map(|codigo| find(codigo)).collect();
        assert!(districts.len() > 1_850, "{}", districts.len());
        for place in districts {
            assert!(!place.provincia.is_empty() && !place.departamento.is_empty(), "{place:?}");
            assert!(kernel::text::is_ubigeo(place.codigo), "{place:?}");
        }
        assert_eq!(find("150122").map(|place| place.lugar()).as_deref(), Some("Miraflores, Lima, Lima"));
        assert_eq!(find("159999"), None);
        assert_eq!(find("1501"), None);
    }

    #[test]
    fn a_district_is_found_by_name_and_surroundings() {
        let codes = |text| search(text, 5).into_iter().map(|place| place.codigo).collect::<Vec<_>>();
        assert!(codes("miraflores arequipa").contains(&"040110"));
        assert_eq!(codes("wanchaq"), ["080108"]);
        assert_eq!(codes("150122"), ["150122"]);
        assert!(codes("ninguna parte").is_empty());
    }
}
