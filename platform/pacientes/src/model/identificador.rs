//! Microchips, tags and registers of a pet.
use kernel::{FieldError, text};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// Clase de identificador.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IdentificadorTipo {
    Microchip,
    Placa,
    PlacaRabia,
    RegistroMunicipal,
    Otro,
}

/// Identificador de una mascota, como lo dicta una persona.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identificador {
    pub tipo: IdentificadorTipo,
    /// Un microchip tiene 15 dígitos (ISO 11784).
    #[schema(min_length = 1, max_length = 40, format = "texto")]
    pub valor: String,
}

impl Identificador {
    /// As it is compared: upper case letters and digits.
    pub fn normal(&self) -> String {
        text::identifier(&self.valor)
    }

    pub fn check(&self, at: &str, errors: &mut Vec<FieldError>) {
        let normal = self.normal();
        if self.tipo == IdentificadorTipo::Microchip && (normal.len() != 15 || !normal.bytes().all(|byte| byte.is_ascii_digit())) {
            errors.push(FieldError::new(format!("{at}/valor"), "un microchip tiene 15 dígitos"));
        } else if normal.is_empty() {
            errors.push(FieldError::new(format!("{at}/valor"), "debe tener letras o dígitos"));
        }
    }
}

/// Identificador de una mascota.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Identificado {
    pub tipo: IdentificadorTipo,
    pub valor: String,
    /// Lo que llama la atención sin ser un error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aviso: Option<String>,
}

impl Identificado {
    pub fn new(tipo: IdentificadorTipo, valor: String) -> Self {
        let prefix = text::identifier(&valor).get(..3).and_then(|prefix| prefix.parse::<u16>().ok());
        // ISO 11784: the country (Peru 604) or, from 900 to 998, the maker.
        let usual = prefix.is_none_or(|prefix| prefix == 604 || (900..=998).contains(&prefix));
        let aviso = (tipo == IdentificadorTipo::Microchip && !usual)
            .then(|| "El prefijo no es del Perú (604) ni de un fabricante (900 a 998).".into());
        Self { tipo, valor, aviso }
    }
}

pub fn check_identifiers(all: &[Identificador], at: &str, errors: &mut Vec<FieldError>) {
    let mut seen = HashSet::new();
    for (index, identificador) in all.iter().enumerate() {
        identificador.check(&format!("{at}/{index}"), errors);
        if !seen.insert((identificador.tipo, identificador.normal())) {
            errors.push(FieldError::new(format!("{at}/{index}"), "está repetido"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("604000000000001", false)]
    #[case("981000000000001", false)]
    #[case("123000000000001", true)]
    fn an_odd_prefix_only_warns(#[case] valor: &str, #[case] odd: bool) {
        assert_eq!(Identificado::new(IdentificadorTipo::Microchip, valor.into()).aviso.is_some(), odd);
    }
}
