//! What one domain asks of another without knowing it.
use async_trait::async_trait;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, UsuarioId},
    ports::{AgendaDeMascotas, CitaAnulada, PorReasignar, Reasignables},
};

/// Somebody who leaves leaves appointments and weekly plans behind.
pub struct CitasPorReasignar;

#[async_trait]
impl Reasignables for CitasPorReasignar {
    async fn of(&self, tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
        citas::por_reasignar(tx, usuario).await
    }
}

/// A pet that dies leaves appointments behind.
pub struct CitasDeMascotas;

#[async_trait]
impl AgendaDeMascotas for CitasDeMascotas {
    async fn anular_de_fallecida(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaAnulada>, Problem> {
        citas::anular_de_fallecida(tx, mascota).await
    }
}
