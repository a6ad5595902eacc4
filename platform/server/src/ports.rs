//! What one domain asks of another without knowing it.
use async_trait::async_trait;
use kernel::{
    Problem, Tx,
    ids::UsuarioId,
    ports::{PorReasignar, Reasignables},
};

/// Somebody who leaves leaves appointments behind.
pub struct CitasPorReasignar;

#[async_trait]
impl Reasignables for CitasPorReasignar {
    async fn of(&self, tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
        let citas = citas::por_reasignar(tx, usuario).await?;
        Ok(citas.into_iter().map(|(id, sede_id, desde)| PorReasignar { tipo: "cita", id: id.into(), sede_id, desde }).collect())
    }
}
