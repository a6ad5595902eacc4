//! What one domain asks of another without knowing it.
use async_trait::async_trait;
use kernel::{
    Problem, Tx,
    ids::UsuarioId,
    ports::{PorReasignar, Reasignables},
};

/// Somebody who leaves leaves appointments and weekly plans behind.
pub struct CitasPorReasignar;

#[async_trait]
impl Reasignables for CitasPorReasignar {
    async fn of(&self, tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
        citas::por_reasignar(tx, usuario).await
    }
}
