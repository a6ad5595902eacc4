//! What an API key may be.
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Access, FieldError, Problem,
    ids::{ClaveApiId, SedeId, UsuarioId},
    permission::{CATALOGUE, PermissionSet, Scope, index_of},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MAXIMO: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// Una clave por crear.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaClave {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    /// Claves de permisos, ninguno que no tenga quien la crea.
    #[schema(min_items = 1, max_items = 100)]
    pub permisos: Vec<String>,
    /// Las sedes en las que vale; ausente: toda la cadena.
    #[schema(min_items = 1, max_items = 200)]
    pub sedes: Option<Vec<SedeId>>,
    /// A lo más dentro de dos años.
    pub expira_en: Timestamp,
}

/// Una clave de integración.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClaveApi {
    pub id: ClaveApiId,
    pub nombre: String,
    pub permisos: Vec<String>,
    /// Ausente: toda la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sedes: Option<Vec<SedeId>>,
    pub creada_por: UsuarioId,
    pub creada_en: Timestamp,
    pub expira_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocada_en: Option<Timestamp>,
}

/// Una clave recién creada. Los secretos se muestran esta única vez.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaveCreada {
    #[serde(flatten)]
    pub datos: ClaveApi,
    /// Para `Authorization: Bearer`. Ausente al repetir la solicitud con la misma `Idempotency-Key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clave: Option<String>,
    /// Identificador de cliente de OAuth2.
    pub client_id: String,
    /// Secreto de cliente de OAuth2. Ausente al repetir la solicitud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// A key is made and revoked, never changed.
impl HasVersion for ClaveCreada {
    fn version(&self) -> i32 {
        1
    }
}

impl NuevaClave {
    /// All that is wrong with it, for somebody with these rights, at this time.
    pub fn check(&self, mine: &Access, now: Timestamp) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self.expira_en <= now || self.expira_en > now + MAXIMO {
            errors.push(FieldError::new("/expira_en", "debe ser una fecha futura, a lo más dentro de dos años"));
        }
        for (position, permiso) in self.permisos.iter().enumerate() {
            if let Err(detail) = self.check_permiso(permiso, mine) {
                errors.push(FieldError::new(format!("/permisos/{position}"), detail));
            }
        }
        Problem::check(errors)
    }

    fn check_permiso(&self, permiso: &str, mine: &Access) -> Result<(), &'static str> {
        let index = index_of(permiso).ok_or("no es un permiso del catálogo")?;
        if self.sedes.is_some() && CATALOGUE[index].alcance == Scope::Cadena {
            return Err("solo se puede otorgar en toda la cadena");
        }
        let held = |set: PermissionSet| set.contains(index);
        let mine = match &self.sedes {
            None => held(mine.cadena),
            Some(sedes) => sedes.iter().all(|sede| held(mine.in_sede(*sede))),
        };
        if mine { Ok(()) } else { Err("no se puede otorgar un permiso que no se tiene ahí") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-11-23T15:00:00Z".parse().expect("a time")
    }
    fn clave(permisos: &[&str], sedes: Option<Vec<SedeId>>, expira_en: Timestamp) -> NuevaClave {
        NuevaClave { nombre: "web".into(), permisos: permisos.iter().map(ToString::to_string).collect(), sedes, expira_en }
    }
    fn later() -> Timestamp {
        now() + SignedDuration::from_hours(24)
    }

    #[test]
    fn every_fault_is_named() {
        let mine = Access::default();
        let problem = clave(&["cita.ver", "no.existe"], None, now()).check(&mine, now()).expect_err("all wrong");
        let json = serde_json::to_value(problem).expect("plain data");
        let pointers: Vec<&str> = json["errors"].as_array().expect("errors").iter().filter_map(|e| e["pointer"].as_str()).collect();
        assert_eq!(pointers, ["/expira_en", "/permisos/0", "/permisos/1"]);
    }

    #[test]
    fn a_chain_permission_is_not_given_in_one_sede() {
        let sede = SedeId::new();
        let mine = Access { cadena: (0..CATALOGUE.len()).collect(), sedes: Vec::new() };
        assert!(clave(&["rol.administrar"], None, later()).check(&mine, now()).is_ok());
        assert!(clave(&["rol.administrar"], Some(vec![sede]), later()).check(&mine, now()).is_err());
    }

    #[test]
    fn two_years_at_most() {
        let mine = Access { cadena: (0..CATALOGUE.len()).collect(), sedes: Vec::new() };
        assert!(clave(&["cita.ver"], None, now() + MAXIMO).check(&mine, now()).is_ok());
        assert!(clave(&["cita.ver"], None, now() + MAXIMO + SignedDuration::from_secs(1)).check(&mine, now()).is_err());
    }

    proptest! {
        #[test]
        fn nobody_gives_what_they_do_not_hold(cadena in 0u64..1 << 20, a in 0u64..1 << 20, wanted in 0..20usize, only_a: bool) {
            let set = |bits: u64| (0..20).filter(|index| bits & (1 << index) != 0).collect::<PermissionSet>();
            let (sede, other) = (SedeId(Uuid::from_u128(1)), SedeId(Uuid::from_u128(2)));
            let mine = Access { cadena: set(cadena), sedes: vec![(sede, set(a))] };
            prop_assume!(CATALOGUE[wanted].alcance == Scope::Sede);
            let sedes = if only_a { vec![sede] } else { vec![sede, other] };
            let allowed = clave(&[CATALOGUE[wanted].clave], Some(sedes.clone()), later()).check(&mine, now()).is_ok();
            prop_assert_eq!(allowed, sedes.iter().all(|sede| mine.in_sede(*sede).contains(wanted)));
            let everywhere = clave(&[CATALOGUE[wanted].clave], None, later()).check(&mine, now()).is_ok();
            prop_assert_eq!(everywhere, mine.cadena.contains(wanted));
        }
    }
}
