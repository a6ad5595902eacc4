//! Many appointments at once, from an importer or a demonstration.
use crate::{model::Estado, store};
use jiff::Timestamp;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, MascotaId, SedeId, ServicioId, UsuarioId},
};

/// An appointment whose time and resources somebody else decided.
#[derive(Debug, Clone)]
pub struct CitaImportada {
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
    pub medico_id: UsuarioId,
    pub servicio_id: ServicioId,
    pub ambiente_id: Option<AmbienteId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub ocupado_desde: Timestamp,
    pub ocupado_hasta: Timestamp,
    pub estado: Estado,
    pub motivo: Option<String>,
}

/// Inserts what fits; what the exclusion constraints refuse is left out. Answers those that went in. One
/// audit line stands for the batch.
pub async fn importar(tx: &mut Tx, lote: &[CitaImportada]) -> Result<Vec<CitaId>, Problem> {
    let ids = store::importar(tx, lote).await?;
    let batch = kernel::Change::new("importar", "cita", uuid::Uuid::now_v7())
        .despues(serde_json::json!({ "citas": ids.len(), "rechazadas": lote.len() - ids.len() }));
    tx.audit(batch);
    Ok(ids)
}
