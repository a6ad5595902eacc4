//! Whole modules, on or off.
use kernel::{FieldError, modulos::CATALOGUE, version::HasVersion};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Un módulo de la plataforma.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Modulo {
    /// Como `agenda`.
    pub clave: &'static str,
    pub nombre: &'static str,
    pub activo: bool,
    /// Si esta versión de la plataforma lo tiene: si no, no se puede cambiar.
    pub existe: bool,
}

/// Los módulos de la cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Modulos {
    pub modulos: Vec<Modulo>,
    pub version: i32,
}

impl HasVersion for Modulos {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Los módulos que cambian: los que no se nombran quedan como están.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioModulos {
    #[schema(value_type = Object, example = json!({ "agenda": false }))]
    pub modulos: BTreeMap<String, bool>,
}

impl Modulos {
    pub fn of(apagados: &BTreeSet<String>, version: i32) -> Self {
        let modulo = |known: &kernel::modulos::Modulo| Modulo {
            clave: known.clave,
            nombre: known.nombre,
            activo: known.existe && !apagados.contains(known.clave),
            existe: known.existe,
        };
        Self { modulos: CATALOGUE.iter().map(modulo).collect(), version }
    }
}

impl CambioModulos {
    pub fn check(&self) -> Vec<FieldError> {
        let wrong = |clave: &String| {
            let why = match CATALOGUE.iter().find(|known| known.clave == clave) {
                None => "no es un módulo",
                Some(known) if !known.existe => "todavía no existe",
                Some(_) => return None,
            };
            Some(FieldError::new(format!("/modulos/{}", clave.replace('~', "~0").replace('/', "~1")), why))
        };
        self.modulos.keys().filter_map(wrong).collect()
    }

    pub fn apply(&self, apagados: &mut BTreeSet<String>) {
        for (clave, activo) in &self.modulos {
            match activo {
                true => apagados.remove(clave),
                false => apagados.insert(clave.clone()),
            };
        }
    }
}
