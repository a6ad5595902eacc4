//! What plugins are asked to do under a key, and the reference that a provider gave.
use crate::store::operaciones as store;
use kernel::{Problem, Tx};

/// Notes an attempt before it is made; the reference that an earlier one was answered, as far as anybody knows.
pub async fn empezar(tx: &mut Tx, complemento: &str, operacion: &str, clave: &str) -> Result<Option<String>, Problem> {
    store::begin(tx, complemento, operacion, clave).await
}

/// What it was answered, by the call itself or by a webhook that brings the key back.
pub async fn respondida(tx: &mut Tx, complemento: &str, operacion: &str, clave: &str, referencia: &str) -> Result<(), Problem> {
    store::answered(tx, complemento, operacion, clave, referencia).await
}
