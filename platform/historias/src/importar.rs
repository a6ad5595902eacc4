//! Clinical facts as the demonstration hands them over.
use crate::{
    model::{Asiento, DetalleClinico, mediodia},
    store::clinicos as store,
};
use jiff::civil::Date;
use kernel::{
    Change, Problem, Tx,
    ids::{HechoClinicoId, MascotaId, SedeId, UsuarioId},
};
use serde_json::json;
use uuid::Uuid;

/// A line of some pet's past in this chain.
#[derive(Debug, Clone)]
pub struct HechoImportado {
    pub mascota: MascotaId,
    pub detalle: DetalleClinico,
    pub titulo: String,
    pub fecha: Date,
    pub hasta: Option<Date>,
    pub proxima: Option<Date>,
    pub sede: Option<SedeId>,
    pub medico: Option<UsuarioId>,
    pub anterior: bool,
}

impl HechoImportado {
    fn asiento(self) -> Asiento {
        Asiento {
            detalle: self.detalle,
            titulo: self.titulo,
            fecha: self.fecha,
            en: mediodia(self.fecha),
            hasta: self.hasta,
            proxima: self.proxima,
            texto: None,
            sede_id: self.sede,
            medico_id: self.medico,
            cita_id: None,
            profesional: None,
            anterior: self.anterior,
        }
    }
}

/// Notes a batch, all or nothing, under the constraints of the database. The audit gets one line for the batch.
pub async fn importar(tx: &mut Tx, lote: Vec<HechoImportado>) -> Result<(), Problem> {
    let lines: Vec<_> = lote.into_iter().map(|one| (HechoClinicoId::new(), one.mascota, one.asiento())).collect();
    store::insert(tx, &lines).await?;
    tx.audit(Change::new("importar", "hecho_clinico", Uuid::now_v7()).despues(json!({ "hechos": lines.len() })));
    Ok(())
}
