//! What a file may bring, and by which titles its columns are known.
mod tablas;

use crate::model::{Mapeo, Tipo};
use kernel::text;
use serde::Serialize;
use tablas::{CITAS, DE_MASCOTA, MASCOTAS, PESOS, TUTORES, VACUNAS, VISITAS};
use utoipa::ToSchema;

/// Un campo que puede traer un archivo.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Campo {
    pub clave: &'static str,
    pub nombre: &'static str,
    /// Títulos con los que se reconoce su columna.
    pub titulos: &'static [&'static str],
}

/// One of these says which pet a row means.
const UNA_MASCOTA: &[&str] = &["mascota_clave", "microchip", "mascota"];

/// All fields of a kind of file.
pub fn de(tipo: Tipo) -> impl Iterator<Item = &'static Campo> + Clone {
    let (common, own) = match tipo {
        Tipo::Tutores => (&[][..], TUTORES),
        Tipo::Mascotas => (&[][..], MASCOTAS),
        Tipo::Pesos => (DE_MASCOTA, PESOS),
        Tipo::Vacunas => (DE_MASCOTA, VACUNAS),
        Tipo::Visitas => (DE_MASCOTA, VISITAS),
        Tipo::Citas => (DE_MASCOTA, CITAS),
    };
    common.iter().chain(own)
}

/// What has to have a column: of each line, one.
pub fn minimos(tipo: Tipo) -> &'static [&'static [&'static str]] {
    match tipo {
        Tipo::Tutores => &[&["nombres", "nombre_completo"]],
        Tipo::Mascotas => &[&["nombre"], &["especie"], &["tutor_clave", "tutor_documento", "tutor_telefono", "tutor_correo"]],
        Tipo::Pesos => &[UNA_MASCOTA, &["fecha"], &["kg"]],
        Tipo::Vacunas => &[UNA_MASCOTA, &["fecha"], &["vacuna"]],
        Tipo::Visitas => &[UNA_MASCOTA, &["fecha"], &["texto", "motivo"]],
        Tipo::Citas => &[UNA_MASCOTA, &["fecha"], &["servicio"]],
    }
}

/// Finds the columns by their titles: a field takes the column whose title is highest on its list, and none twice.
pub fn adivinar(tipo: Tipo, columnas: &[String]) -> Mapeo {
    // N° and Nº are written as letters.
    let plain: Vec<String> = columnas.iter().map(|columna| text::words(&columna.replace(['°', 'º'], "o")).join(" ")).collect();
    let mut found: Vec<(usize, usize, &Campo)> = Vec::new();
    for campo in de(tipo) {
        for (column, title) in plain.iter().enumerate() {
            found.extend(campo.titulos.iter().position(|known| known == title).map(|rank| (rank, column, campo)));
        }
    }
    found.sort_by_key(|(rank, column, _)| (*rank, *column));
    let mut mapeo = Mapeo::default();
    let mut taken = vec![false; columnas.len()];
    for (_, column, campo) in found {
        if !taken[column] && !mapeo.columnas.contains_key(campo.clave) {
            taken[column] = true;
            mapeo.columnas.insert(campo.clave.to_owned(), columnas[column].clone());
        }
    }
    mapeo
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::spanish(Tipo::Tutores, &["Código", "Apellidos y Nombres", "D.N.I.", "Celular", "E-mail"],
        &[("clave", "Código"), ("correo", "E-mail"), ("documento", "D.N.I."), ("nombre_completo", "Apellidos y Nombres"), ("telefono", "Celular")])]
    #[case::english(Tipo::Tutores, &["Client ID", "First Name", "Last Name", "Phone", "Zodiac"],
        &[("apellidos", "Last Name"), ("clave", "Client ID"), ("nombres", "First Name"), ("telefono", "Phone")])]
    #[case::pets(Tipo::Mascotas, &["N° HC", "Mascota", "Especie", "Fec. Nac.", "DNI Propietario"],
        &[("clave", "N° HC"), ("especie", "Especie"), ("nacimiento", "Fec. Nac."), ("nombre", "Mascota"), ("tutor_documento", "DNI Propietario")])]
    fn columns_are_found_by_their_titles(#[case] tipo: Tipo, #[case] titles: &[&str], #[case] expected: &[(&str, &str)]) {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let mapeo = adivinar(tipo, &titles);
        let found: Vec<(&str, &str)> = mapeo.columnas.iter().map(|(campo, columna)| (campo.as_str(), columna.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn titles_are_written_as_they_are_compared() {
        for tipo in Tipo::ALL.iter().copied() {
            for campo in de(tipo) {
                for titulo in campo.titulos {
                    assert_eq!(text::words(titulo).join(" "), *titulo, "{}", campo.clave);
                }
            }
            let known = |clave: &&str| de(tipo).any(|campo| campo.clave == *clave);
            assert!(minimos(tipo).iter().all(|line| line.iter().all(known)));
        }
    }
}
