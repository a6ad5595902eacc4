//! What one domain asks of another without knowing it.
use async_trait::async_trait;
use kernel::{
    Problem, Tx,
    ids::{CitaId, MascotaId, TutorId, UsuarioId},
    ports::{AgendaDeMascotas, CitaBreve, CitaDeMascota, CitasQueChocan, Conducta, PorReasignar, Reasignables},
};

/// Somebody who leaves leaves appointments and weekly plans behind.
pub struct CitasPorReasignar;

#[async_trait]
impl Reasignables for CitasPorReasignar {
    async fn of(&self, tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
        citas::por_reasignar(tx, usuario).await
    }
}

/// A pet that dies leaves appointments behind; of two that are one, they come together.
pub struct CitasDeMascotas;

#[async_trait]
impl AgendaDeMascotas for CitasDeMascotas {
    async fn anular_de_fallecida(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaBreve>, Problem> {
        citas::anular_de_fallecida(tx, mascota).await
    }
    async fn que_chocan(&self, tx: &mut Tx, una: MascotaId, otra: MascotaId) -> Result<Vec<CitasQueChocan>, Problem> {
        citas::que_chocan(tx, una, otra).await
    }
    async fn pasar(&self, tx: &mut Tx, de: MascotaId) -> Result<Vec<CitaId>, Problem> {
        citas::pasar(tx, de).await
    }
    async fn por_venir(&self, tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<CitaBreve>, Problem> {
        citas::por_venir(tx, mascotas).await
    }
    async fn conducta(&self, tx: &mut Tx, tutor: TutorId) -> Result<Conducta, Problem> {
        citas::conducta(tx, tutor).await
    }
    async fn de_mascota(&self, tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaDeMascota>, Problem> {
        citas::de_mascota(tx, mascota).await
    }
    async fn devolver(&self, tx: &mut Tx, citas: &[CitaId], desde: MascotaId, a: MascotaId) -> Result<(), Problem> {
        citas::devolver(tx, citas, desde, a).await
    }
}
