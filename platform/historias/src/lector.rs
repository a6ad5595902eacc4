//! Facts of pets for alert rules: of one that just changed, or of all of a chain at night.
use crate::{
    model::{Hechos, Nombres},
    store::{hechos as store, vacunas},
};
use kernel::{Problem, Tx, ids::MascotaId};

/// Events after which the facts of a pet are other than before.
pub const CAMBIAN_HECHOS: &[&str] = &[
    "hecho_clinico.anotado",
    "hecho_clinico.anulado",
    "hecho_clinico.terminado",
    "mascota.cambiada",
    "mascota.fallecida",
    "mascota.fallecimiento_corregido",
    "mascota.fusion_deshecha",
    "mascota.fusionada",
    "mascota.pesada",
    "mascota.peso_anulado",
    "mascota.registrada",
];

/// Reads facts. What the chain's names of vaccines mean is looked up once, when it is made.
#[derive(Debug)]
pub struct Lector(Nombres);

impl Lector {
    pub async fn new(tx: &mut Tx) -> Result<Self, Problem> {
        Ok(Self(vacunas::catalogo(tx).await?.nombres()))
    }

    /// The facts of a pet; `None` of one that is not seen.
    pub async fn una(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Option<Hechos>, Problem> {
        Ok(store::one(tx, mascota).await?.map(|leida| self.hechos(leida)))
    }

    /// The facts of the next pets that live, in one statement: begin with `None`, go on behind the last one, until there
    /// are none. A batch of a thousand is a few megabytes.
    pub async fn lote(&self, tx: &mut Tx, despues: Option<MascotaId>, limite: i64) -> Result<Vec<Hechos>, Problem> {
        Ok(store::batch(tx, despues, limite).await?.into_iter().map(|leida| self.hechos(leida)).collect())
    }

    /// The facts of those of these pets that live, in the order of their ids.
    pub async fn varias(&self, tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<Hechos>, Problem> {
        Ok(store::some(tx, mascotas).await?.into_iter().map(|leida| self.hechos(leida)).collect())
    }

    fn hechos(&self, (mascota, pesos, lineas): store::Leida) -> Hechos {
        Hechos::new(mascota, pesos, lineas, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_facts_is_an_event_of_the_catalogue() {
        for tema in CAMBIAN_HECHOS {
            assert!(kernel::eventos::permission_of(tema).is_some(), "{tema}");
        }
    }
}
