//! Who asks, from where, and what they may do in which sede.
use crate::{
    ids::{ClaveApiId, SedeId, SesionId, TenantId, UsuarioId},
    modulos::Apagados,
    permission::PermissionSet,
    ports::Quota,
};
use std::sync::{Arc, OnceLock};

/// Who acts. An API key acts in its own name, never in that of the person who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    Usuario(UsuarioId),
    ClaveApi(ClaveApiId),
    Sistema,
    Anonimo,
}

impl Actor {
    pub fn tipo(self) -> &'static str {
        match self {
            Self::Usuario(_) => "usuario",
            Self::ClaveApi(_) => "clave_api",
            Self::Sistema => "sistema",
            Self::Anonimo => "anonimo",
        }
    }
    pub fn id(self) -> Option<uuid::Uuid> {
        match self {
            Self::Usuario(id) => Some(id.into()),
            Self::ClaveApi(id) => Some(id.into()),
            Self::Sistema | Self::Anonimo => None,
        }
    }
}

/// Where a request came from, for the audit and the sign-in log.
#[derive(Debug, Clone)]
pub struct Origin {
    pub ip: std::net::IpAddr,
    pub agent: Arc<str>,
    /// W3C trace id, 32 hex digits.
    pub trace: Arc<str>,
}

/// What the access log and the answer may say of a request once it is known: chain, sede and measure, never a person. Put into the
/// request's extensions by the server, filled in by `Ctx`.
#[derive(Debug, Default)]
pub struct Trail {
    tenant: OnceLock<TenantId>,
    sede: OnceLock<SedeId>,
    quota: OnceLock<Quota>,
}

impl Trail {
    pub fn tenant(&self) -> Option<TenantId> {
        self.tenant.get().copied()
    }
    pub fn sede(&self) -> Option<SedeId> {
        self.sede.get().copied()
    }
    /// What is left of the measure that this request was counted in.
    pub fn quota(&self) -> Option<Quota> {
        self.quota.get().copied()
    }
    pub fn note_quota(&self, quota: Quota) {
        let _ = self.quota.set(quota);
    }
    pub(crate) fn note_tenant(&self, tenant: TenantId) {
        let _ = self.tenant.set(tenant);
    }
    pub(crate) fn note_sede(&self, sede: SedeId) {
        let _ = self.sede.set(sede);
    }
}

/// What one actor may do: chain-wide and in each sede. Compiled from the chain's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    pub cadena: PermissionSet,
    pub sedes: Vec<(SedeId, PermissionSet)>,
}

impl Access {
    /// The sedes in which permission number `index` is held; `None` if in none.
    pub fn sedes_with(&self, index: usize) -> Option<Sedes> {
        if self.cadena.contains(index) {
            return Some(Sedes::Cadena);
        }
        let sedes: Vec<SedeId> = self.sedes.iter().filter(|(_, set)| set.contains(index)).map(|(sede, _)| *sede).collect();
        (!sedes.is_empty()).then(|| Sedes::Lista(sedes.into()))
    }

    /// All that is held in one sede, chain-wide permissions included.
    pub fn in_sede(&self, sede: SedeId) -> PermissionSet {
        let own = self.sedes.iter().find(|(id, _)| *id == sede).map(|(_, set)| *set).unwrap_or_default();
        own.union(self.cadena)
    }
}

/// The sedes that a transaction can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sedes {
    Cadena,
    Lista(Arc<[SedeId]>),
}

impl Sedes {
    pub fn none() -> Self {
        Self::Lista(Arc::from([]))
    }
    pub fn contains(&self, sede: SedeId) -> bool {
        match self {
            Self::Cadena => true,
            Self::Lista(sedes) => sedes.contains(&sede),
        }
    }
    /// What both see; `None` if that is nothing.
    pub fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Cadena, sedes) | (sedes, Self::Cadena) => Some(sedes.clone()),
            (Self::Lista(mine), theirs) => {
                let both: Arc<[SedeId]> = mine.iter().copied().filter(|sede| theirs.contains(*sede)).collect();
                (!both.is_empty()).then_some(Self::Lista(both))
            }
        }
    }
    /// Whether all that `other` sees is seen from here.
    pub fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Cadena => *self == Self::Cadena,
            Self::Lista(sedes) => sedes.iter().all(|sede| self.contains(*sede)),
        }
    }
}

/// The answer of a [`crate::ports::Gate`] to valid credentials.
#[derive(Debug, Clone)]
pub struct Identity {
    pub tenant: TenantId,
    pub actor: Actor,
    pub sesion: Option<SesionId>,
    pub access: Arc<Access>,
    /// The chain shows people only the patients that are known in their sedes.
    pub solo_sus_pacientes: bool,
    /// The modules that the chain does without.
    pub apagados: Apagados,
    /// A role asks for a second factor that this person has not enrolled yet: nothing but enrolling is allowed.
    pub debe_enrolar: bool,
    /// Somebody left the computer: nothing but the PIN, or signing out.
    pub bloqueada: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rights_meet_in_the_sedes_of_both() {
        let (one, two) = (SedeId::new(), SedeId::new());
        let list = |sedes: &[SedeId]| Sedes::Lista(sedes.into());
        assert_eq!(Sedes::Cadena.and(&list(&[one])), Some(list(&[one])));
        assert_eq!(list(&[one, two]).and(&list(&[two])), Some(list(&[two])));
        assert_eq!(list(&[one]).and(&list(&[two])), None);
    }

    #[test]
    fn only_the_whole_chain_covers_the_whole_chain() {
        let (one, two) = (SedeId::new(), SedeId::new());
        let list = |sedes: &[SedeId]| Sedes::Lista(sedes.into());
        assert!(Sedes::Cadena.covers(&Sedes::Cadena) && Sedes::Cadena.covers(&list(&[one])));
        assert!(!list(&[one, two]).covers(&Sedes::Cadena));
        assert!(list(&[one, two]).covers(&list(&[two])) && list(&[one]).covers(&Sedes::none()));
        assert!(!list(&[one]).covers(&list(&[one, two])));
    }
}
