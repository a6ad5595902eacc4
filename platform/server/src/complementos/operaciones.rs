//! What is asked of plugins under a key: who has to ask again hands over the reference that an earlier attempt was answered, also
//! if the process that heard it died before it could say so to whoever asked.
use super::Complementos;
use ::complementos::operaciones as registro;
use kernel::{Problem, ids::TenantId};

/// A message handed over.
pub(super) const SEND: &str = "send";

impl Complementos {
    /// Before the call.
    pub(super) async fn empezar(
        &self,
        tenant: TenantId,
        complemento: &str,
        operacion: &str,
        clave: &str,
    ) -> Result<Option<String>, Problem> {
        let mut tx = self.system().begin(tenant).await?;
        let known = registro::empezar(&mut tx, complemento, operacion, clave).await?;
        tx.commit().await?;
        Ok(known)
    }

    /// After it. What cannot be noted is lost to the next attempt and to nobody else.
    pub(super) async fn anotar_respuesta(&self, tenant: TenantId, complemento: &str, operacion: &str, clave: &str, referencia: &str) {
        let noted = async {
            let mut tx = self.system().begin(tenant).await?;
            registro::respondida(&mut tx, complemento, operacion, clave, referencia).await?;
            tx.commit().await
        };
        if let Err(problem) = noted.await {
            tracing::warn!(estado = problem.status().as_u16(), "a provider's reference was not noted");
        }
    }
}
