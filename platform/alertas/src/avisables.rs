//! Whom a letter about a free hour would reach: asked before the hour is held for somebody, and decided as the letter itself
//! will be ([`Caso`]), by what its owner wants and agreed to and by the channels of the sede.
use crate::{
    canales::{Canal, Canales},
    model::{Caso, Tipo, orden},
    store::{ajustes, preferencias},
};
use async_trait::async_trait;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, TenantId, TutorId},
    ports::Avisables,
};
use pacientes::{Contacto, Finalidad};
use std::collections::HashSet;

/// The letter with the offer.
const TIPO: Tipo = Tipo::EsperaOferta;

/// By these channels, besides e-mail.
pub struct AvisablesPorCanales(Vec<Canal>);

impl AvisablesPorCanales {
    /// As they are switched on now: asked while no transaction is open.
    pub async fn de(canales: &dyn Canales, tenant: TenantId) -> Result<Self, Problem> {
        Ok(Self(canales.activos(tenant).await?))
    }
}

#[async_trait]
impl Avisables for AvisablesPorCanales {
    async fn de_una_hora(&self, tx: &mut Tx, sede: SedeId, mascotas: &[MascotaId]) -> Result<HashSet<MascotaId>, Problem> {
        let contactos = pacientes::contactos_de_mascotas(tx, mascotas).await?;
        let tutores: Vec<TutorId> = contactos.values().map(|contacto| contacto.tutor).collect();
        let said = pacientes::consentido(tx, &tutores, Finalidad::Recordatorios).await?;
        let propios = preferencias::of(tx, &tutores).await?;
        let de_cadena = ajustes::get(tx).await?.datos.canales;
        let reached = |contacto: &Contacto| {
            let orden = orden(TIPO, propios.get(&contacto.tutor).cloned(), &de_cadena);
            let caso = Caso {
                tipo: TIPO,
                orden: &orden,
                correo: contacto.correo.as_deref(),
                telefono: contacto.telefono.as_deref(),
                consentido: said.get(&contacto.tutor).copied().unwrap_or_default(),
                canales: &self.0,
                sede: Some(sede),
                fallidos: &[],
            };
            caso.elegir().is_ok()
        };
        Ok(contactos.iter().filter(|(_, contacto)| reached(contacto)).map(|(mascota, _)| *mascota).collect())
    }
}
